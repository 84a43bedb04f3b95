import { Chart, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { Charts, Environment, WebRoute } from '../../lib/environments/environment';
import { postgres } from '../../lib/environments/images';
import { production } from '../../lib/environments/production';
import { staging } from '../../lib/environments/staging';
import {
  Checks,
  CloudIdentity,
  OptOut,
  Resources,
  RouteCertificate,
  type Connection,
  type GatewayController,
  type IngressController,
  type LoadBalancer,
  type LoadBalancerCloud,
  type PostgresEngine,
} from '../../lib/index';

const role = 'arn:aws:iam::123456789012:role/kube-native-backups';

/** CloudNativePG with all that an environment has use for. */
export const cloudNativePg = {
  instances: 3,
  image:
    'ghcr.io/cloudnative-pg/postgresql:17.6-system-trixie@sha256:5a5a84b19854a9ffaa54082c166ff4ec27473a361e496e5ea167f298f2da9722',
  storage: Size.gibibytes(20),
  storageClass: 'fast',
  wal: { size: Size.gibibytes(5), storageClass: 'fast' },
  resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(2) }),
  extensions: ['citext'],
  pooler: {
    instances: 2,
    poolSize: 30,
    resources: Resources.guaranteed({ cpu: Cpu.millis(250), memory: Size.mebibytes(256) }),
    readOnly: true,
  },
  backup: {
    destination: 's3://kube-native-backups/staging',
    credentials: CloudIdentity.aws({ roleArn: role }),
    schedule: '0 1 * * *',
    retention: Duration.days(30),
  },
  databases: [{ name: 'reports', owner: 'reports', extensions: ['pgcrypto'] }],
  roles: [{ name: 'reports', secret: 'kube-native-reports', connections: 5 }],
  antiAffinity: 'required',
  monitoring: true,
  alerts: true,
} as const satisfies (PostgresEngine & { cloudNativePg: unknown })['cloudNativePg'];

/** Web pods by way of the pooler. */
export const pooled: Connection = { pooled: { listens: false, statements: 'named' } };

/** Staging on CloudNativePG: copies, a pooler in front of each, backups, a second database, metrics and alerts. */
export const onCloudNativePg: Environment = {
  ...staging,
  databasePassword: OptOut.because('CloudNativePG makes a Secret of its own'),
  database: { cloudNativePg },
  connection: pooled,
  readUrl: true,
  monitoring: [{ namespace: 'monitoring' }],
  quota: { cpu: Cpu.units(12), memory: Size.gibibytes(24), storage: Size.gibibytes(80), pods: 24 },
  amend: ({ release }) => Checks.of(release).provide({ kind: 'Secret', name: 'kube-native-reports' }),
};

/** Has cert-manager keep the certificate of the road. */
export function certify({ release, route }: Charts): void {
  const issuer = { kind: 'ClusterIssuer', name: 'letsencrypt' } as const;
  new RouteCertificate(Chart.of(route ?? release), 'Certificate', {
    name: 'kube-native',
    hosts: [release.host, ...release.hosts],
    issuer,
  });
}

/** A road by a Gateway of the environment's own. */
export const ownGateway = (controller: GatewayController, className = 'public'): WebRoute => ({
  gatewayApi: { gateway: { own: { className } }, controller, tls: { secret: 'kube-native-tls' } },
});

export const GATEWAY_CONTROLLERS = [
  ...(['envoy-gateway', 'nginx-gateway-fabric', 'gke', 'istio', 'cilium', 'contour', 'traefik', 'kgateway'] as const),
];

/** A road by an Ingress. */
export const ingress = (controller: IngressController): WebRoute => ({
  ingress: {
    controller,
    tls:
      typeof controller === 'object' && 'alb' in controller
        ? { certificate: 'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d' }
        : { secret: 'kube-native-tls' },
  },
});

