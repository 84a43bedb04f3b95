import { addressesIn, placeOf, type NamedAddress } from '../../support/addresses';
import type { Finding, Rule, World } from '../rule';
import type { ContainerVariable } from '../../model/variables';
import { inventoryOf } from '../../model/inventory';
import { isPublicHost } from '../../model/routes';
import { map, maps, scalar, valueAt } from '../../model/values';
import type { Pod, Container } from '../../model/pods';
import { isLinkName, isOwnSetting, protocolOf } from './variable-names';
import { either, remedy, type Remedy } from '../../model/remedy';

export const localAddresses: Rule = {
  name: 'local-addresses',
  sentence: 'At an address in the pod, such as 127.0.0.1 in the URL of a database, a container of the pod listens by then.',
  why: 'A URL copied from a laptop, or a proxy that one of the pods does not have: the program connects to itself, nobody answers, and the migration or the whole roll-out ends there.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking',
  *find(world) {
    if (inventoryOf(world).ofKind('AuthProxyWorkload').length > 0) return;
    for (const workload of inventoryOf(world).pods) {
      // Such a pod has the addresses of its node, and others get containers that stand in no YAML.
      if (workload.spec['hostNetwork'] === true || isInjected(workload)) continue;
      for (const container of workload.containers) yield* ofContainer(container, workload, world);
    }
  },
};

function* ofContainer(container: Container, workload: Pod, world: World): Iterable<Finding> {
  for (const variable of container.variables.byName.values()) {
    for (const address of localIn(variable, container, world)) {
      const wrong = wrongAt(address.ports, container, workload);
      if (wrong === undefined) continue;
      const { name, object, field, secret } = variable;
      const ports = address.ports.join(' or ');
      const got = secret === undefined ? `${address.host}:${ports}` : `${address.host}:${ports} in the Secret ${secret}`;
      yield { object, field: field || `${container.path}.env.${name}`, got, ...wrong };
    }
  }
}

type Wrong = Remedy & Pick<Finding, 'must'>;

/** What is wrong with an address in the pod at one of some ports; undefined where somebody listens, or may. */
function wrongAt(ports: readonly number[], container: Container, { containers, kind, name }: Pod): Wrong | undefined {
  const listens = (one: Container): boolean => portsOf(one).some((port) => ports.includes(port));
  const others = containers.filter((one) => !one.endsFirst || one === container);
  const there = others.filter(listens);
  if (there.length === 0) {
    // Nobody knows what one listens on that does not say it; a release does not listen as a database.
    if (others.some((one) => one !== container && portsOf(one).length === 0)) return undefined;
    const must = `lead to a port that a container of ${kind} ${name} declares`;
    const proxy = either(
      'a proxy in the pod is a container that declares its ports',
      "a proxy in the pod is a sidecar with 'ports'",
    );
    const way = remedy`write the Service or the host of what is meant; ${proxy}, in every pod that connects; for an address that the program only writes down, leave the rule out with the reason`;
    return { must, ...way };
  }
  if (!container.endsFirst || there.some((one) => containers.indexOf(one) <= containers.indexOf(container) && isEarly(one)))
    return undefined;
  const [late] = there;
  const must = `lead to what is there before ${scalar(container.spec['name'])}, which runs before ${scalar(late?.spec['name'])} is started`;
  const fix = "make that a native sidecar before it: an init container with restartPolicy: 'Always'";
  return { must, fix };
}

function isEarly({ path }: Container): boolean {
  return path.includes('.initContainers[');
}

function portsOf({ spec }: Container): number[] {
  return maps(spec['ports']).map(({ containerPort }) => Number(containerPort));
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|::1)$/;
/** A program listens there itself. */
const LISTENS = /LISTEN|BIND|(?:^|_)IP$|ALLOW|TRUST|ORIGIN|CORS|DENY/i;

/** Addresses in the pod that a variable leads to, with the ports of which one is meant. */
function localIn({ name, value }: ContainerVariable, container: Container, world: World): readonly NamedAddress[] {
  if (value === undefined || !/localhost|127\.|::1/.test(value) || isOwnSetting(name) || LISTENS.test(name)) return [];
  if (world.backingServices?.some(({ variable, address }) => variable === name && address === undefined)) return [];
  return (hostIn(name, value, container) ?? addressesIn(value)).filter(({ host, ports, scheme }) => {
    if (!LOOPBACK.test(host) || ports.length === 0) return false;
    if (scheme === undefined) return protocolOf(name) !== undefined;
    const web = /^(?:https?|wss?)$/.test(scheme);
    // Browsers open it, or the pod itself answers there.
    return !web || !(isLinkName(name) || isPublicHost(world)(host) || value.includes(','));
  });
}

/** `REDIS_HOST` with `REDIS_PORT`, or the ports that are usual for what the name speaks of. */
function hostIn(name: string, value: string, { variables: { byName } }: Container): NamedAddress[] | undefined {
  if (!/HOST(?:NAME)?$|SERVER$|ADDR(?:ESS)?$/i.test(name) || value.includes('/')) return undefined;
  const place = placeOf(value);
  if (place === undefined || protocolOf(name) === undefined) return [];
  const beside = Number(byName.get(name.replace(/(?:HOST(?:NAME)?|SERVER|ADDR(?:ESS)?)$/i, 'PORT'))?.value ?? NaN);
  const ports = place.ports.length > 0 ? place.ports : Number.isInteger(beside) ? [beside] : (protocolOf(name)?.ports ?? []);
  return [{ ...place, ports }];
}

/** What has pods changed when they are made, by the annotations and labels that ask for it; Istio's proxy serves no program. */
const ASKS = /(?:^|[./-])(?:inject|agent-inject|connect-inject|enabled)$|^sidecar\.jaegertracing\.io\/inject/;

function isInjected({ object, path, labels }: Pod): boolean {
  const at = path === 'spec' ? 'metadata' : path.replace(/spec$/, 'metadata');
  const annotations = map(valueAt(object.manifest, `${at}.annotations`));
  return Object.entries({ ...labels, ...annotations }).some(
    ([name, value]) => ASKS.test(name) && !name.includes('istio') && !/^(?:false|disabled|no)$/i.test(scalar(value) ?? ''),
  );
}
