import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, namespaceOf } from '../world/values';
import type { Pod, Container } from '../world/pods';
import { amountOf, type Effective, type Limits, limitsOf, resourcesOf } from './limit-ranges';

/** A pod outside of the namespace's limits is refused when its controller makes it, long after the apply. */
export const limitsFit: Rule = {
  name: 'limits-fit',
  sentence: 'Containers and volumes stay within the LimitRange of their namespace, its defaults included.',
  why: 'The Deployment is accepted and none of its pods is: the rollout stands still, and only the events of the ReplicaSet say why.',
  source: 'https://kubernetes.io/docs/concepts/policy/limit-range/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    if (inventory.ofKind('LimitRange').length === 0) return;
    const namespaces = new Map<string, readonly Limits[]>();
    for (const workload of inventory.pods) {
      const lines = namespaces.get(workload.namespace) ?? limitsOf(workload.namespace, inventory);
      namespaces.set(workload.namespace, lines);
      for (const container of lines.length > 0 ? workload.containers : []) {
        const got = resourcesOf(inventory).get(container);
        if (got) yield* ofContainer(workload, container, got, lines);
      }
    }
    for (const object of inventory.ofKind('PersistentVolumeClaim')) {
      const requests = map(map(map(object.manifest['spec'])['resources'])['requests']);
      for (const line of limitsOf(namespaceOf(object.manifest), inventory).filter(
        ({ type }) => type === 'PersistentVolumeClaim',
      )) {
        for (const fault of outside(requests, 'storage', line)) {
          yield { object, field: 'spec.resources.requests.storage', ...fault };
        }
      }
    }
  },
};

function* ofContainer({ object }: Pod, container: Container, got: Effective, lines: readonly Limits[]): Iterable<Finding> {
  const own = map(map(container.spec['resources'])['limits']);
  const field = (part: string, resource: string) => `${container.path}.resources.${part}.${resource}`;
  for (const resource of Object.keys(got.limits)) {
    const [limit, request] = [amountOf(got.limits, resource), amountOf(got.requests, resource)];
    if (own[resource] !== undefined || limit === undefined || request === undefined || request <= limit) continue;
    const must = `be given, because the default limit of the namespace, ${got.limits[resource]}, is below the request`;
    const fix = `set it to ${got.requests[resource]} or more`;
    yield { object, field: field('limits', resource), must, got: undefined, fix };
  }
  for (const line of lines.filter(({ type }) => type === 'Container')) {
    const bounded = new Set([...Object.keys(line.min), ...Object.keys(line.max)]);
    for (const part of ['requests', 'limits'] as const) {
      for (const resource of bounded) {
        for (const fault of outside(got[part], resource, line)) yield { object, field: field(part, resource), ...fault };
      }
    }
    yield* tooFarApart(got, line, (resource) => ({ object, field: field('limits', resource) }));
  }
}

function* outside(quantities: Manifest, resource: string, { min, max }: Limits): Iterable<Pick<Finding, 'must' | 'got' | 'fix'>> {
  const amount = amountOf(quantities, resource);
  const [least, most] = [amountOf(min, resource), amountOf(max, resource)];
  const got: unknown = quantities[resource];
  const fix = 'change it, or the LimitRange';
  if (amount === undefined) return;
  if (least !== undefined && amount < least)
    yield { must: `be at least ${min[resource]}, the minimum of the LimitRange`, got, fix };
  if (most !== undefined && amount > most) yield { must: `be at most ${max[resource]}, the maximum of the LimitRange`, got, fix };
}

type Place = Pick<Finding, 'object' | 'field'>;

function* tooFarApart(got: Effective, line: Limits, place: (resource: string) => Place): Iterable<Finding> {
  for (const resource of Object.keys(line.maxLimitRequestRatio)) {
    const ratio = amountOf(line.maxLimitRequestRatio, resource);
    const [limit, request] = [amountOf(got.limits, resource), amountOf(got.requests, resource)];
    if (ratio === undefined || limit === undefined || !request || limit / request <= ratio) continue;
    const must = `be at most ${line.maxLimitRequestRatio[resource]} times the request of ${got.requests[resource]}`;
    yield { ...place(resource), must, got: got.limits[resource], fix: 'lower the limit or raise the request' };
  }
}
