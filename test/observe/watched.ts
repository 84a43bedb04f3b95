import { Cpu } from 'cdk8s-plus-27';
import { type App, Duration, Size } from 'cdk8s';
import {
  Checks,
  promEx,
  render,
  Resources,
  SingleMysql,
  type Charts,
  type Manifest,
  type NamedEnvironment,
  type Observe,
  type StackFacts,
} from '../../lib/index';
import { exporter, mysqlExporter } from '../support/exporters';
import { build, facts, staging } from '../support/stack';
import { dumps } from '../support/variants';
import { vary, type Variation } from '../support/vary';

// An environment that has all that an alert may be about, and an application that measures all that it can.

export const names = promEx({
  otpApp: 'kube_native',
  plugins: ['Application', 'Beam', 'Phoenix', 'PhoenixLiveView', 'Ecto', 'Oban'],
  clusterNodes: 'kube_native_cluster_nodes',
});

/** The application, with metrics. */
export const measured: StackFacts = { ...facts, application: { ...facts.application, metrics: { port: 9568, names } } };

export const observe: Observe = {
  labels: { release: 'monitors' },
  scrape: { interval: Duration.seconds(15), reader: { namespace: 'monitoring', serviceAccount: 'prometheus-k8s' } },
  objective: { availability: 99.9, latency: { within: Duration.millis(500), share: 99 } },
  dashboards: { sidecar: { folder: 'Shop' } },
  uptime: { prober: 'blackbox-exporter.monitoring.svc:9115' },
};

/** A MySQL beside it, which is measured too. */
function withMysql({ postgres }: Charts): void {
  new SingleMysql(postgres, 'Mysql', {
    name: 'kube-native-mysql',
    image: 'docker.io/library/mysql:8.4.10@sha256:5a5a84b19854a9ffaa54082c166ff4ec27473a361e496e5ea167f298f2da9722',
    ...{ database: 'mails', user: 'mails', password: { secret: 'kube-native-mysql', key: 'password' } },
    storage: Size.gibibytes(5),
    resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) }),
    exporter: { ...mysqlExporter, labels: observe.labels },
  });
}

/** Web pods, a worker and a cluster that Prometheus looks at, and nothing else. */
export const seen: NamedEnvironment = vary(staging, { monitoring: [{ namespace: 'monitoring' }], observe });

/** All that is worth an alert. */
export const watched: NamedEnvironment = vary(seen, {
  route: {
    ingress: { controller: 'traefik' },
    certificate: { kind: 'ClusterIssuer', name: 'letsencrypt', challenge: 'dns01' },
    proxies: [{ namespace: 'traefik' }],
  },
  web: { clients: undefined },
  database: { single: { ...staging.database.single, exporter } },
  existing: [{ kind: 'Secret', name: 'kube-native-mysql', keys: ['password'] }],
  amend: withMysql,
  backup: dumps,
  tasks: { nightly: { schedule: '0 4 * * *', run: 'Shop.run()' } },
  quota: { cpu: Cpu.units(11), memory: Size.gibibytes(14), storage: Size.gibibytes(40), pods: 24 },
});

/** An environment after a change, with its faults and its objects. */
export function tried(environment: NamedEnvironment, change: Variation = {}, of: StackFacts = measured) {
  const app: App = build(vary(environment, change), undefined, of);
  const { faults, files } = render(app);
  const objects = Checks.of(app).world.objects.map(({ manifest }) => manifest);
  return { faults, files, objects, of: (kind: string) => objects.filter((one) => one['kind'] === kind) };
}

/** A rule as Prometheus reads it. */
export type PrometheusRule = Manifest & { readonly alert?: string; readonly expr: string };

/** The rules of an environment by their groups. */
export function groupsIn(objects: readonly Manifest[]): readonly { name: string; interval?: string; rules: PrometheusRule[] }[] {
  return objects.flatMap((one) => (one['kind'] === 'PrometheusRule' ? (one['spec'] as Manifest)['groups'] : []));
}

/** The alerts of an environment by their names. */
export function alertsIn(objects: readonly Manifest[]): Readonly<Record<string, PrometheusRule>> {
  const rules = groupsIn(objects).flatMap((group) => group.rules);
  return Object.fromEntries(rules.flatMap((rule) => (rule.alert === undefined ? [] : [[rule.alert, rule]])));
}
