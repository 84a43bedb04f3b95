import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, namespaceOf } from '../world/values';
import { podMetadata } from '../world/pods';
import { type Direction, fencing } from '../world/fences';
import { fencesOf } from '../world/network-policies';

const DIRECTIONS: readonly Direction[] = ['Ingress', 'Egress'];

/** Without a policy every pod of the cluster may connect to this one, and it may connect to everything. */
export const networkFenced: Rule = {
  name: 'network-fenced',
  sentence: 'Every pod is fenced in by NetworkPolicies, both ways.',
  why: 'Whoever breaks into any pod of the cluster, of another team too, can talk to the database, and carry away what it answers.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    const fences = fencesOf(world);
    for (const pod of inventoryOf(world).pods) {
      const { object } = pod;
      const member = { namespace: namespaceOf(object.manifest), labels: map(pod.labels) };
      const open = DIRECTIONS.filter((direction) => fencing(fences, member, direction).length === 0);
      if (open.length === 0) continue;
      const fix = 'add a NetworkPolicy with an empty podSelector and both policyTypes, and one that opens what is needed';
      const must = `be selected by a NetworkPolicy for ${open.join(' and ')}`;
      yield { object, field: `${podMetadata(pod).path}.labels`, must, got: pod.labels, fix };
    }
  },
};
