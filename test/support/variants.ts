import { Chart, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { postgres, production, staging } from './stack';
import {
  type Charts,
  type NamedEnvironment,
  type WebRoute,
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
import { vary } from './vary';

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

/** Staging on CloudNativePG: replicas, a pooler in front of each, backups, a second database, metrics and alerts. */
export const onCloudNativePg: NamedEnvironment = vary(staging, {
  databasePassword: undefined,
  database: { cloudNativePg },
  web: { connection: pooled },
  readUrl: true,
  monitoring: [{ namespace: 'monitoring' }],
  quota: { cpu: Cpu.units(12), memory: Size.gibibytes(24), storage: Size.gibibytes(80), pods: 24 },
  amend: ({ release }) => Checks.of(release).provide({ kind: 'Secret', name: 'kube-native-reports' }),
});

/** Has cert-manager keep the certificate of the route. */
export function certify({ release, route }: Charts): void {
  const issuer = { kind: 'ClusterIssuer', name: 'letsencrypt', challenge: 'dns01' } as const;
  new RouteCertificate(Chart.of(route ?? release), 'Certificate', {
    name: 'kube-native',
    hosts: [release.host, ...release.hosts],
    issuer,
  });
}

/** A route by a Gateway of the environment's own. */
export const ownGateway = (controller: GatewayController, className = 'public'): WebRoute => ({
  gatewayApi: { gateway: { own: { className } }, controller, tls: { secret: 'kube-native-tls' } },
});

export const GATEWAY_CONTROLLERS = [
  ...(['envoy-gateway', 'nginx-gateway-fabric', 'gke', 'istio', 'cilium', 'contour', 'traefik', 'kgateway'] as const),
];

/** A route by an Ingress. */
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
  ...(['traefik', 'haproxy', 'haproxy-ingress', 'nginx-inc', 'contour'] as const),
  { alb: { scheme: 'internet-facing', sourceRanges: 'everyone', subnets: ['10.0.0.0/16'] } },
  { 'ingress-nginx': OptOut.because('it is replaced by a Gateway in the next quarter') },
];

/** A route through a shared gateway of Istio. */
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
    cpu: Cpu.millis(500),
    memory: Size.mebibytes(512),
    ephemeralStorage: Size.gibibytes(10),
  }),
  schedule: '30 3 * * *',
  drill: { schedule: '30 6 * * 0', check: 'select count(*) > 0 from users' },
} as const satisfies NamedEnvironment['backup'];

/** TLS in the web pods. */
export const https = { secret: 'kube-native-tls' } as const;
const large = { cpu: Cpu.units(30), memory: Size.gibibytes(24), storage: Size.gibibytes(80), pods: 30 };
const meshed = { mesh: { gateways: ['istio-ingress'] }, web: { clients: [{ namespace: 'istio-ingress' }] }, quota: large };
const contracted = { ...staging.migrations, contract: true, seeds: true };

/** Environments that differ by one feature each, or by a few that go together. */
export const variants: Readonly<Record<string, NamedEnvironment>> = {
  staging,
  production,
  cloudNativePg: onCloudNativePg,
  ...Object.fromEntries(
    GATEWAY_CONTROLLERS.map((controller) => [
      `own Gateway of ${controller}`,
      vary(staging, { route: ownGateway(controller), amend: certify }),
    ]),
  ),
  ...Object.fromEntries(
    INGRESS_CONTROLLERS.map((controller) => {
      const name = typeof controller === 'string' ? controller : (Object.keys(controller)[0] ?? '');
      return [`Ingress of ${name}`, vary(staging, { route: ingress(controller), amend: certify })];
    }),
  ),
  'Istio alone': vary(staging, { route: istio, web: { clients: [{ namespace: 'istio-ingress' }] } }),
  'Istio and its mesh': vary(staging, { route: istio }, meshed),
  'https in the pods': vary(staging, { web: { https } }),
  http2: vary(staging, { web: { http2: true } }),
  hosts: vary(staging, { web: { hosts: ['shop.example.com', 'www.shop.example.com'] } }),
  'load balancer of aws': vary(vary(staging, { web: { https }, route: undefined }), {
    web: { exposure: balanced({ aws: { scheme: 'internet-facing', subnets: ['10.0.0.0/16'] } }) },
  }),
  'load balancer of gcp': vary(staging, {
    web: { https, exposure: balanced({ gcp: { scheme: 'external' } }) },
    route: undefined,
  }),
  'load balancer of azure': vary(staging, {
    web: { https, exposure: balanced({ azure: { scheme: 'external' } }) },
    route: undefined,
  }),
  'any load balancer': vary(staging, { web: { https, exposure: balanced({ other: {} }, 'everyone') }, route: undefined }),
  'Argo CD': vary(staging, { delivery: 'argo', migrations: contracted, quota: large }),
  Helm: vary(production, { delivery: 'helm', migrations: contracted, quota: large }),
  'By Flux': vary(staging, { delivery: 'flux', migrations: contracted, quota: large }),
  dumps: vary(staging, { backup: dumps, quota: large }),
  'all jobs': vary(staging, { migrations: contracted, quota: large }),
};
