import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Release } from '../../support/operators';
import { requireRelease } from '../../support/require-release';
import { isBefore } from '../../support/versions';
import { reject } from '../../support/reject';
import { GOOGLE } from '../google';
import type { RouteProps } from '../route';
import type { RouteGateway } from './parents';

/** What implements the Gateway API in the cluster. */
export type GatewayController =
  'envoy-gateway' | 'nginx-gateway-fabric' | 'gke' | 'istio' | 'cilium' | 'contour' | 'traefik' | 'kgateway';

/** What an implementation can be told from the namespace of a route. */
export interface Abilities {
  /** Whether it reads `timeouts` of an HTTPRoute. */
  readonly timeouts: boolean;
  /** Whether an object of its own says how long a connection may be silent. */
  readonly idle: boolean;
  /** Whether an object of its own limits bodies, and lets websockets pass all the same. */
  readonly bodySize: boolean;
  /** Whether an object of its own keeps a browser with one pod. */
  readonly affinity: boolean;
  /** What an object of its own tells it to try again with another pod, in its words: what never reached the first one. */
  readonly retries: readonly string[];
  /** Whether it speaks HTTP/2 without TLS to a Service. */
  readonly h2c: boolean;
  /** Whether the proxies of a Gateway run in the Gateway's own namespace. */
  readonly proxiesBeside: boolean;
  /** Addresses that it connects to the pods from, where it has no pods of its own. */
  readonly ranges: readonly string[];
}

const PORTABLE: Abilities = {
  timeouts: true,
  idle: false,
  bodySize: false,
  affinity: false,
  h2c: true,
  proxiesBeside: false,
  retries: [],
  ranges: [],
};

/** A connection that a pod had closed is noticed before anything was sent. */
const RESET = 'reset-before-request';

// After the conformance reports of the Gateway API, and the definitions of each project's own objects.
const ABILITIES: Readonly<Record<GatewayController, Abilities>> = {
  'envoy-gateway': { ...PORTABLE, idle: true, affinity: true, retries: ['connect-failure', 'refused-stream', RESET] },
  'nginx-gateway-fabric': { ...PORTABLE, timeouts: false, idle: true, bodySize: true, proxiesBeside: true },
  gke: { ...PORTABLE, timeouts: false, idle: true, affinity: true, h2c: false, ranges: GOOGLE },
  istio: { ...PORTABLE, proxiesBeside: true },
  cilium: PORTABLE,
  contour: PORTABLE,
  traefik: { ...PORTABLE, timeouts: false },
  kgateway: { ...PORTABLE, proxiesBeside: true },
};

/** Which release of an implementation brought what. */
const SINCE: Partial<Record<GatewayController, Partial<Record<'idle' | 'h2c' | 'reset', Release>>>> = {
  'envoy-gateway': { idle: '1.8', reset: '1.5' }, // BackendTrafficPolicy.spec.timeout.http.streamIdleTimeout, .spec.retry.retryOn
  'nginx-gateway-fabric': { idle: '2.6', h2c: '2.7' }, // ProxySettingsPolicy.spec.timeout
};

/** What an implementation can be told; of one that is not named, what most of them understand. */
export function abilitiesOf(controller: GatewayController | undefined, version?: Release): Abilities {
  const able = (controller && ABILITIES[controller]) ?? PORTABLE;
  const { idle, h2c, reset } = (controller && SINCE[controller]) ?? {};
  const knows = (since: Release | undefined): boolean => !version || !since || !isBefore(version, since);
  const retries = able.retries.filter((trigger) => trigger !== RESET || knows(reset));
  return { ...able, idle: able.idle && knows(idle), h2c: able.h2c && knows(h2c), retries };
}

/** What to raise for an ability that a later release has. */
function raised(controller: GatewayController | undefined, ability: 'idle' | 'h2c', otherwise: string): string {
  const since = (controller && SINCE[controller])?.[ability];
  return since === undefined ? otherwise : `raise it to ${since}`;
}

/** What a route asks of its implementation. */
interface Asked extends Pick<RouteProps, 'idle' | 'bodySize' | 'affinity'> {
  readonly controller: GatewayController;
  readonly controllerVersion: Release;
  readonly timeout: Duration;
  readonly gateway: RouteGateway;
}

/** Refuses what the implementation would not do. */
export function requireAbilities(scope: Construct, props: Partial<Asked>, http2: boolean): void {
  const { controller, controllerVersion: version, idle, bodySize, affinity, timeout, gateway } = props;
  // Another word was refused.
  if (controller !== undefined && !Object.hasOwn(ABILITIES, controller)) return;
  const able = abilitiesOf(controller, version);
  const who = controller === undefined ? 'a Gateway whose controller is not named' : [controller, version].join(' ').trim();
  const refuse = (prop: string, must: string, got: unknown, fix: string) => reject(scope, { prop, must, got, fix });
  if (version !== undefined) requireRelease(scope, 'controllerVersion', version);
  if (version !== undefined && controller === undefined) {
    refuse('controllerVersion', 'stand beside the controller that it is of', version, "write controller: 'envoy-gateway' too");
  }
  if (idle !== undefined && !able.idle) {
    const fix = `${raised(controller, 'idle', `name one of ${withAbility('idle')}`)}, or omit it`;
    refuse('idle', `be omitted: ${who} has no object for it beside a route`, idle, fix);
  }
  if (bodySize !== undefined && !able.bodySize) {
    const must = `be omitted: ${who} limits no bodies without holding back websockets`;
    refuse('bodySize', must, bodySize, "omit it: Plug's own limit holds");
  }
  if (affinity === true && !able.affinity) {
    const must = `be false: ${who} has no object for it, and sessionPersistence is experimental in the Gateway API`;
    refuse('affinity', must, affinity, `let the pods form a cluster, or name one of ${withAbility('affinity')}`);
  }
  if (timeout !== undefined && !able.timeouts) {
    refuse('timeout', `be omitted: ${who} does not read the timeouts of an HTTPRoute`, timeout, 'omit it');
  }
  const hops = gateway && 'own' in gateway ? gateway.own.trustedHops : undefined;
  if (hops !== undefined && controller !== 'envoy-gateway') {
    const must = `be omitted: ${who} is told of proxies in front of it by whoever installs it`;
    refuse('gateway.own.trustedHops', must, hops, 'name the controller envoy-gateway, or omit it');
  }
  if (http2 && !able.h2c) {
    const must = `be false: ${who} speaks no HTTP/2 without TLS to pods`;
    const without = 'leave http2 out of the release: browsers still get HTTP/2 from the Gateway';
    refuse('release.http2', must, true, raised(controller, 'h2c', without));
  }
}

function withAbility(ability: keyof Abilities): string {
  return Object.entries(ABILITIES)
    .filter(([, able]) => able[ability])
    .map(([name]) => name)
    .join(', ');
}
