import type { Manifest } from '../../support/edit';
import { eachOf, eachPod } from '../each';
import type { FinishedObject, Rule, World } from '../rule';
import { beamContainers } from '../../model/beam';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { backendsOf, portsOfService, type ServiceBackend, serviceOfHost, servicesBehind } from '../../model/routes';
import { serviceSelects } from '../../model/selectors';
import { map, maps, nameIn, nameOf, namespaceOf, once, placesOf, specOf } from '../../model/values';
import { either } from '../../model/remedy';

const POLICIES = ['trafficPolicy', 'trafficPolicy.portLevelSettings[]', 'subsets[].trafficPolicy'];

/** A websocket begins as a request of HTTP/1.1, and ends where that is turned into HTTP/2. */
export const h2UpgradeWithSockets = eachOf('DestinationRule')({
  name: 'h2-upgrade-with-sockets',
  sentence: 'Connections to a Phoenix endpoint are not upgraded to HTTP/2 by a DestinationRule: websockets do not survive it.',
  why: 'Pages load and no LiveView connects: the browser tries again and again, then falls back to long polls or to nothing.',
  source: 'https://github.com/istio/istio/issues/27078',
  *each(object, world) {
    const places = POLICIES.flatMap((one) => placesOf(object.manifest, `spec.${one}.connectionPool.http.h2UpgradePolicy`));
    const upgrades = places.filter(({ value }) => value === 'UPGRADE');
    const service = upgrades.length > 0 ? serviceOfHost(specOf(object)['host'], object) : undefined;
    const known = service && inventoryOf(world).find('Service', service.name, service.namespace)?.object;
    if (!known || !servesPhoenix(known, world)) return;
    const must = `not be UPGRADE in front of ${nameOf(known.manifest)}, a Phoenix endpoint with websockets`;
    const fix = 'remove it, or leave the rule out for this object where the application has no sockets';
    for (const { field, value: got } of upgrades) yield { field, must, got, fix };
  },
});

function servesPhoenix(service: FinishedObject, world: World): boolean {
  return beamContainers(world).some(
    ({ workload, variables: { byName } }) =>
      workload.namespace === namespaceOf(service.manifest) &&
      serviceSelects(specOf(service)['selector'], workload.labels) &&
      (byName.has('PHX_HOST') || byName.has('PHX_SERVER')),
  );
}

const H2C = 'kubernetes.io/h2c';

/** The `Upgrade` by which a websocket begins does not exist in HTTP/2. */
export const upgradesNotOnH2c: Rule = {
  name: 'upgrades-not-on-h2c',
  sentence: 'No path of websockets leads to a port of a Service that is for HTTP/2.',
  why: 'The proxy speaks HTTP/2 to the pod and drops the upgrade: pages load, and every LiveView stays dead or polls.',
  source: 'https://docs.nginx.com/nginx-gateway-fabric/traffic-management/upstream-http2-appprotocol/',
  *find(world) {
    const inventory = inventoryOf(world);
    const isH2c = ({ appProtocol }: Manifest) => appProtocol === H2C;
    if (!inventory.ofKind('Service').some((service) => portsOfService(service).some(isH2c))) return;
    const isRight = ({ backend: { meant } }: Way) => !isH2c(map(meant[0]));
    for (const { object, backend } of wrongWays(waysToPhoenix(inventory), isRight)) {
      const must = `not be a port with appProtocol ${H2C} where websockets come`;
      const fix = 'lead the paths of sockets, /live and /socket, to another port of the Service';
      yield { object, field: backend.portField, must, got: backend.port, fix };
    }
  },
};

