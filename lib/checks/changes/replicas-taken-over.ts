import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, nameOf, namespaceOf, numberOr, specOf } from '../world/values';
import { changesOf } from './changes';

/** A number that leaves the YAML becomes 1 in the cluster before an autoscaler has looked at it. */
export const replicasTakenOver: Rule = {
  name: 'replicas-taken-over',
  sentence: 'A number of pods leaves the YAML only once the cluster keeps it without us.',
  why: 'kubectl apply takes the field away, the API server fills in 1, and five of six pods are gone until the autoscaler counts again.',
  source:
    'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling',
  *find(world: World): Iterable<Finding> {
    const scalers = new Map(inventoryOf(world).pods.map(({ object, scaler }) => [object, scaler]));
    for (const { object, before } of changesOf(world).kept) {
      const was = numberOr(0, map(before['spec'])['replicas']);
      const scaler = scalers.get(object);
      if (!scaler || was < 2 || specOf(object)['replicas'] !== undefined) continue;
      const must = `stay ${was} until the ${String(scaler.manifest['kind'])} keeps the number`;
      yield { object, field: 'spec.replicas', must, got: undefined, fix: handOver(object.manifest) };
    }
  },
};

/** The lines that make kubectl forget the number. Server-side, one more manager of the field keeps it. */
function handOver(manifest: Manifest): string {
  const what = `kubectl -n ${namespaceOf(manifest)} apply edit-last-applied ${String(manifest['kind']).toLowerCase()}/${nameOf(manifest)}`;
  return `before the apply, take the line away with "${what}" (docs/rollouts.md has the way for server-side apply), then leave the rule out for one release`;
}
