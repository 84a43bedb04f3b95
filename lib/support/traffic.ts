import type { Traffic } from './facts';

/** What was declared of each controller's pods, together: a release says what its pods send, their Deployment that they are there. */
export function mergedTraffic(traffic: readonly Traffic[]): Traffic[] {
  const merged = new Map<string, Traffic>();
  for (const one of traffic) {
    const known = merged.get(one.pods);
    merged.set(one.pods, known ? merge(known, one) : one);
  }
  return [...merged.values()];
}

function merge(one: Traffic, other: Traffic): Traffic {
  const serves = union([one.serves, other.serves]);
  const metrics = union([one.metrics, other.metrics]);
  return {
    ...one,
    sends: [...new Map([...one.sends, ...other.sends].map((opening) => [JSON.stringify(opening), opening])).values()],
    reaches: [...new Set([...(one.reaches ?? []), ...(other.reaches ?? [])])],
    ...(serves.length > 0 ? { serves } : {}),
    ...(metrics.length > 0 ? { metrics } : {}),
    monitored: one.monitored === true || other.monitored === true,
    reachesOut: one.reachesOut || other.reachesOut,
  };
}

function union(ports: readonly (number | readonly number[] | undefined)[]): number[] {
  return [...new Set(ports.flatMap((some) => some ?? []))];
}
