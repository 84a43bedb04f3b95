import { type ApiObject, type Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { BackendTlsPolicy, Gateway, HttpRoute } from '../../imports/gateway.networking.k8s.io';
import type { PhoenixRelease } from '../constructs/phoenix-release';
import { H2C } from '../release/web-pod';
import { declare } from '../support/declare';
import { labels } from '../support/labels';
import type { Release } from '../support/operators';
import { requireProps } from '../support/props';
import { requireSeconds } from '../support/values';
import { dnsOnly } from './dns';
import { backendTlsPolicy, HTTPS, requireBackendTls, type BackendTls } from './gateway/backend-tls';
import { requireCanary, type GatewayCanary } from './gateway/canary';
import { abilitiesOf, requireAbilities, type GatewayController } from './gateway/controller';
import { requireHeaders, type HeaderChanges } from './gateway/headers';
import { ownGateway } from './gateway/own';
import { parentsOf, requireGateway, type RouteGateway } from './gateway/parents';
import { requirePaths } from './gateway/paths';
import { policies } from './gateway/policies';
import { admit, openProxies } from './gateway/proxies';
import { answering, redirecting } from './gateway/http-routes';
import { answers, type Share } from './gateway/rules';
import { openPorts } from './gateway/service-port';
import { leaveTlsToFront, routeOf, type Route, type RouteProps } from './route';

/** Properties of {@link GatewayRoute}. */
export interface GatewayRouteProps extends RouteProps {
  /** Which Gateway it belongs to. */
  readonly gateway: RouteGateway;
  /**
   * What implements the Gateway API: its own objects say what the API has no words for, and what it cannot do is refused.
   * @default - none of its objects is made
   */
  readonly controller?: GatewayController;
  /**
   * Its oldest release that the route meets, such as `'1.7'`: fields that it does not know are left out, or refused where
   * they are asked for. @default - the newest
   */
  readonly controllerVersion?: Release;
  /** Beginnings of the paths of the endpoint's sockets: `socket "/live"`. @default ['/live', '/socket'] */
  readonly upgrades?: readonly string[];
  /** Longest time from a request to the end of its response, on paths without sockets: `timeouts.request`. @default - no limit */
  readonly timeout?: Duration;
  /** Changes to the headers of each request. @default - none */
  readonly headers?: HeaderChanges;
  /** Changes to the headers of each response. @default - none */
  readonly responseHeaders?: HeaderChanges;
  /** A second release that gets a share of the requests. @default - there is none */
  readonly canary?: GatewayCanary;
  /** TLS from the Gateway to the pods, for a release with `https`. @default - clear text within the cluster */
  readonly backendTls?: BackendTls;
}

/**
 * The route through a Gateway of the Gateway API: HTTPRoutes to its own Gateway or to a shared one.
 *
 * @see https://gateway-api.sigs.k8s.io/
 */
export class GatewayRoute extends Construct {
  /** The Gateway, where it has one of its own. */
  readonly gateway?: Gateway;
  /** What leads to pods: one route for every sixteen hosts, which is the most that one takes. */
  readonly routes: readonly HttpRoute[];
  /** What redirects: from clear text, and from other hosts. */
  readonly redirects: readonly HttpRoute[];
  /** What says how the pods' certificate is verified, one for each release. */
  readonly backendTls: readonly BackendTlsPolicy[];
  /** What the implementation has beside the Gateway API. */
  readonly policies: readonly ApiObject[];
  /** What opens the fence to the proxies, where they run beside a Gateway of the route's own. */
  readonly proxies?: k8s.KubeNetworkPolicy;

  constructor(scope: Construct, id: string, props: GatewayRouteProps) {
    super(scope, id);
    requireProps(this, props, 'GatewayRouteProps');
    const { release, gateway, controller, controllerVersion, upgrades = ['/live', '/socket'], canary, backendTls } = props;
    const route = routeOf(this, props);
    requireGateway(this, gateway, route);
    requireSettings(this, props, upgrades, route);
    const releases = canary ? [release, canary.release] : [release];
    const able = abilitiesOf(controller, controllerVersion);
    const { name, service: application } = route;
    const metadata = { name, labels: labels({ application, instance: name, component: 'route' }) };
    if ('own' in gateway) {
      leaveTlsToFront(this, props.tls);
      this.gateway = ownGateway(this, metadata, gateway.own, route);
      if (able.proxiesBeside) this.proxies = openProxies(this, metadata, releases, proxiesOf(controller, route));
    } else {
      const { shared } = gateway;
      declare(this, { externals: [{ kind: 'Gateway', name: shared.name }] });
      if (able.proxiesBeside) admit(this, releases, { peer: { namespace: shared.namespace }, meshed: controller === 'istio' });
    }
    for (const cidr of able.ranges) admit(this, releases, { peer: { cidr } });
    const parents = parentsOf(gateway, route);
    const rules = answers({ ...ruleSettings(props, route), upgrades, shares: shares(props) });
    // external-dns reads the target from the Gateway, and all else from each route that names a host.
    const dns = dnsOnly(route.annotations);
    this.routes = answering(this, annotated(metadata, 'own' in gateway ? dns : route.annotations), parents, route, rules);
    this.redirects = redirecting(this, annotated(metadata, dns), parents, route);
    this.backendTls = backendTls ? releases.map((one) => backendTlsPolicy(this, metadata, backendTls, one)) : [];
    this.policies = policies(this, {
      controller,
      metadata,
      idle: able.idle ? route.idle : undefined,
      bodySize: route.bodySize,
      affinity: route.affinity,
      routes: this.routes.map(({ name }) => ({ kind: 'HTTPRoute', name })),
      services: releases.map(({ application }) => application.name),
      retries: able.retries,
      trustedHops: 'own' in gateway ? gateway.own.trustedHops : undefined,
    });
  }
}

/** The Service in front of the proxies has the ports of the Gateway, and Istio's one more, which says that they are well. */
function proxiesOf(controller: GatewayController | undefined, { secret }: Route): { meshed: boolean; ports: number } {
  const meshed = controller === 'istio';
  return { meshed, ports: (secret === undefined ? 1 : 2) + (meshed ? 1 : 0) };
}

function annotated<M extends object>(metadata: M, annotations: Readonly<Record<string, string>>): M {
  return Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata;
}

function ruleSettings({ timeout, headers, responseHeaders, controller }: GatewayRouteProps, { paths }: Route) {
  return { paths, timeout, headers, responseHeaders, timeouts: abilitiesOf(controller).timeouts };
}

/** Who gets which share, on which ports. */
function shares({ release, canary, backendTls }: GatewayRouteProps): Share[] {
  const share = ({ application: { name: service }, web }: PhoenixRelease, weight: number): Share => {
    const numbers = new Map(openPorts(web).map(({ name, port }) => [name, port]));
    const socketPort = (backendTls ? numbers.get(HTTPS) : undefined) ?? numbers.get('http') ?? 80;
    return { service, weight, socketPort, port: backendTls ? socketPort : (numbers.get(H2C) ?? socketPort) };
  };
  if (!canary) return [share(release, 1)];
  return [share(release, 100 - canary.weight), share(canary.release, canary.weight)];
}

function requireSettings(
  scope: Construct,
  props: GatewayRouteProps,
  upgrades: readonly string[],
  { paths, affinity }: Route,
): void {
  const { release, timeout, headers, responseHeaders, canary, backendTls } = props;
  requireAbilities(
    scope,
    props,
    openPorts(release.web).some(({ name }) => name === H2C),
  );
  requirePaths(scope, paths, upgrades);
  if (timeout) requireSeconds(scope, 'timeout', timeout, { minimum: 1, maximum: 86400, fix: 'omit it to have no limit' });
  requireHeaders(scope, 'headers', headers);
  requireHeaders(scope, 'responseHeaders', responseHeaders);
  if (canary) requireCanary(scope, release, canary, affinity);
  if (backendTls) requireBackendTls(scope, backendTls, release);
}
