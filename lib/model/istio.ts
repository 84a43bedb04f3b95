import type { Manifest } from '../support/edit';
import { parseQuantity } from '../support/parse-quantity';
import type { FinishedObject, World } from './world';
import { accountOf } from './accounts';
import type { Port } from './fences';
import { type Inventory, inventoryOf } from './inventory';
import { podMetadata, type Pod } from './pods';
import { selectorMatches } from './selectors';
import { labelsOf, list, map, maps, nameOf, namespaceOf, once, scalar, scalars, specOf } from './values';

/** The proxy that Istio's injector adds to the pods of a workload; it stands in no manifest. */
export interface Sidecar {
  /** Where the annotations of the pods stand in their object. */
  readonly path: string;
  readonly annotations: Manifest;
  /** What `sidecar.istio.io/nativeSidecar` says; where it says nothing, the control plane decides. */
  readonly native: boolean | undefined;
  /** What it asks for and may use; what a LimitRange fills in is left out. */
  readonly requests: Manifest;
  readonly limits: Manifest;
}

/** The injected sidecars of an environment. */
export const sidecarsOf = once((inventory: Inventory): ReadonlyMap<Pod, Sidecar> => {
  const namespaces = new Map(inventory.ofKind('Namespace').map(({ manifest }) => [nameOf(manifest), labelsOf(manifest)]));
  const found = new Map<Pod, Sidecar>();
  for (const pod of inventory.pods) {
    const { path, metadata } = podMetadata(pod);
    const annotations = map(metadata['annotations']);
    if (!isInjected(pod.labels, annotations, map(namespaces.get(pod.namespace)))) continue;
    const said = scalar(annotations['sidecar.istio.io/nativeSidecar']);
    const native = said === undefined ? undefined : said === 'true';
    found.set(pod, { path: `${path}.annotations`, annotations, native, ...resourcesOf(annotations) });
  }
  return found;
});

/** How much of a resource a sidecar asks for, or may use. */
export function sidecarQuantity(sidecar: Sidecar | undefined, part: 'requests' | 'limits', resource: string): number {
  return parseQuantity(sidecar?.[part][resource]) ?? 0;
}

/** https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy */
function isInjected(labels: Manifest, annotations: Manifest, namespace: Manifest): boolean {
  const said = scalar(labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject']);
  if (namespace['istio-injection'] === 'disabled' || said === 'false') return false;
  if (said === 'true' || labels['istio.io/rev'] !== undefined) return true;
  return namespace['istio-injection'] === 'enabled' || namespace['istio.io/rev'] !== undefined;
}

/** What Istio's own charts ask for where no annotation says anything. */
const USUAL = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '2', memory: '1Gi' } };

function resourcesOf(annotations: Manifest): Pick<Sidecar, 'requests' | 'limits'> {
  const said = (name: string, resource: string): Manifest => {
    const quantity = scalar(annotations[`sidecar.istio.io/${name}`]);
    return quantity === undefined ? {} : { [resource]: quantity };
  };
  const limits = { ...said('proxyCPULimit', 'cpu'), ...said('proxyMemoryLimit', 'memory') };
  const requests = { ...said('proxyCPU', 'cpu'), ...said('proxyMemory', 'memory') };
  if (Object.keys({ ...limits, ...requests }).length === 0) return USUAL;
  return { limits, requests: { ...limits, ...requests } };
}

/** The AuthorizationPolicies of Istio that say who may call the pods of a workload. Without any, all may. */
export function allowing(receiver: Pod, world: World): FinishedObject[] {
  const inventory = inventoryOf(world);
  if (!sidecarsOf(inventory).has(receiver)) return [];
  return inventory.ofKind('AuthorizationPolicy').filter((object) => {
    const { action = 'ALLOW', selector, targetRefs, targetRef } = specOf(object);
    const near = namespaceOf(object.manifest) === receiver.namespace && (targetRefs ?? targetRef) === undefined;
    return near && action === 'ALLOW' && selectorMatches(selector, receiver.labels);
  });
}

/**
 * Whether some of those policies let a pod call a port. What cannot be judged here, such as tokens and paths, is taken to fit.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
export function mayCall(
  policies: readonly FinishedObject[],
  { sender, receiver, port }: { sender: Pod; receiver: Pod; port: Port },
  inventory: Inventory,
): boolean {
  const sidecars = sidecarsOf(inventory);
  const goesPast = (workload: Pod, way: 'Inbound' | 'Outbound') =>
    portList(sidecars.get(workload)?.annotations[`traffic.sidecar.istio.io/exclude${way}Ports`]).includes(port.number);
  if (policies.length === 0 || port.protocol !== 'TCP' || goesPast(receiver, 'Inbound')) return true;
  // Who goes past its own sidecar, or has none, shows no certificate.
  const identity = sidecars.has(sender) && !goesPast(sender, 'Outbound') ? sender : undefined;
  return policies
    .flatMap((object) => maps(specOf(object)['rules']))
    .some(
      ({ from, to }) =>
        (list(to).length === 0 || maps(to).some(({ operation }) => isAt(map(operation), port))) &&
        (list(from).length === 0 || maps(from).some(({ source }) => isFrom(map(source), identity))),
    );
}

function isAt({ ports }: Manifest, { number }: Port): boolean {
  return list(ports).length === 0 || scalars(ports).some((one) => fits(one, `${number}`));
}

function isFrom(source: Manifest, sender: Pod | undefined): boolean {
  const account = sender && accountOf(sender);
  // The domain of the trust is not known here.
  const who = sender ? `ns/${sender.namespace}/sa/${account}` : undefined;
  const is = (one: string) => who !== undefined && (one === '*' || fits(one, who) || one.endsWith(`/${who}`));
  const near = (one: string) => sender !== undefined && fits(one, sender.namespace);
  const runs = (one: string) => one === account || one === `${sender?.namespace}/${account}`;
  const { principals, notPrincipals, namespaces, notNamespaces, serviceAccounts } = source;
  return (
    some(principals, is) &&
    some(namespaces, near) &&
    some(serviceAccounts, runs) &&
    !scalars(notPrincipals).some(is) &&
    !scalars(notNamespaces).some(near)
  );
}

function some(words: unknown, fitting: (word: string) => boolean): boolean {
  return list(words).length === 0 || scalars(words).some(fitting);
}

/** Istio's words may begin or end with a star. */
function fits(word: string, value: string): boolean {
  if (word.startsWith('*')) return value.endsWith(word.slice(1));
  return word.endsWith('*') ? value.startsWith(word.slice(0, -1)) : word === value;
}

function portList(annotation: unknown): number[] {
  return (scalar(annotation) ?? '').split(',').map((text) => Number(text.trim() || NaN));
}
