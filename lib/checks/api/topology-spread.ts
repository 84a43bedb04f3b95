import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { isQualifiedName } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { map, maps } from '../world/values';
import { isBelow } from './numbers';

type Fault = Omit<Finding, 'object'>;

/** How pods are spread over zones and nodes. */
export const topologySpread: Rule = {
  name: 'topology-spread',
  sentence: 'Spread constraints have a skew of 1 or more, and fields that fit together.',
  why: 'The API server refuses the pod template, with the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition',
  *find(world: World): Iterable<Finding> {
    for (const { object, path, spec } of inventoryOf(world).pods) {
      for (const [index, constraint] of maps(spec['topologySpreadConstraints']).entries()) {
        for (const fault of faultsOf(constraint))
          yield { ...fault, object, field: `${path}.topologySpreadConstraints[${index}].${fault.field}` };
      }
    }
  },
};

function* faultsOf(constraint: Manifest): Iterable<Fault> {
  const { maxSkew, minDomains, whenUnsatisfiable, labelSelector, matchLabelKeys } = constraint;
  if (isBelow(maxSkew, 1)) yield { field: 'maxSkew', must: 'be 1 or more', got: maxSkew, fix: 'write 1' };
  if (isBelow(minDomains, 1))
    yield { field: 'minDomains', must: 'be 1 or more', got: minDomains, fix: 'write the number of zones, or leave it out' };
  else if (typeof minDomains === 'number' && whenUnsatisfiable !== 'DoNotSchedule') {
    const must = 'stand with whenUnsatisfiable: DoNotSchedule alone';
    yield { field: 'minDomains', must, got: minDomains, fix: 'leave it out' };
  }
  if (!Array.isArray(matchLabelKeys) || matchLabelKeys.length === 0) return;
  const odd: unknown = matchLabelKeys.find((key) => typeof key === 'string' && !isQualifiedName(key));
  if (odd !== undefined) yield { field: 'matchLabelKeys', must: 'be keys of labels', got: odd, fix: 'write pod-template-hash' };
  if (labelSelector === undefined || labelSelector === null) {
    yield {
      field: 'matchLabelKeys',
      must: 'stand beside a labelSelector',
      got: matchLabelKeys,
      fix: 'add the selector of the pods',
    };
    return;
  }
  const { matchLabels, matchExpressions } = map(labelSelector);
  const selected = new Set([...Object.keys(map(matchLabels)), ...maps(matchExpressions).map(({ key }): unknown => key)]);
  const both: unknown = matchLabelKeys.find((key) => selected.has(key));
  if (both === undefined) return;
  yield { field: 'matchLabelKeys', must: 'name no label of labelSelector', got: both, fix: 'leave it in one of the two' };
}
