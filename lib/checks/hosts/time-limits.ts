import { eachOf, oncePerPlace } from '../each';
import type { FinishedObject } from '../rule';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { annotationsOf, map, maps, nameOf, namespaceOf, placesOf, scalar, text } from '../../model/values';
import { isPhoenix, routeLeadsToPhoenix, takesSocketPaths, type Way, waysToPhoenix, wrongWays } from './sockets';
import { either, remedy } from '../../model/remedy';

/** Phoenix's clients send a heartbeat this often, in seconds; between two of them a socket may be silent. */
const HEARTBEAT = 30;

/** Annotations of Ingress controllers that end a silent connection, in seconds or with a unit. */
const ANNOTATIONS: readonly string[] = [
  ...['proxy-read-timeout', 'proxy-send-timeout'].flatMap((name) => [`nginx.ingress.kubernetes.io/${name}`, `nginx.org/${name}`]),
  ...['timeout-tunnel', 'timeout-server'].flatMap((name) => [`haproxy-ingress.github.io/${name}`, `haproxy.org/${name}`]),
  'projectcontour.io/response-timeout',
];
const ALB = 'alb.ingress.kubernetes.io/load-balancer-attributes';

/** Those of load balancers before a Service, which are told in seconds; that of Azure is whole minutes, four or more. */
const BALANCERS = ['aws-load-balancer-connection-idle-timeout', 'do-loadbalancer-http-idle-timeout-seconds']
  .concat('oci-load-balancer-connection-idle-timeout')
  .map((name) => `service.beta.kubernetes.io/${name}`);
const LISTENER = 'service.beta.kubernetes.io/aws-load-balancer-listener-attributes.';

/** Policies beside a route or a Service, and where they say how long a stream may be silent or last. */
const POLICIES: Readonly<Record<string, readonly string[]>> = {
  BackendTrafficPolicy: ['spec.timeout.http.streamIdleTimeout', 'spec.timeout.http.requestTimeout'],
  ProxySettingsPolicy: ['spec.timeout.read', 'spec.timeout.send'],
  GCPBackendPolicy: ['spec.default.timeoutSec'],
  BackendConfig: ['spec.timeoutSec'],
  VirtualService: ['spec.http[].timeout'],
};

export const idleCutsSockets = eachOf(
  'Ingress',
  'Service',
  ...Object.keys(POLICIES),
)({
  name: 'idle-cuts-sockets',
  sentence: 'No proxy on the way of websockets ends them between two heartbeats, which are 30 seconds apart.',
  why: 'Each LiveView without a click is cut within half a minute, and all browsers reconnect for ever: a load that no user makes.',
  source: 'https://hexdocs.pm/phoenix/js/index.html#socket',
  *each(object, world) {
    const short = placesIn(object).filter(({ seconds = 0 }) => seconds > 0 && seconds <= HEARTBEAT);
    if (short.length === 0 || !carriesSockets(object, inventoryOf(world))) return;
    const must = `be more than the ${HEARTBEAT}s between two heartbeats of a socket`;
    const or = either(', or', ", as 'idle' of our routes does, or");
    const way = remedy`write an hour${or} leave the rule out for this object where there are no sockets`;
    for (const { field, got } of short) yield { field, must, got, ...way };
  },
});

interface Limit {
  readonly field: string;
  readonly got: unknown;
  readonly seconds: number | undefined;
}

function placesIn(object: FinishedObject): Limit[] {
  const places = POLICIES[String(object.manifest['kind'])]?.flatMap((place) => placesOf(object.manifest, place));
  return places?.map(({ field, value }) => ({ field, got: value, seconds: secondsIn(value) })) ?? annotated(object);
}

function annotated({ manifest }: FinishedObject): Limit[] {
  const annotations = annotationsOf(manifest);
  const limits = ANNOTATIONS.map((name) => ({ name, got: annotations[name] as unknown, text: annotations[name] as unknown }));
  const [, idle] = /idle_timeout\.timeout_seconds=(\d+)/.exec(scalar(annotations[ALB]) ?? '') ?? [];
  const balanced = Object.entries(annotations).flatMap(([name, got]: [string, unknown]) => {
    const [, seconds] = name.startsWith(LISTENER) ? (/tcp\.idle_timeout\.seconds=(\d+)/.exec(scalar(got) ?? '') ?? []) : [];
    return BALANCERS.includes(name) ? [{ name, got, text: got }] : [{ name, got, text: seconds }];
  });
  return [...limits, ...balanced, { name: ALB, got: annotations[ALB] as unknown, text: idle }].map(({ name, got, text }) => ({
    field: `metadata.annotations["${name}"]`,
    got,
    seconds: secondsIn(text),
  }));
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 };

