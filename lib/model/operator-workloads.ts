import type { Manifest } from '../support/edit';
import type { FinishedObject } from './world';
import type { ContainerVariables } from './variables';
import type { Inventory } from './inventory';
import { solversOf } from './made-objects';
import { list, map, maps, nameIn, nameOf, namespaceOf, numberOr, once, specOf, text, valueAt } from './values';
import type { Pod, Container } from './pods';

/**
 * Pods that operators make, as a quota counts them: how many there are and what their containers ask for. All else
 * of them is the operator's, and no other rule looks at it.
 */
export const operatorWorkloads = once((inventory: Inventory): readonly Pod[] => [
  ...inventory.ofKind('Cluster').map((object) => clusterWorkload(object, inventory)),
  ...inventory.ofKind('Pooler').map(poolerWorkload),
  ...inventory.ofKind('Issuer').flatMap((object) => solverWorkload(object, inventory)),
  ...inventory.ofKind('Gateway').flatMap(proxyWorkload),
]);

/** Sizes of the volumes of a Cluster's instances, as they are written. */
export function clusterVolumes({ storage, walStorage, tablespaces }: Manifest): unknown[] {
  const volumes = [storage, walStorage, ...maps(tablespaces).map((space): unknown => space['storage'])];
  return volumes.flatMap((volume) => map(volume)['size'] ?? []);
}

/** A lost instance is made again in its place: there are never more. */
function clusterWorkload(object: FinishedObject, inventory: Inventory): Pod {
  const spec = specOf(object);
  const own = containerOf('spec', { resources: spec['resources'] });
  const plugins = maps(spec['plugins']).flatMap(({ parameters }) => nameIn(map(parameters)['barmanObjectName']) ?? []);
  const stores = inventory.ofKind('ObjectStore').filter(({ manifest }) => plugins.includes(nameOf(manifest) ?? ''));
  const sidecars = stores.map(({ manifest }) =>
    containerOf('spec.plugins', { resources: valueAt(manifest, 'spec.instanceSidecarConfiguration.resources') }),
  );
  return workloadOf(object, [own, ...sidecars], numberOr(1, spec['instances']));
}

function poolerWorkload(object: FinishedObject): Pod {
  const { instances, template, deploymentStrategy } = specOf(object);
  const pods = numberOr(1, instances);
  const { rollingUpdate, type } = map(deploymentStrategy);
  const surge = type === 'Recreate' ? 0 : numberOr(Math.ceil(pods / 4), map(rollingUpdate)['maxSurge']);
  const { containers, initContainers } = map(map(template)['spec']);
  const path = 'spec.template.spec';
  const described = maps(containers).map((container, index) => containerOf(`${path}.containers[${index}]`, container));
  const main = list(containers).length > 0 ? described : [containerOf(path, {})];
  const init = maps(initContainers).map((container, index) => containerOf(`${path}.initContainers[${index}]`, container, true));
  return workloadOf(object, [...init, ...main], pods + surge);
}

/** What cert-manager asks for where nothing else is said (https://cert-manager.io/docs/cli/controller/). */
const SOLVER = { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '100m', memory: '64Mi' } };

/** A pod for each host of each certificate that is asked for by HTTP, all at a time: they are renewed together. */
function solverWorkload(object: FinishedObject, inventory: Inventory): Pod[] {
  const { manifest } = object;
  const [template] = solversOf(specOf(object));
  if (template === undefined) return [];
  const certificates = inventory.ofKind('Certificate').filter((one) => {
    const { kind = 'Issuer', name } = map(specOf(one)['issuerRef']);
    return kind === 'Issuer' && name === nameOf(manifest) && namespaceOf(one.manifest) === namespaceOf(manifest);
  });
  const hosts = certificates.reduce((sum, one) => sum + list(specOf(one)['dnsNames']).length, 0);
  const resources = valueAt(template, 'podTemplate.spec.resources') ?? SOLVER;
  return hosts === 0 ? [] : [workloadOf(object, [containerOf('spec.acme.solvers', { resources })], hosts)];
}

/** What the proxies ask for that a class of Gateways, by its usual name, starts beside them; a LimitRange fills in the rest. */
const PROXIES: Readonly<Record<string, Manifest>> = {
  istio: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '2', memory: '1Gi' } },
  nginx: {},
  kgateway: {},
};

/** One proxy, and one more while it is replaced. */
function proxyWorkload(object: FinishedObject): Pod[] {
  const className = text(specOf(object)['gatewayClassName']) ?? '';
  if (!Object.hasOwn(PROXIES, className)) return [];
  return [workloadOf(object, [containerOf('spec', { resources: PROXIES[className] })], 2)];
}

const NO_VARIABLES: ContainerVariables = { byName: new Map(), complete: false };

function containerOf(path: string, spec: Manifest, init = false): Container {
  return { path, spec, init, endsFirst: init, variables: NO_VARIABLES };
}

function workloadOf(object: FinishedObject, containers: readonly Container[], pods: number): Pod {
  const { manifest } = object;
  const names = { kind: text(manifest['kind']) ?? '', namespace: namespaceOf(manifest), name: nameOf(manifest) ?? '' };
  const replicas = { least: pods, most: pods };
  return { ...names, object, path: 'spec', spec: {}, labels: {}, containers, ephemeral: [], task: false, replicas };
}
