import type { Manifest } from '../../support/edit';
import type { FinishedObject, World } from '../rule';
import { accountOf } from './accounts';
import type { Port } from './fence';
import { type Inventory, inventoryOf } from './inventory';
import { namespaceOf, specOf } from './objects';
import { selectorMatches } from './selects';
import { sidecarsOf } from './sidecars';
import { list, map, maps, scalar, scalars } from './values';
import type { Workload } from './workloads';

/** The AuthorizationPolicies of Istio that say who may call the pods of a workload. Without any, all may. */
export function allowing(receiver: Workload, world: World): FinishedObject[] {
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
  { sender, receiver, port }: { sender: Workload; receiver: Workload; port: Port },
  inventory: Inventory,
): boolean {
  const sidecars = sidecarsOf(inventory);
  const goesPast = (workload: Workload, way: 'Inbound' | 'Outbound') =>
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

function isFrom(source: Manifest, sender: Workload | undefined): boolean {
  const account = sender ? accountOf({ spec: sender.pod }) : undefined;
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