/** A duration, in seconds where it has no unit. What is none, such as `infinity`, is not known. */
function secondsIn(value: unknown): number | undefined {
  const said = scalar(value);
  if (said === undefined) return undefined;
  if (/^\d{1,9}$/.test(said)) return Number(said);
  if (!/^(?:\d{1,9}(?:ms|s|m|h|d))+$/.test(said)) return undefined;
  return [...said.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
}

function carriesSockets(object: FinishedObject, inventory: Inventory): boolean {
  const { manifest } = object;
  if (manifest['kind'] === 'Service') return isPhoenix(object, inventory);
  if (manifest['kind'] === 'BackendConfig') return configures(object, inventory);
  const ways = waysToPhoenix(inventory).filter(takesSocketPaths);
  if (manifest['kind'] === 'Ingress') return ways.some((way) => way.object === object);
  if (manifest['kind'] === 'VirtualService') return routeLeadsToPhoenix(object, inventory);
  const { targetRefs, targetRef } = map(manifest['spec']);
  const targets = [...maps(targetRefs), ...(targetRef === undefined ? [] : [map(targetRef)])];
  const home = namespaceOf(manifest);
  const isTarget = (kind: string, { manifest: one }: FinishedObject) =>
    namespaceOf(one) === home && targets.some((target) => target['kind'] === kind && target['name'] === nameOf(one));
  return ways.some((way) => isTarget('HTTPRoute', way.object) || isTarget('Service', way.service) || isGatewayOf(way.object));
  function isGatewayOf({ manifest: route }: FinishedObject): boolean {
    const parents = maps(map(route['spec'])['parentRefs']);
    return parents.some(({ name, namespace }) =>
      targets.some(
        (target) => target['kind'] === 'Gateway' && target['name'] === name && (namespace ?? namespaceOf(route)) === home,
      ),
    );
  }
}

/** A BackendConfig is for the Services of its namespace that name it, for all of their ports or for some. */
function configures({ manifest: config }: FinishedObject, inventory: Inventory): boolean {
  return inventory.ofKind('Service').some((service) => {
    const { namespace, annotations } = map(service.manifest['metadata']);
    const named = map(annotations)['cloud.google.com/backend-config'];
    const names = `"${nameOf(config)}"`;
    return namespace === namespaceOf(config) && scalar(named)?.includes(names) === true && isPhoenix(service, inventory);
  });
}

/** To some proxies a websocket is one request, and to all of them a long poll is. */
export const routeTimeoutCutsSockets = oncePerPlace({
  name: 'route-timeout-cuts-sockets',
  sentence: 'No HTTPRoute limits the time of requests on paths of websockets to less than an hour.',
  why: 'Each LiveView is cut at that time, all browsers come back at once, and forms that somebody is filling in are lost.',
  source: 'https://gateway-api.sigs.k8s.io/geps/gep-1742/',
  *find(world) {
    const inventory = inventoryOf(world);
    if (!inventory.ofKind('HTTPRoute').some(({ manifest }) => JSON.stringify(manifest).includes('"timeouts"'))) return;
    for (const { object, field, rule } of wrongWays(waysToPhoenix(inventory), (way) => limitsOf(way).length === 0)) {
      // A rule with two backends is one way for each of them.
      const fix = 'give the paths of sockets, /live and /socket, a rule of their own with 0s';
      for (const [name, got] of limitsOf({ rule }))
        yield { object, field: `${field}.timeouts.${name}`, must: 'be 0s, or an hour and more, where websockets come', got, fix };
    }
  },
});

/** A duration of the Gateway API: `1h30m`. */
const DURATION = /^(?:\d{1,5}(?:h|ms|m|s)){1,4}$/;

/** The limits that are shorter than a websocket should live. */
function limitsOf({ rule }: Pick<Way, 'rule'>): [string, unknown][] {
  const { request, backendRequest } = map(rule['timeouts']);
  return Object.entries({ request, backendRequest }).filter(([, value]) => {
    const seconds = DURATION.test(text(value) ?? '') ? secondsIn(value) : undefined;
    return seconds !== undefined && seconds > 0 && seconds < 3600;
  });
}
