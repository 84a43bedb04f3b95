import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { operatorWorkloads } from '../../model/operator-workloads';
import type { Container, Pod } from '../../model/pods';
import { map, maps, namespaceOf, once, scalar } from '../../model/values';

/** A line of a LimitRange, with what Kubernetes fills in. */
export interface Limits {
  readonly object: FinishedObject;
  readonly type: string;
  /** Quantities as they are written, by resource. */
  readonly min: Manifest;
  readonly max: Manifest;
  readonly maxLimitRequestRatio: Manifest;
  /** Limits and requests of a container that says nothing. */
  readonly limits: Manifest;
  readonly requests: Manifest;
}

/** What a container asks for and may use once a namespace's defaults are in. */
export interface Effective {
  readonly requests: Manifest;
  readonly limits: Manifest;
}

/** The lines of a namespace's LimitRanges. */
export function limitsOf(namespace: string, inventory: Inventory): readonly Limits[] {
  const objects = inventory.ofKind('LimitRange').filter((object) => namespaceOf(object.manifest) === namespace);
  return objects.flatMap((object) =>
    maps(map(object.manifest['spec'])['limits']).map((line) => {
      const [min, max] = [map(line['min']), map(line['max'])];
      const limits = { ...max, ...map(line['default']) };
      const requests = { ...min, ...limits, ...map(line['defaultRequest']) };
      const maxLimitRequestRatio = map(line['maxLimitRequestRatio']);
      return { object, type: scalar(line['type']) ?? '', min, max, maxLimitRequestRatio, limits, requests };
    }),
  );
}

/** A container's resources as the API server stores them. */
function effective(container: Manifest, lines: readonly Limits[]): Effective {
  const { requests, limits } = map(container['resources']);
  const own = map(limits);
  const filled = lines.filter(({ type }) => type === 'Container');
  return {
    limits: Object.assign({}, ...filled.map((line) => line.limits), own) as Manifest,
    // A limit of its own is a container's request too, before the namespace has its say.
    requests: Object.assign({}, ...filled.map((line) => line.requests), own, map(requests)) as Manifest,
  };
}

/** What every container asks for and may use, those of no LimitRange too. */
export const resourcesOf = once((inventory: Inventory): ReadonlyMap<Container, Effective> => {
  const linesOf = linesByNamespace(inventory);
  const all = [...inventory.pods, ...operatorWorkloads(inventory)];
  return new Map(
    all.flatMap(({ namespace, containers }) =>
      containers.map((container) => [container, effective(container.spec, linesOf(namespace))] as const),
    ),
  );
});

/** The same, each namespace read once. */
function linesByNamespace(inventory: Inventory): (namespace: string) => readonly Limits[] {
  const known = new Map<string, readonly Limits[]>();
  return (namespace) => {
    const lines = known.get(namespace) ?? limitsOf(namespace, inventory);
    known.set(namespace, lines);
    return lines;
  };
}

/** The number behind a quantity; undefined where there is none. */
export function amountOf(quantities: Manifest, resource: string): number | undefined {
  const quantity: unknown = quantities[resource];
  return quantity === undefined ? undefined : parseQuantity(quantity);
}

export const limitsFit: Rule = {
  name: 'limits-fit',
  sentence: 'Containers and volumes stay within the LimitRange of their namespace, its defaults included.',
  why: 'The Deployment is accepted and none of its pods is: the rollout stands still, and only the events of the ReplicaSet say why.',
  source: 'https://kubernetes.io/docs/concepts/policy/limit-range/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    if (inventory.ofKind('LimitRange').length === 0) return;
    const linesOf = linesByNamespace(inventory);
    for (const workload of inventory.pods) {
      const lines = linesOf(workload.namespace);
      for (const container of lines.length > 0 ? workload.containers : []) {
        const got = resourcesOf(inventory).get(container);
        if (got) yield* ofContainer(workload, container, got, lines);
      }
    }
    for (const object of inventory.ofKind('PersistentVolumeClaim')) {
      const requests = map(map(map(object.manifest['spec'])['resources'])['requests']);
      for (const line of linesOf(namespaceOf(object.manifest)).filter(({ type }) => type === 'PersistentVolumeClaim')) {
        for (const fault of outside(requests, 'storage', line))
          yield { object, field: 'spec.resources.requests.storage', ...fault };
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
