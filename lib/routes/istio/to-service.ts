import type { Construct } from 'constructs';
import {
  DestinationRule,
  DestinationRuleSpecTrafficPolicyConnectionPoolHttpH2UpgradePolicy as Http2,
  type DestinationRuleSpecTrafficPolicy as TrafficPolicy,
} from '../../../imports/networking.istio.io';
import type { PhoenixRelease } from '../../constructs/phoenix-release';
import { declare } from '../../support/declare';
import { labels } from '../../support/labels';
import { OptOut } from '../../support/opt-out';
import { reject } from '../../support/reject';

/** A release, the full name of its Service, and its share of the requests in percent. */
export interface ToService {
  readonly release: PhoenixRelease;
  readonly host: string;
  readonly weight: number;
}

/** How a Service is called. */
export interface Manner {
  readonly http2: boolean;
  readonly locality: boolean;
  readonly affinity: boolean;
}

/** How callers in the mesh reach a release, where that is not Istio's own way. */
export function toService(scope: Construct, { release, host }: ToService, manner: Manner): DestinationRule | undefined {
  const { name, sockets } = release.application;
  const hasSockets = typeof sockets === 'number' ? sockets > 0 : sockets.length > 0;
  requireNoSockets(scope, manner, hasSockets ? name : undefined);
  const trafficPolicy = { ...pool(manner, hasSockets), ...balance(name, manner), ...watch(manner) };
  if (Object.keys(trafficPolicy).length === 0) return undefined;
  const metadata = { name, labels: labels({ application: name, instance: name, component: 'route' }) };
  const rule = new DestinationRule(scope, `To-${name}`, { metadata, spec: { host, trafficPolicy } });
  if (manner.http2 && !hasSockets) {
    const optOut = OptOut.because('the application says that it has no sockets');
    declare(scope, { leftOut: [{ rule: 'h2-upgrade-with-sockets', optOut, target: rule }] });
  }
  return rule;
}

/** https://github.com/istio/istio/issues/27078 */
function requireNoSockets(scope: Construct, { http2 }: Manner, name: string | undefined): void {
  if (!http2 || name === undefined) return;
  const must = `be false in front of ${name}, which has sockets: Envoy cannot carry an upgraded websocket on to its pods`;
  reject(scope, { prop: 'http2', must, got: http2, fix: 'leave it out, or serve the sockets from a release of their own' });
}

function pool({ http2 }: Manner, hasSockets: boolean): Pick<TrafficPolicy, 'connectionPool'> {
  // Said in either case: the mesh may have another default.
  if (hasSockets) return { connectionPool: { http: { h2UpgradePolicy: Http2.DO_UNDERSCORE_NOT_UNDERSCORE_UPGRADE } } };
  return http2 ? { connectionPool: { http: { h2UpgradePolicy: Http2.UPGRADE } } } : {};
}

function balance(name: string, { affinity, locality }: Manner): Pick<TrafficPolicy, 'loadBalancer'> {
  if (!affinity && !locality) return {};
  return {
    loadBalancer: {
      // A time of 0 is as long as the browser is open.
      ...(affinity ? { consistentHash: { httpCookie: { name: `${name}-pod`, path: '/', ttl: '0s' } } } : {}),
      ...(locality ? { localityLbSetting: { enabled: true } } : {}),
    },
  };
}

/**
 * Without it no request ever leaves the zone. What the application itself answers with 500 is no sign of a bad pod: the next
 * would say the same, and all of them would go.
 *
 * @see https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/failover/
 */
function watch({ locality }: Manner): Pick<TrafficPolicy, 'outlierDetection'> {
  if (!locality) return {};
  const errors = { consecutiveGatewayErrors: 5, consecutive5XxErrors: 0 };
  return { outlierDetection: { ...errors, interval: '10s', baseEjectionTime: '30s', maxEjectionPercent: 50 } };
}
