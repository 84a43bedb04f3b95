import type { Manifest } from '../support/edit';

/** What goes first: what leads to pods, what makes them, then the rest, and at the end what they had while they ran. */
const STEPS: readonly RegExp[] = [
  /Route$|^Ingress|^VirtualService$/,
  /^(?:HorizontalPodAutoscaler|ScaledObject|VerticalPodAutoscaler)$/,
  /^(?:CronJob|Deployment|DaemonSet|StatefulSet|Rollout|ReplicaSet|Job|Pod)$/,
  /^(?!NetworkPolicy|CiliumNetworkPolicy|AuthorizationPolicy|ServiceAccount|Role|ConfigMap)/,
  /^(?:NetworkPolicy|CiliumNetworkPolicy|AuthorizationPolicy)$/,
  /^RoleBinding$/,
  /^(?:Role|ServiceAccount|ConfigMap)/,
];

/** Whether kubectl waits for the pods that an object has made. */
export function makesPods({ kind }: Manifest): boolean {
  return STEPS[2]?.test(String(kind)) === true;
}

function stepOf({ kind }: Manifest): number {
  return STEPS.findIndex((kinds) => kinds.test(String(kind)));
}

/** Objects in the order in which they are deleted; those of one step as they are. */
export function inOrder(objects: readonly Manifest[]): Manifest[] {
  return [...objects].sort((one, other) => stepOf(one) - stepOf(other));
}

/** Objects by what one command deletes. */
export function commandsOf(objects: readonly Manifest[]): Manifest[][] {
  const commands: Manifest[][] = [];
  for (const object of objects) {
    const last = commands.at(-1);
    if (last?.[0] && stepOf(last[0]) === stepOf(object)) last.push(object);
    else commands.push([object]);
  }
  return commands;
}
