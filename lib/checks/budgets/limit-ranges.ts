import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { FinishedObject } from '../rule';
import type { Inventory } from '../world/inventory';
import { map, maps, namespaceOf, once, scalar } from '../world/values';
import { operatorWorkloads } from '../world/operator-workloads';
import type { Container } from '../world/pods';

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
  const namespaces = new Map<string, readonly Limits[]>();
  const found = new Map<Container, Effective>();
  for (const { namespace, containers } of [...inventory.pods, ...operatorWorkloads(inventory)]) {
    const lines = namespaces.get(namespace) ?? limitsOf(namespace, inventory);
    namespaces.set(namespace, lines);
    for (const container of containers) found.set(container, effective(container.spec, lines));
  }
  return found;
});

/** The number behind a quantity; undefined where there is none. */
export function amountOf(quantities: Manifest, resource: string): number | undefined {
  const quantity: unknown = quantities[resource];
  return quantity === undefined ? undefined : parseQuantity(quantity);
}
