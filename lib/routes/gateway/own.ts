import { isIP } from 'node:net';
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  Gateway,
  GatewaySpecListenersAllowedRoutesNamespacesFrom as From,
  type GatewaySpecListeners,
  GatewaySpecListenersTlsMode as Mode,
  ReferenceGrant,
} from '../../../imports/gateway.networking.k8s.io';
import { declare } from '../../support/declare';
import { reject } from '../../support/reject';
import { requireInteger, requireName } from '../../support/values';
import type { Route } from '../route';

/** A Gateway of the route's own: an address, a port for HTTP and one for HTTPS. */
export interface OwnGateway {
  /** What implements it: `gatewayClassName`. */
  readonly className: string;
  /** Addresses to ask for: IP addresses, host names, or names that the provider knows: `addresses`. @default - the provider picks */
  readonly addresses?: readonly string[];
  /** Annotations for what is made from it, such as the Service of type LoadBalancer: `infrastructure`. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Namespace of the certificate's Secret, where it is another one; a ReferenceGrant is made there. @default - that of the chart */
  readonly certificateNamespace?: string;
  /**
   * Proxies in front of the Gateway, 1 to 10, whose word about the client's address is believed. With `envoy-gateway` alone.
   * @default - none; the address is that of whoever connects
   */
  readonly trustedHops?: number;
}

/** Refuses a Gateway that could not be made. */
export function requireOwn(scope: Construct, own: OwnGateway, { secret }: Route): void {
  const { className, addresses = [], certificateNamespace, trustedHops } = own;
  requireName(scope, className, 253, 'gateway.own.className');
  for (const address of addresses.filter(
    (one) => typeof one !== 'string' || !/^[\da-zA-Z](?:[\w.:-]{0,251}[\da-zA-Z])?$/.test(one),
  )) {
    const fix = "write it as '203.0.113.7', or as the name that the provider gave it";
    reject(scope, { prop: 'gateway.own.addresses', must: 'be an address or the name of one', got: address, fix });
  }
  if (certificateNamespace !== undefined) requireName(scope, certificateNamespace, 63, 'gateway.own.certificateNamespace');
  if (certificateNamespace !== undefined && secret === undefined) {
    const fix = 'omit it: the route has no certificate';
    reject(scope, { prop: 'gateway.own.certificateNamespace', must: 'be omitted', got: certificateNamespace, fix });
  }
  if (trustedHops !== undefined) {
    requireInteger(scope, 'gateway.own.trustedHops', trustedHops, {
      minimum: 1,
      maximum: 10,
      fix: 'count the proxies in front of it',
    });
  }
}

/** Makes the Gateway, and what lets it read a certificate elsewhere. */
export function ownGateway(
  scope: Construct,
  metadata: { name: string; labels: Record<string, string> },
  { className, addresses = [], annotations = {}, certificateNamespace }: OwnGateway,
  route: Route,
): Gateway {
  const { namespace: home } = Chart.of(scope);
  const elsewhere = certificateNamespace === home ? undefined : certificateNamespace;
  if (elsewhere !== undefined && route.secret !== undefined)
    grant(scope, { ...metadata, namespace: elsewhere }, home ?? '', route.secret);
  return new Gateway(scope, 'Gateway', {
    metadata: { ...metadata, ...(Object.keys(route.annotations).length > 0 ? { annotations: { ...route.annotations } } : {}) },
    spec: {
      gatewayClassName: className,
      ...(addresses.length > 0 ? { addresses: addresses.map(String).map((value) => ({ type: typeOf(value), value })) } : {}),
      ...(Object.keys(annotations).length > 0 ? { infrastructure: { annotations: { ...annotations } } } : {}),
      listeners: listeners(route, elsewhere),
    },
  });
}

/**
 * One for clear text, and one for HTTPS. Routes of this namespace alone may answer. Several hosts share a listener as they
 * share the certificate: browsers then use one connection of HTTP/2 for all of them, which a listener of one host would
 * answer with an error (https://gateway-api.sigs.k8s.io/geps/gep-3567/).
 */
function listeners({ hosts, redirects, secret }: Route, namespace: string | undefined): GatewaySpecListeners[] {
  const allowedRoutes = { namespaces: { from: From.SAME } };
  const clear = { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes };
  if (secret === undefined) return [clear];
  const [hostname, ...others] = [...hosts, ...redirects];
  const certificate = { group: '', kind: 'Secret', name: secret, ...(namespace === undefined ? {} : { namespace }) };
  const encrypted = {
    name: 'https',
    port: 443,
    protocol: 'HTTPS',
    allowedRoutes,
    ...(others.length > 0 ? {} : { hostname }),
    tls: { mode: Mode.TERMINATE, certificateRefs: [certificate] },
  };
  return [clear, encrypted];
}

/** `v1beta1` is served by every release of the Gateway API, `v1` by new ones alone. */
function grant(
  scope: Construct,
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  home: string,
  secret: string,
) {
  const externals = [
    { kind: 'Namespace', name: metadata.namespace },
    { kind: 'Secret', name: secret },
  ];
  declare(scope, { externals });
  new ReferenceGrant(scope, 'Grant', {
    metadata,
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: home }],
      to: [{ group: '', kind: 'Secret', name: secret }],
    },
  });
}

function typeOf(address: string): string {
  if (isIP(address) > 0) return 'IPAddress';
  return address.includes('.') ? 'Hostname' : 'NamedAddress';
}
