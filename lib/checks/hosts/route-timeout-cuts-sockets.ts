import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';
import { waysToPhoenix, wrongWays, type Way } from './socket-ways';

const HOUR = 3600;

/** To some proxies a websocket is one request, and to all of them a long poll is. */
export const routeTimeoutCutsSockets: Rule = {
  name: 'route-timeout-cuts-sockets',
  sentence: 'No HTTPRoute limits the time of requests on paths of websockets to less than an hour.',
  why: 'Each LiveView is cut at that time, all browsers come back at once, and forms that somebody is filling in are lost.',
  source: 'https://gateway-api.sigs.k8s.io/geps/gep-1742/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    if (!inventory.ofKind('HTTPRoute').some(({ manifest }) => JSON.stringify(manifest).includes('"timeouts"'))) return;
    const seen = new Set<string>();
    for (const { object, field, rule } of wrongWays(waysToPhoenix(inventory), (way) => limitsOf(way).length === 0)) {
      for (const [name, got] of limitsOf({ rule })) {
        const at = `${field}.timeouts.${name}`;
        const key = `${object.construct.node.path} ${at}`;
        // A rule with two backends is one way for each of them.
        if (seen.has(key)) continue;
        seen.add(key);
        const fix = 'give the paths of sockets, /live and /socket, a rule of their own with 0s';
        yield { object, field: at, must: 'be 0s, or an hour and more, where websockets come', got, fix };
      }
    }
  },
};

/** The limits that are shorter than a websocket should live. */
function limitsOf({ rule }: Pick<Way, 'rule'>): [string, unknown][] {
  const { request, backendRequest } = map(rule['timeouts']);
  return Object.entries({ request, backendRequest }).filter(([, value]) => {
    const seconds = secondsOf(value);
    return seconds !== undefined && seconds > 0 && seconds < HOUR;
  });
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** A duration of the Gateway API: `1h30m`. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^(?:\d{1,5}(?:h|ms|m|s)){1,4}$/.test(value)) return undefined;
  const parts = [...value.matchAll(/(\d+)(ms|h|m|s)/g)];
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0);
}
