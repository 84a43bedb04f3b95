import type { Histogram } from '../release/metrics/names';
import { literal } from '../support/literal';

/** A text of PromQL, in its quotes. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A matcher of one of some values. */
export function oneOf(label: string, values: readonly string[]): string {
  const [only = '', ...others] = values;
  return others.length === 0 ? `${label}=${quoted(only)}` : `${label}=~${quoted(values.map(literal).join('|'))}`;
}

/** The series of a name, which may have labels already, that match. */
export function select(name: string, ...matchers: readonly string[]): string {
  const [, bare = name, own] = /^([^{]*)\{(.*)\}$/.exec(name) ?? [];
  const all = [...matchers, ...(own ? [own] : [])];
  return all.length === 0 ? bare : `${bare}{${all.join(',')}}`;
}

/**
 * A bound of a bucket. Exporters write it as they please, `500` or `500.0`, and Prometheus 3 as the latter whatever they wrote:
 * https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values
 */
export function bound(value: number): string {
  return Number.isInteger(value) ? `le=~${quoted(`${value}(\\.0)?`)}` : `le="${value}"`;
}

/** A quantile of a histogram, whether Prometheus keeps it by buckets or as one native series. */
export function quantile(
  share: number,
  { name }: Histogram,
  by: readonly string[],
  window: string,
  ...matchers: string[]
): string {
  const [classic, native] = [['le', ...by].join(', '), by.join(', ')];
  return [
    `histogram_quantile(${share}, sum by (${classic}) (rate(${select(`${name}_bucket`, ...matchers)}[${window}])))`,
    `histogram_quantile(${share}, sum by (${native}) (rate(${select(name, ...matchers)}[${window}])))`,
  ].join(' or ');
}

/** The share of observations up to a bound, likewise. */
export function shareWithin(limit: number, { name }: Histogram, by: string, window: string, ...matchers: string[]): string {
  const sum = (series: string) => `sum by (${by}) (rate(${series}[${window}]))`;
  const inTime = sum(select(`${name}_bucket`, ...matchers, bound(limit)));
  return [
    `${inTime} / ${sum(select(`${name}_count`, ...matchers))}`,
    `histogram_fraction(0, ${limit}, ${sum(select(name, ...matchers))})`,
  ].join(' or ');
}

/** A time in the unit of a histogram. */
export function inUnit({ unit = 'milliseconds' }: Histogram, milliseconds: number): number {
  return unit === 'seconds' ? milliseconds / 1000 : milliseconds;
}