/** Where the ways in keep a browser with a pod, and how they say so: by a cookie, or by the client's address. */
const KEEPERS = [
  'Ingress',
  'Service',
  'BackendTrafficPolicy',
  'DestinationRule',
  'GCPBackendPolicy',
  'BackendConfig',
  'HTTPProxy',
];
const KEEPS =
  /"[^"]*affinity[^"]*":(?!"None"|null)|stick(?:y|iness)|consistentHash|upstream-hash-by|session-cookie|cookie-persistence/i;

const clustered = once(
  (world: World) => new Set(beamContainers(world).flatMap((beam) => (beam.clustered ? [beam.workload] : []))),
);

export const longPollsMeetTheirPod = eachPod({
  name: 'long-polls-meet-their-pod',
  sentence: 'Pods that answer long polls form a cluster, or their route keeps each browser with one of them.',
  why: 'The second poll meets a pod that knows nothing of the first: behind proxies without websockets no LiveView ever connects.',
  source: 'https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#socket/3-longpoll-configuration',
  *each(pod, world) {
    const { kind, name, namespace, replicas } = pod;
    if ((kind !== 'Deployment' && kind !== 'StatefulSet') || world.longPolls?.includes(name) !== true) return;
    const keepers = inventoryOf(world).ofKind(...KEEPERS);
    const isKept = keepers.some(({ manifest }) => namespaceOf(manifest) === namespace && KEEPS.test(JSON.stringify(manifest)));
    if (replicas.most < 2 || clustered(world).has(pod) || isKept) return;
    const must = 'form a cluster, or be behind a route with affinity, where long polls come to two or more';
    const inLiteral =
      "give the release a 'cluster', its route 'affinity: true', or leave out 'application.longPoll' where no client falls back to it";
    const way = either('let them find each other, keep each browser with one by affinity, or do without long polls', inLiteral);
    yield { field: 'spec.replicas', must, got: replicas.most, ...way };
  },
});

/** A rule of an HTTPRoute, or a path of an Ingress, that leads to pods of Phoenix. */
export interface Way {
  readonly object: FinishedObject;
  /** The rule, and where it stands. */
  readonly field: string;
  readonly rule: Manifest;
  /** Beginnings of the paths that it takes. */
  readonly prefixes: readonly string[];
  readonly backend: ServiceBackend;
  readonly service: FinishedObject;
}

/** Where `mix phx.new` puts sockets. */
const SOCKETS = ['/live', '/socket'];
/** Paths of one segment or more that people give to sockets of their own, and what Phoenix adds behind each. */
const OTHERS = /\/(?:ws|wss|websockets?|sockets?|live|cable|longpoll)\/?$/;

/**
 * The ways that websockets come by and that are not right: those of the sockets' own paths, and those of shorter ones
 * unless a longer path of the same Service goes a way that is right.
 */
export function wrongWays(ways: readonly Way[], right: (way: Way) => boolean): Way[] {
  return ways.filter((way) => !right(way) && way.prefixes.some((prefix) => takesSockets(prefix, way, ways, right)));
}

function takesSockets(prefix: string, { service }: Way, ways: readonly Way[], right: (way: Way) => boolean): boolean {
  if (isOfSockets(prefix)) return true;
  if (!SOCKETS.some((socket) => isUnder(socket, prefix))) return false;
  const longer = (other: string) => other.length > prefix.length && isUnder(other, prefix);
  return !ways.some((other) => other.service === service && right(other) && other.prefixes.some(longer));
}

function isOfSockets(prefix: string): boolean {
  return OTHERS.test(prefix) || SOCKETS.some((socket) => isUnder(prefix, socket));
}

/** Whether a way has paths of sockets on it. */
export function takesSocketPaths({ prefixes }: Way): boolean {
  return prefixes.some((prefix) => isOfSockets(prefix) || SOCKETS.some((socket) => isUnder(socket, prefix)));
}

/** Whether a route of any kind leads to pods that are told their host as Phoenix is. */
export function routeLeadsToPhoenix(object: FinishedObject, inventory: Inventory): boolean {
  return servicesBehind(backendsOf(object), inventory).some(({ service }) => isPhoenix(service, inventory));
}

/** All ways from paths to pods that are told their host as Phoenix is. */
export function waysToPhoenix(inventory: Inventory): Way[] {
  return inventory.ofKind('HTTPRoute', 'Ingress').flatMap((object) => {
    const rules = object.manifest['kind'] === 'Ingress' ? ofIngress(object) : ofRoute(object);
    const served = servicesBehind(backendsOf(object), inventory).filter(({ service }) => isPhoenix(service, inventory));
    return rules.flatMap((found): Way[] =>
      served
        .filter((backend) => backend.field.startsWith(`${found.field}.`))
        .map((backend) => ({ ...found, object, backend, service: backend.service })),
    );
  });
}

type Found = Pick<Way, 'field' | 'rule' | 'prefixes'>;

function ofRoute({ manifest }: FinishedObject): Found[] {
  return placesOf(manifest, 'spec.rules[]').map(({ field, value }) => {
    const rule = map(value);
    const matches = maps(rule['matches']);
    const paths = (matches.length > 0 ? matches : [{}]).map((match) => map(map(match)['path']));
    // What a regular expression takes is not known here.
    const plain = paths.filter(({ type }) => type !== 'RegularExpression');
    return { field, rule, prefixes: plain.map(({ value: path }) => nameIn(path) ?? '/') };
  });
}

function ofIngress({ manifest }: FinishedObject): Found[] {
  return [...placesOf(manifest, 'spec.rules[].http.paths[]'), ...placesOf(manifest, 'spec.defaultBackend')].map(
    ({ field, value }) => ({ field, rule: map(value), prefixes: [nameIn(map(value)['path']) ?? '/'] }),
  );
}

/** Whether a Service leads to pods that are told their host as Phoenix is. */
export function isPhoenix(service: FinishedObject, inventory: Inventory): boolean {
  return inventory
    .servedBy(service)
    .some(({ containers }) => containers.some(({ variables }) => variables.byName.has('PHX_HOST')));
}

function isUnder(path: string, prefix: string): boolean {
  const folder = prefix.replace(/\/+$/, '');
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
