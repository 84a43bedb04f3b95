import type { Manifest } from '../../support/edit';
import { inventoryOf } from '../../model/inventory';
import { map, nameOf, namespaceOf, numberOr, specOf } from '../../model/values';
import { eachKept, groupKind, isSame } from './changes';
import { onlyInLiteral, remedy, type Remedy } from '../../model/remedy';

export const imageAndSettingsApart = eachKept({
  name: 'image-and-settings-apart',
  sentence: 'A Cluster of CloudNativePG that switches over changes its image or its settings, not both at once.',
  why: 'The operator refuses the whole change, and everything else that the same apply holds waits for it.',
  source: 'https://cloudnative-pg.io/documentation/current/rolling_update/',
  *each({ object, before }) {
    if (groupKind(object.manifest) !== 'postgresql.cnpg.io/Cluster') return;
    const [was, is] = [map(before['spec']), map(object.manifest['spec'])];
    if (is['primaryUpdateMethod'] !== 'switchover' || isSame(was['imageName'], is['imageName'])) return;
    const [old, now] = [map(map(was['postgresql'])['parameters']), map(map(is['postgresql'])['parameters'])];
    const changed = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !isSame(old[name], now[name]));
    if (changed.length === 0) return;
    const must = `stay ${String(was['imageName'])} while settings change: ${changed.sort().join(', ')}`;
    const more = onlyInLiteral('; the memory and maxConnections change settings');
    yield { field: 'spec.imageName', must, got: is['imageName'], ...remedy`change one of them in a release of its own${more}` };
  },
});

export const replicasTakenOver = eachKept({
  name: 'replicas-taken-over',
  sentence: 'A number of pods leaves the YAML only once the cluster keeps it without us.',
  why: 'kubectl apply takes the field away, the API server fills in 1, and five of six pods are gone until the autoscaler counts again.',
  source:
    'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling',
  *each({ object, before }, world) {
    const was = numberOr(0, map(before['spec'])['replicas']);
    if (was < 2 || specOf(object)['replicas'] !== undefined) return;
    const { scaler } = inventoryOf(world).pods.find((pod) => pod.object === object) ?? {};
    if (!scaler) return;
    const must = `stay ${was} until the ${String(scaler.manifest['kind'])} keeps the number`;
    yield { field: 'spec.replicas', must, got: undefined, ...handOver(object.manifest) };
  },
});

/** The lines that make kubectl forget the number. Server-side, one more manager of the field keeps it. */
function handOver(manifest: Manifest): Remedy {
  const what = `kubectl -n ${namespaceOf(manifest)} apply edit-last-applied ${String(manifest['kind']).toLowerCase()}/${nameOf(manifest)}`;
  const more = onlyInLiteral(' (docs/rollouts.md has the way for server-side apply)');
  return remedy`before the apply, take the line away with "${what}"${more}, then leave the rule out for one release`;
}
