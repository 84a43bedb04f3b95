import type { Manifest } from '../support/edit';
import { parseQuantity } from '../support/quantity';
import type { FinishedObject } from './rule';
import { namespaceOf, type Index } from './workloads';
import { record, records, text } from './yaml-values';

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
export function limitsOf(namespace: string, index: Index): readonly Limits[] {
  const objects = index.ofKind('LimitRange').filter((object) => namespaceOf(object) === namespace);
  return objects.flatMap((object) =>
    records(record(object.manifest['spec'])['limits']).map((line) => {
      const [min, max] = [record(line['min']), record(line['max'])];
      const limits = { ...max, ...record(line['default']) };
      const requests = { ...min, ...limits, ...record(line['defaultRequest']) };
      const maxLimitRequestRatio = record(line['maxLimitRequestRatio']);
      return { object, type: text(line['type']) ?? '', min, max, maxLimitRequestRatio, limits, requests };
    }),
  );
}

/** A container's resources as the API server stores them. */
export function effective(container: Manifest, lines: readonly Limits[]): Effective {
  const { requests, limits } = record(container['resources']);
  const own = record(limits);
  const filled = lines.filter(({ type }) => type === 'Container');
  return {
    limits: Object.assign({}, ...filled.map((line) => line.limits), own) as Manifest,
    // A limit of its own is a container's request too, before the namespace has its say.
    requests: Object.assign({}, ...filled.map((line) => line.requests), own, record(requests)) as Manifest,
  };
}

/** The number behind a quantity; undefined where there is none. */
export function amountOf(quantities: Manifest, resource: string): number | undefined {
  const quantity: unknown = quantities[resource];
  return quantity === undefined ? undefined : parseQuantity(quantity);
}
