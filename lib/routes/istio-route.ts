import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { type DestinationRule, Gateway, GatewaySpecServersTlsMode, VirtualService } from '../../imports/networking.istio.io';
import { labels } from '../support/labels';
import { reject } from '../support/reject';
import { requireProps } from '../support/props';
import { requireHost, requireLabelValue, requireName } from '../support/values';
import { requireCanary, type GatewayCanary } from './gateway/canary';
import { toService, type ToService } from './istio/to-service';
import { leaveTlsToFront, routeOf, type Route, type RouteProps } from './route';

/**
 * Who answers at the edge of the mesh.
 * @write { shared: 'istio-ingress/public' } or { own: { selector: { istio: 'ingress' } } }
 */
export type IstioGateway =
  /** A Gateway of another team, as `namespace/name`. It has the ports and the certificate. */
  | { readonly shared: string }
  /** A Gateway of its own, at the gateway's pods that these labels find, in whatever namespace: `{ istio: 'ingress' }`. */
  | { readonly own: { readonly selector: Readonly<Record<string, string>> } };

/** A second release that gets a share of the requests, as at a Gateway. */
export type IstioCanary = GatewayCanary;

/** Properties of {@link IstioRoute}. */
export interface IstioRouteProps extends RouteProps {
  /** Who answers at the edge of the mesh. */
  readonly gateway: IstioGateway;
  /** A second release that gets a share of the requests. @default - there is none */
  readonly canary?: IstioCanary;
  /** Whether many requests share one connection to a pod, by HTTP/2. It carries no websockets: `h2UpgradePolicy`. @default false */
  readonly http2?: boolean;
  /** Whether requests stay in the gateway's zone while a pod there is well; spread the pods evenly then. @default false */
  readonly locality?: boolean;
  /** Domain of the cluster's names. @default 'cluster.local' */
  readonly clusterDomain?: string;
}

/**
 * The route through a gateway of Istio, 1.24 or newer. Websockets pass without a setting; Istio has no limit of its own for
 * silent ones, for bodies and for slow answers, so that `idle` and `bodySize` hold whatever they say. With a Gateway of its
 * own, the Secret of `tls` must be in the namespace of the gateway's pods, which read no other.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/
 */
export class IstioRoute extends Construct {
  /** The Gateway, where it has one of its own. */
  readonly gateway?: Gateway;
  /** Which host leads where. */
  readonly virtualService: VirtualService;
  /** How each Service is called: that of the release, and that of a canary. */
  readonly destinationRules: readonly DestinationRule[];

  constructor(scope: Construct, id: string, props: IstioRouteProps) {
    super(scope, id);
    requireProps(this, props, 'IstioRouteProps');
    const { release, gateway, canary, http2 = false, locality = false, clusterDomain = 'cluster.local' } = props;
    const route = routeOf(this, props);
    requireGateway(this, gateway, route);
    requireHost(this, clusterDomain, 'clusterDomain');
    if (canary) requireCanary(this, release, canary, route.affinity);

    const metadata = {
      name: route.name,
      labels: labels({ application: route.service, instance: route.name, component: 'route' }),
    };
    // external-dns looks at the object that has the address, or at what names the hosts of a shared one.
    const annotated = { ...metadata, annotations: { ...route.annotations } };
    if ('own' in gateway) {
      leaveTlsToFront(this, props.tls);
      this.gateway = ownGateway(this, annotated, gateway.own.selector, route);
    }
    const zone = `${Chart.of(this).namespace ?? 'default'}.svc.${clusterDomain}`;
    // One with the release's own Service was refused.
    const second = canary?.release.application.name === route.service ? undefined : canary;
    const shares: ToService[] = [
      { release, weight: 100 - (second?.weight ?? 0) },
      ...(second ? [{ release: second.release, weight: second.weight }] : []),
    ].map((share) => ({ ...share, host: `${share.release.application.name}.${zone}` }));
    this.virtualService = new VirtualService(this, 'Default', {
      metadata: 'own' in gateway ? metadata : annotated,
      spec: {
        hosts: [...route.hosts, ...route.redirects],
        gateways: ['own' in gateway ? route.name : gateway.shared],
        http: rules(route, shares),
      },
    });
    this.destinationRules = shares.flatMap(
      (share) => toService(this, share, { http2, locality, affinity: route.affinity }) ?? [],
    );
  }
}

function rules({ host, redirects, paths, port }: Route, shares: readonly ToService[]) {
  const matches = paths.includes('/') ? [] : paths.flatMap(matchesOf);
  return [
    ...redirects.map((from) => ({ match: [{ authority: { exact: from } }], redirect: { authority: host, redirectCode: 308 } })),
    {
      ...(matches.length > 0 ? { match: matches } : {}),
      route: shares.map(({ host: service, weight }) => ({
        destination: { host: service, port: { number: port } },
        ...(shares.length > 1 ? { weight } : {}),
      })),
      // These alone never reached a pod: anything else could post an order twice.
      retries: { attempts: 2, retryOn: 'connect-failure,refused-stream,reset-before-request' },
    },
  ];
}

/** A prefix of Istio is one of letters: `/api` would be `/apis` too. */
function matchesOf(path: string) {
  const folder = path.replace(/\/+$/, '');
  return [{ uri: { exact: folder } }, { uri: { prefix: `${folder}/` } }];
}

function ownGateway(
  scope: Construct,
  metadata: { name: string; labels: Record<string, string>; annotations: Record<string, string> },
  selector: Readonly<Record<string, string>>,
  { hosts, redirects, secret }: Route,
): Gateway {
  // Routes of this namespace alone may answer for the hosts.
  const own = [...hosts, ...redirects].map((host) => `./${host}`);
  const clear = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: own };
  const encrypted = { port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts: own };
  const servers =
    secret === undefined
      ? [clear]
      : [
          { ...clear, tls: { httpsRedirect: true } },
          { ...encrypted, tls: { mode: GatewaySpecServersTlsMode.SIMPLE, credentialName: secret } },
        ];
  return new Gateway(scope, 'Gateway', { metadata, spec: { selector: { ...selector }, servers } });
}

function requireGateway(scope: Construct, gateway: IstioGateway, { secret }: Route): void {
  if ('own' in gateway) {
    const { selector } = gateway.own;
    for (const [label, value] of Object.entries(selector)) requireLabelValue(scope, `gateway.own.selector.${label}`, value);
    if (Object.keys(selector).length > 0) return;
    const fix = "write the labels of the gateway's pods, such as { istio: 'ingress' }";
    reject(scope, { prop: 'gateway.own.selector', must: 'have a label or more', got: selector, fix });
    return;
  }
  const [namespace = '', name = '', ...more] = gateway.shared.split('/');
  if (more.length > 0 || name === '') {
    const fix = "write it as 'istio-ingress/public'";
    reject(scope, { prop: 'gateway.shared', must: 'be namespace/name', got: gateway.shared, fix });
  } else {
    requireName(scope, namespace, 63, 'gateway.shared');
    requireName(scope, name, 253, 'gateway.shared');
  }
  if (secret === undefined) return;
  const fix = "write OptOut.because('the shared Gateway has the certificate')";
  reject(scope, { prop: 'tls', must: 'be left to a shared Gateway, which names its own Secret', got: secret, fix });
}
