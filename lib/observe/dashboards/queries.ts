import type { Histogram } from '../../release/metrics/names';
import type { Observed } from '../alerts/alert';
import { quantile, quoted, select } from '../promql';

/** What a rate is taken over: as much as the resolution of the panel needs, four scrapes at least. */
export const WINDOW = '$__rate_interval';

/** The pods that are chosen, where they can be. */
export function chosen({ job }: Observed): string[] {
  return job === undefined ? [] : ['pod=~"$pod"'];
}

/** The series of an environment, of the pods that are chosen. */
export function ours(observed: Observed): string[] {
  return [`namespace=${quoted(observed.namespace)}`, ...chosen(observed)];
}

/** How much a counter grows in a second. */
export function rate(by: string, name: string, ...matchers: readonly string[]): string {
  return `sum by (${by}) (rate(${select(name, ...matchers)}[${WINDOW}]))`;
}

/** How many observations a second, or what they come to, whether Prometheus keeps them by buckets or as one native series. */
export function observations(
  what: 'count' | 'sum',
  by: string,
  { name }: Pick<Histogram, 'name'>,
  matchers: readonly string[],
): string {
  return `(${rate(by, `${name}_${what}`, ...matchers)} or histogram_${what}(${rate(by, name, ...matchers)}))`;
}

/** How much a counter grows in a second: by its name it may be that of a histogram. */
export function counted(by: string, name: string, matchers: readonly string[]): string {
  const [, histogram] = /^(.*)_count$/.exec(name) ?? [];
  return histogram === undefined ? rate(by, name, ...matchers) : observations('count', by, { name: histogram }, matchers);
}

/** What 95 of 100 observations are below. */
export function most(histogram: Histogram, by: readonly string[], matchers: readonly string[]): string {
  return quantile(0.95, histogram, by, WINDOW, ...matchers);
}

/** As Grafana calls the unit of a histogram. */
export function unitOf({ unit = 'milliseconds' }: Histogram): string {
  return unit === 'seconds' ? 's' : 'ms';
}
