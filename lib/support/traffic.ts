import type { Traffic } from './network';

/**
 * What was declared of each controller's pods, together: a release says what its pods send, their Deployment that they are there.
 * Servers come first, then what keeps running beside them, then what runs once, each by its name.
 */
export function mergedTraffic(traffic: readonly Traffic[]): Traffic[] {
  const merged = new Map<string, Traffic>();
  for (const one of traffic) {
    const known = merged.get(one.pods);
    merged.set(one.pods, known ? merge(known, one) : one);
  }
  return [...merged.values()].sort((one, other) => rank(one) - rank(other) || (one.pods < other.pods ? -1 : 1));
}

function rank({ ends = false, reachesOut }: Traffic): number {
  return ends ? 2 : reachesOut ? 1 : 0;
}

function merge(one: Traffic, other: Traffic): Traffic {
  const serves = union([one.serves, other.serves]);
  const metrics = union([one.metrics, other.metrics]);
  return {
    ...one,
    labels: { ...other.labels, ...one.labels },
    sends: [...new Map([...one.sends, ...other.sends].map((opening) => [JSON.stringify(opening), opening])).values()],
    reaches: [...new Set([...(one.reaches ?? []), ...(other.reaches ?? [])])],
    ...(serves.length > 0 ? { serves } : {}),
    lets: [...(one.lets ?? []), ...(other.lets ?? [])],
    ...(metrics.length > 0 ? { metrics } : {}),
    monitored: one.monitored === true || other.monitored === true,
    reachesOut: one.reachesOut || other.reachesOut,
    ends: one.ends === true || other.ends === true,
  };
}

function union(ports: readonly (number | readonly number[] | undefined)[]): number[] {
  return [...new Set(ports.flatMap((some) => some ?? []))];
}