export const INGRESS_CONTROLLERS: readonly IngressController[] = [
  ...(['traefik', 'haproxy', 'haproxy-ingress', 'nginx', 'contour'] as const),
  { alb: { scheme: 'internet-facing', sourceRanges: 'everyone', subnets: ['10.0.0.0/16'] } },
  { 'ingress-nginx': OptOut.because('it is replaced by a Gateway in the next quarter') },
];

/** A road through a shared gateway of Istio. */
export const istio: WebRoute = {
  istio: { gateway: { shared: 'istio-ingress/public' }, tls: OptOut.because('the shared Gateway has the certificate') },
};

/** A load balancer of layer 4. */
export const balanced = (cloud: LoadBalancerCloud, sourceRanges: LoadBalancer['sourceRanges'] = ['203.0.113.0/24']) => ({
  loadBalancer: { cloud, sourceRanges },
});

/** Dumps into a volume, and a drill that restores them. */
export const dumps = {
  image: postgres,
  target: { claim: { name: 'kube-native-dumps', storage: Size.gibibytes(20) } },
  resources: Resources.guaranteed({
    ...{ cpu: Cpu.millis(500), memory: Size.mebibytes(512), ephemeralStorage: Size.gibibytes(10) },
  }),
  schedule: '30 3 * * *',
  drill: { schedule: '30 6 * * 0', check: 'select count(*) > 0 from users' },
} as const satisfies Environment['backup'];

/** TLS in the web pods. */
export const https = { secret: 'kube-native-tls' } as const;
const noRoute = OptOut.because('the load balancer leads to the pods');
const large = { cpu: Cpu.units(30), memory: Size.gibibytes(24), storage: Size.gibibytes(80), pods: 30 };
const meshed = { mesh: { gateways: ['istio-ingress'] }, clients: [{ namespace: 'istio-ingress' }], quota: large };
const contracted = { ...staging.migrations, contract: true, seeds: true };

/** Environments that differ by one feature each, or by a few that go together. */
export const variants: Readonly<Record<string, Environment>> = {
  ...{ staging, production, cloudNativePg: onCloudNativePg },
  ...Object.fromEntries(
    GATEWAY_CONTROLLERS.map((controller) => [
      `own Gateway of ${controller}`,
      { ...staging, route: ownGateway(controller), amend: certify },
    ]),
  ),
  ...Object.fromEntries(
    INGRESS_CONTROLLERS.map((controller) => {
      const name = typeof controller === 'string' ? controller : (Object.keys(controller)[0] ?? '');
      return [`Ingress of ${name}`, { ...staging, route: ingress(controller), amend: certify }];
    }),
  ),
  'Istio alone': { ...staging, route: istio, clients: [{ namespace: 'istio-ingress' }] },
  'Istio and its mesh': { ...staging, route: istio, ...meshed },
  'https in the pods': { ...staging, https },
  http2: { ...staging, http2: true },
  hosts: { ...staging, hosts: ['shop.example.com', 'www.shop.example.com'] },
  'load balancer of aws': {
    ...{ ...staging, https, route: noRoute },
    exposure: balanced({ aws: { scheme: 'internet-facing', subnets: ['10.0.0.0/16'] } }),
  },
  'load balancer of gcp': { ...staging, https, route: noRoute, exposure: balanced({ gcp: { scheme: 'external' } }) },
  'load balancer of azure': { ...staging, https, route: noRoute, exposure: balanced({ azure: { scheme: 'external' } }) },
  'any load balancer': { ...staging, https, route: noRoute, exposure: balanced({ other: {} }, 'everyone') },
  'Argo CD': { ...staging, delivery: 'argo', migrations: contracted, quota: large },
  Helm: { ...production, delivery: 'helm', migrations: contracted, quota: large },
  Flux: { ...staging, delivery: 'flux', migrations: contracted, quota: large },
  dumps: { ...staging, backup: dumps, quota: large },
  'all jobs': { ...staging, migrations: contracted, quota: large },
};
