import { ApiObject, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { declare } from '../support/declare';
import { labels } from '../support/labels';
import { OptOut } from '../support/opt-out';
import { requireProps } from '../support/props';
import { requireName } from '../support/values';
import { dnsOnly } from './dns';
import { albPlan, type AlbIngress } from './ingress/alb';
import { contourPlan } from './ingress/contour';
import { gcePlan, type GceIngress } from './ingress/gce';
import { haproxyPlan } from './ingress/haproxy';
import { haproxyIngressPlan } from './ingress/haproxy-ingress';
import { ingressNginxPlan } from './ingress/ingress-nginx';
import { nginxPlan } from './ingress/nginx';
import type { Asked, IngressPlan, Plan, Rule } from './ingress/preset';
import { traefikPlan } from './ingress/traefik';
import { leaveTlsToFront, requireHttps, routeOf, type Route, type RouteProps, type RouteTls } from './route';

/**
 * What reads the Ingress. Each has annotations of its own.
 * @write the one that the cluster has: 'nginx-inc' for that of NGINX Inc., { 'ingress-nginx': OptOut.because('...') } for that of the Kubernetes project, which is retired
 */
export type IngressController =
  | 'traefik'
  /** That of HAProxy Technologies, `haproxytech/kubernetes-ingress`. */
  | 'haproxy'
  /** That of the community, `jcmoraisjr/haproxy-ingress`. */
  | 'haproxy-ingress'
  /** That of NGINX Inc. (F5), `nginx/kubernetes-ingress`. */
  | 'nginx-inc'
  | 'contour'
  | { readonly alb: AlbIngress }
  | { readonly gce: GceIngress }
  /** That of the Kubernetes project, which is retired: with the reason why it is still used. */
  | { readonly 'ingress-nginx': OptOut };

/** A certificate that the cloud keeps: the ARN of one in ACM, or the name of one at Google. */
export interface CloudCertificate {
  readonly certificate: string;
}

/** Properties of {@link WebIngress}. */
export interface WebIngressProps extends Omit<RouteProps, 'tls'> {
  /** What reads it. */
  readonly controller: IngressController;
  /** Its class: `ingressClassName`. @default - that of the controller's own chart; GCE has none */
  readonly className?: string;
  /** Where the certificate is. */
  readonly tls: RouteTls | CloudCertificate;
}

const SIMPLE = {
  traefik: traefikPlan,
  haproxy: haproxyPlan,
  'haproxy-ingress': haproxyIngressPlan,
  'nginx-inc': nginxPlan,
  contour: contourPlan,
} as const;

/** A route from outside by an Ingress, with all that its controller needs to be told. What it cannot do is refused. */
export class WebIngress extends Construct {
  /** The Ingress that leads to the application. */
  readonly ingress: k8s.KubeIngress;
  /** Those beside it, which redirect. */
  readonly redirects: readonly k8s.KubeIngress[];
  /** Objects of the controller's own kinds. */
  readonly objects: readonly ApiObject[];

  constructor(scope: Construct, id: string, props: WebIngressProps) {
    super(scope, id);
    requireProps(this, props, 'WebIngressProps');
    const { release, idle, bodySize } = props;
    const { tls, certificate } = certificateOf(props.tls);
    const route = routeOf(this, { ...props, tls });
    leaveTlsToFront(this, props.tls);
    const { namespace = 'default' } = Chart.of(this);
    const plan = planOf(this, props.controller, { route, release, namespace, certificate, given: { idle, bodySize } });
    const { className = plan.className } = props;
    if (className !== undefined) requireName(this, className, 253, 'className');
    if (certificate !== undefined) requireHttps(this, release);

    const [first, ...others] = plan.ingresses;
    this.ingress = this.make(route, first, className);
    this.redirects = others.map((one) => this.make(route, one, className));
    this.objects = (plan.objects ?? []).map(
      ({ id: part, name, ...object }) => new ApiObject(this, part, { ...object, metadata: { name } }),
    );
    release.web.service?.annotate(plan.service ?? {});
    const { port, health } = release.application;
    // Where requests go, and where it asks itself how the pods are.
    const ports = [...new Set([port, plan.asksHealth ? (health.port ?? port) : port])];
    const visitors = ports.flatMap((one) =>
      (plan.ranges ?? []).map((cidr) => ({ pods: route.service, port: one, peer: { cidr } })),
    );
    declare(this, { visitors, namespaceLabels: [plan.namespaceLabels ?? {}] });
  }

  private make(route: Route, plan: IngressPlan, ingressClassName?: string): k8s.KubeIngress {
    const { suffix, rules, annotations, tls, certified = [] } = plan;
    const main = suffix === '';
    const own = labels({ application: route.service, instance: route.name, component: 'route' });
    const name = main ? route.name : `${route.name}-${suffix}`;
    const hosts = [...rules.flatMap((rule) => rule.hosts), ...certified];
    const given = main ? route.annotations : dnsOnly(route.annotations);
    const metadata = { name, labels: own, annotations: { ...annotations, ...given } };
    return new k8s.KubeIngress(this, main ? 'Default' : suffix === 'http' ? 'Http' : 'Redirect', {
      metadata,
      spec: {
        ...(ingressClassName === undefined ? {} : { ingressClassName }),
        ...(tls && route.secret !== undefined ? { tls: [{ hosts, secretName: route.secret }] } : {}),
        rules: rules.flatMap((rule) => rule.hosts.map((host) => ({ host, http: { paths: pathsOf(rule, route) } }))),
      },
    });
  }
}

function pathsOf({ paths, backend }: Rule, { service }: Route): k8s.HttpIngressPath[] {
  const { name, port } = backend ?? { name: service, port: 'http' };
  return paths.map((path) => ({ path, pathType: 'Prefix', backend: { service: { name, port: { name: port } } } }));
}

/** For the route, a certificate of the cloud is none: nothing in the namespace holds it. */
function certificateOf(tls: WebIngressProps['tls']): { tls: RouteTls; certificate?: string } {
  if (tls instanceof OptOut || !('certificate' in tls)) return { tls };
  return { tls: OptOut.because('the certificate is kept by the cloud'), certificate: tls.certificate };
}

function planOf(scope: Construct, controller: IngressController, asked: Asked): Plan {
  if (typeof controller === 'string') return SIMPLE[controller](scope, asked);
  if ('alb' in controller) return albPlan(scope, controller.alb, asked);
  if ('gce' in controller) return gcePlan(scope, controller.gce, asked);
  return ingressNginxPlan(scope, controller['ingress-nginx'], asked);
}
