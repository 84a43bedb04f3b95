import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { reject } from '../../support/reject';
import { requireOneOf } from '../../support/values';
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
  /** Whether it speaks HTTP/2 without TLS to a Service. */
  readonly h2c: boolean;
  /** Whether the proxies of a Gateway run in the Gateway's own namespace. */
  readonly proxiesBeside: boolean;
  /** Addresses that it connects to the pods from, where it has no pods of its own. */
  readonly ranges: readonly string[];
}

const PORTABLE: Abilities = {
  ...{ timeouts: true, idle: false, bodySize: false, affinity: false, h2c: true, proxiesBeside: false },
  ranges: [],
};

// After the conformance reports of the Gateway API, and the definitions of each project's own objects.
const ABILITIES: Readonly<Record<GatewayController, Abilities>> = {
  'envoy-gateway': { ...PORTABLE, idle: true, affinity: true },
  'nginx-gateway-fabric': { ...PORTABLE, timeouts: false, idle: true, bodySize: true, proxiesBeside: true },
  gke: { ...PORTABLE, timeouts: false, idle: true, affinity: true, h2c: false, ranges: GOOGLE },
  istio: { ...PORTABLE, proxiesBeside: true },
  cilium: PORTABLE,
  contour: PORTABLE,
  traefik: { ...PORTABLE, timeouts: false },
  kgateway: { ...PORTABLE, proxiesBeside: true },
};

/** What an implementation can be told; of one that is not named, what most of them understand. */
export function abilitiesOf(controller: GatewayController | undefined): Abilities {
  return (controller && ABILITIES[controller]) ?? PORTABLE;
}

/** What a route asks of its implementation. */
interface Asked extends Pick<RouteProps, 'idle' | 'bodySize' | 'affinity'> {
  readonly controller: GatewayController;
  readonly timeout: Duration;
  readonly gateway: RouteGateway;
}

/** Refuses what the implementation would not do. */
export function requireAbilities(scope: Construct, props: Partial<Asked>, http2: boolean): void {
  const { controller, idle, bodySize, affinity, timeout, gateway } = props;
  if (controller !== undefined && !Object.hasOwn(ABILITIES, controller)) {
    requireOneOf(scope, 'controller', controller, Object.keys(ABILITIES));
    return;
  }
  const able = abilitiesOf(controller);
  const who = controller ?? 'a Gateway whose controller is not named';
  const refuse = (prop: string, must: string, got: unknown, fix: string) => reject(scope, { prop, must, got, fix });
  if (idle !== undefined && !able.idle) {
    refuse(
      'idle',
      `be omitted: ${who} has no object for it beside a route`,
      idle,
      `name one of ${withAbility('idle')}, or omit it`,
    );
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
    refuse('release.http2', must, true, 'leave http2 out of the release: browsers still get HTTP/2 from the Gateway');
  }
}

function withAbility(ability: keyof Abilities): string {
  return Object.entries(ABILITIES)
    .filter(([, able]) => able[ability])
    .map(([name]) => name)
    .join(', ');
}
