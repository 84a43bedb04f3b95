import { ApiObject, type Duration, type Size } from 'cdk8s';
import type { Construct } from 'constructs';
import { bytes, secondsOf } from '../../support/quantity';
import type { GatewayController } from './controller';

/** What the objects of an implementation are made from. */
export interface PolicySettings {
  readonly controller?: GatewayController;
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
  /** The routes that they are for. */
  readonly routes: readonly { readonly kind: 'HTTPRoute' | 'GRPCRoute'; readonly name: string }[];
  /** The Services that they are for. */
  readonly services: readonly string[];
  /** Left out where the release of the implementation has no field for it. */
  readonly idle?: Duration;
  readonly bodySize?: Size;
  readonly affinity: boolean;
  /** What is tried again with another pod, in the implementation's words. */
  readonly retries: readonly string[];
  /** Name of the Gateway, where it is the route's own, and the proxies in front of it. */
  readonly trustedHops?: number;
}

/** Makes what says in an implementation's own words what the Gateway API has no words for. */
export function policies(scope: Construct, settings: PolicySettings): ApiObject[] {
  const { controller } = settings;
  if (controller === 'envoy-gateway') return envoyGateway(scope, settings);
  if (controller === 'nginx-gateway-fabric') return nginx(scope, settings);
  return controller === 'gke' ? gke(scope, settings) : [];
}

const GROUP = 'gateway.networking.k8s.io';

/**
 * A limit on bodies would hold back websockets: there is none. Without `retry` nothing is tried again, and without triggers
 * of our own so is what a pod may have done already.
 *
 * @see https://gateway.envoyproxy.io/docs/api/extension_types/
 */
function envoyGateway(scope: Construct, settings: PolicySettings): ApiObject[] {
  const { metadata, routes, idle, affinity, retries, trustedHops } = settings;
  const apiVersion = 'gateway.envoyproxy.io/v1alpha1';
  const cookie = { name: `${metadata.name}-pod`, ttl: '24h', attributes: { SameSite: 'Lax' } };
  const grpc = routes.some(({ kind }) => kind === 'GRPCRoute');
  const timeouts = {
    // A GRPCRoute has no timeouts of its own, and Envoy ends a stream after 15 seconds.
    ...(grpc ? { requestTimeout: '0s' } : {}),
    ...(idle ? { streamIdleTimeout: `${secondsOf(idle)}s` } : {}),
  };
  const said = {
    ...(Object.keys(timeouts).length > 0 ? { timeout: { http: timeouts } } : {}),
    ...(affinity ? { loadBalancer: { type: 'ConsistentHash', consistentHash: { type: 'Cookie', cookie } } } : {}),
    ...(retries.length > 0 ? { retry: { numRetries: 2, retryOn: { triggers: [...retries] } } } : {}),
  };
  const targetRefs = routes.map((route) => ({ group: GROUP, ...route }));
  const backend =
    Object.keys(said).length === 0
      ? []
      : [
          new ApiObject(scope, 'BackendTrafficPolicy', {
            apiVersion,
            kind: 'BackendTrafficPolicy',
            metadata,
            spec: { targetRefs, ...said },
          }),
        ];
  if (trustedHops === undefined) return backend;
  const client = new ApiObject(scope, 'ClientTrafficPolicy', {
    apiVersion,
    kind: 'ClientTrafficPolicy',
    metadata,
    spec: {
      targetRefs: [{ group: GROUP, kind: 'Gateway', name: metadata.name }],
      clientIPDetection: { xForwardedFor: { numTrustedHops: trustedHops } },
    },
  });
  return [...backend, client];
}

/** https://docs.nginx.com/nginx-gateway-fabric/reference/api/ Its own limits are a minute of silence and bodies of 1 MB. */
function nginx(scope: Construct, { metadata, routes, idle, bodySize }: PolicySettings): ApiObject[] {
  const apiVersion = 'gateway.nginx.org/v1alpha1';
  const targets = routes.map((route) => ({ group: GROUP, ...route }));
  const time = idle && nginxTime(secondsOf(idle));
  const proxy = time
    ? [
        new ApiObject(scope, 'ProxySettingsPolicy', {
          apiVersion,
          kind: 'ProxySettingsPolicy',
          metadata,
          spec: { targetRefs: targets, timeout: { read: time, send: time } },
        }),
      ]
    : [];
  if (!bodySize) return proxy;
  const clients = targets.map((targetRef) => {
    return new ApiObject(scope, `ClientSettingsPolicy-${targetRef.name}`, {
      apiVersion,
      kind: 'ClientSettingsPolicy',
      metadata: { ...metadata, name: targetRef.name },
      spec: { targetRef, body: { maxSize: nginxSize(bytes(bodySize)) } },
    });
  });
  return [...proxy, ...clients];
}

/** Four digits and a unit, rounded up. */
function nginxTime(seconds: number): string {
  return seconds <= 9999 ? `${seconds}s` : `${Math.ceil(seconds / 60)}m`;
}

function nginxSize(size: number): string {
  const kibibytes = Math.ceil(size / 1024);
  if (kibibytes % 1024 !== 0 && kibibytes <= 9999) return `${kibibytes}k`;
  const mebibytes = Math.ceil(kibibytes / 1024);
  return mebibytes <= 9999 ? `${mebibytes}m` : `${Math.ceil(mebibytes / 1024)}g`;
}

/** https://cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources */
function gke(scope: Construct, { metadata, services, idle, affinity }: PolicySettings): ApiObject[] {
  const apiVersion = 'networking.gke.io/v1';
  return services.flatMap((service) => {
    const targetRef = { group: '', kind: 'Service', name: service };
    const own = { ...metadata, name: service };
    const cookie = { type: 'GENERATED_COOKIE', cookieTtlSec: 86400 };
    const backend = new ApiObject(scope, `GCPBackendPolicy-${service}`, {
      apiVersion,
      kind: 'GCPBackendPolicy',
      metadata: own,
      spec: {
        default: { ...(idle ? { timeoutSec: secondsOf(idle) } : {}), ...(affinity ? { sessionAffinity: cookie } : {}) },
        targetRef,
      },
    });
    // Its own check wants 200 from / in clear text, where Phoenix redirects. Which pods are ready, Kubernetes tells it.
    const check = { type: 'TCP', tcpHealthCheck: { portSpecification: 'USE_SERVING_PORT' } };
    const health = new ApiObject(scope, `HealthCheckPolicy-${service}`, {
      apiVersion,
      kind: 'HealthCheckPolicy',
      metadata: own,
      spec: { default: { config: check }, targetRef },
    });
    return [backend, health];
  });
}
