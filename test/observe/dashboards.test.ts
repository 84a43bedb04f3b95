import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readExpression } from '../../lib/model/metrics';
import { ReleaseDashboards, telemetryMetrics, type Manifest } from '../../lib/index';
import { application, chart, objects as objectsIn } from '../support/chart';
import { invalidObjects } from '../support/models';
import { facts } from '../support/stack';
import { onCloudNativePg } from '../support/variants';
import { CLUSTER_METRICS, MYSQL_METRICS, POSTGRES_METRICS } from './database-metrics';
import { names, observe, seen, tried, watched } from './watched';
import { dashboardsIn, queriesOf } from './queries';

const { faults, files, objects, of } = tried(watched);
const dashboards = dashboardsIn(objects);

describe('dashboards', () => {
  test('come with everything else that looks at an environment, which is refused nowhere', () => {
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
    expect(
      objects
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
        .filter((one) => /dashboard|Monitor|Rule|Probe|scrape/.test(one)),
    ).toEqual([
      ...['postgresql', 'mysql', ''].map((part) => `PodMonitor kube-native${part && '-'}${part}`),
      'Role kube-native-scrape',
      'RoleBinding kube-native-scrape',
      'Probe kube-native',
      ...['overview', 'beam', 'ecto', 'live', 'oban', 'mysql', 'postgresql'].map(
        (part) => `ConfigMap kube-native-dashboard-${part}`,
      ),
      'PrometheusRule kube-native',
    ]);
  });

  test('are found by the sidecar, each in a file of its own name, and small enough for kubectl apply', () => {
    for (const { metadata, data, immutable } of of('ConfigMap').filter((one) =>
      String(one['metadata'].name).includes('-dashboard-'),
    )) {
      expect(metadata).toMatchObject({ labels: { grafana_dashboard: '1' }, annotations: { grafana_folder: 'Shop' } });
      const [[key, text] = ['', '']] = Object.entries(data as Record<string, string>);
      expect(key).toBe(`kube-native-staging-${String(metadata.name).replace('-dashboard', '')}.json`);
      expect([immutable, text.length < 200_000]).toEqual([undefined, true]);
    }
  });

  test('have names that stay, panels that do not overlap, and a source to choose', () => {
    for (const [part, dashboard] of Object.entries(dashboards)) {
      expect(dashboard).toMatchObject({ uid: `kube-native-staging-${part}`, schemaVersion: 39 });
      const panels = dashboard['panels'] as Manifest[];
      const places = panels.map(({ gridPos }) => `${gridPos.x} ${gridPos.y}`);
      expect([new Set(places).size, panels.map(({ id }) => id as number)]).toEqual([
        panels.length,
        panels.map((_, index) => index + 1),
      ]);
      for (const { datasource, title, description } of panels) {
        expect([datasource.uid, typeof title, String(description).length > 5]).toEqual(['${datasource}', 'string', true]);
      }
    }
  });

  test('ask in PromQL, for pods of their namespace, for metrics that the application has', () => {
    const queries = Object.values(dashboards).flatMap(queriesOf);
    expect(queries.length).toBeGreaterThan(40);
    const known = new Set(names.exporter?.names);
    for (const query of queries) {
      const { fault, names: asked } = readExpression(query);
      expect([query, fault]).toEqual([query, undefined]);
      expect(query).toContain('namespace="kube-native-staging"');
      const unknown = asked.filter(
        (name) =>
          name.startsWith('kube_native_prom_ex_') && !known.has(name.replace(/_(?:bucket|sum|count)$/, '')) && !known.has(name),
      );
      expect([query, unknown]).toEqual([query, []]);
    }
  });

  test('look as they are drawn in the docs', () => {
    const folder = join(__dirname, '../../docs/pictures');
    // That of MySQL is like that of PostgreSQL.
    const drawnOnes = Object.entries(dashboards).filter(([part]) => part !== 'mysql');
    for (const [part, { title, panels }] of drawnOnes) {
      const picture = readFileSync(join(folder, `${part}.svg`), 'utf8');
      const drawn = [...picture.matchAll(/<text [^>]*font-weight="bold">([^<]*)</g)].map(([, text]) => text);
      // `.ci/pictures` draws them anew.
      expect([part, drawn]).toEqual([part, (panels as Manifest[]).map((panel) => panel['title'] as string)]);
      expect(picture).toContain(`font-size="16">${String(title)}<`);
    }
    expect(readdirSync(folder).sort()).toEqual(drawnOnes.map(([part]) => `${part}.svg`).sort());
  });

  test('of databases ask for what their exporters have, and let nobody choose pods of the application', () => {
    const ofCluster = tried(onCloudNativePg, { observe: { dashboards: { sidecar: {} } } });
    expect(ofCluster.faults).toEqual([]);
    const all: Readonly<Record<string, Manifest>> = {
      ...dashboards,
      cluster: dashboardsIn(ofCluster.objects)['postgresql'] ?? {},
    };
    const asked = (part: string) => {
      const text = JSON.stringify(all[part]);
      expect([part, text.includes('$pod'), text.includes('"name":"pod"')]).toEqual([part, false, false]);
      const queries = queriesOf(all[part] ?? {}).flatMap((query) => readExpression(query).names);
      return [...new Set(queries)].filter((name) => !name.startsWith('kube'));
    };
    expect(asked('postgresql').filter((name) => !POSTGRES_METRICS.includes(name))).toEqual([]);
    expect(asked('mysql').filter((name) => !MYSQL_METRICS.includes(name))).toEqual([]);
    expect(asked('cluster').filter((name) => !CLUSTER_METRICS.includes(name))).toEqual([]);
    expect([asked('postgresql'), asked('mysql'), asked('cluster')].map(({ length }) => length > 8)).toEqual([true, true, true]);
  });

  test('come by the operator, too', () => {
    const road = { operator: { instances: { dashboards: 'grafana' }, folder: 'Shop' } };
    const found = tried(seen, { observe: { ...observe, dashboards: road } });
    expect(found.faults).toEqual([]);
    expect(
      found
        .of('GrafanaDashboard')
        .map(({ metadata, spec }) => [metadata.name as unknown, spec.instanceSelector as unknown, spec.folder as unknown]),
    ).toContainEqual(['kube-native-dashboard-beam', { matchLabels: { dashboards: 'grafana' } }, 'Shop']);
    expect(JSON.parse(String(found.of('GrafanaDashboard')[0]?.['spec'].json))).toMatchObject({
      uid: 'kube-native-staging-overview',
    });
  });

  test('are those alone of which something is measured', () => {
    const list = {
      ...facts,
      application: { ...facts.application, metrics: { port: 9568, names: telemetryMetrics({ prefix: 'shop' }) } },
    };
    expect(Object.keys(dashboardsIn(tried(seen, {}, list).objects))).toEqual(['overview', 'beam', 'ecto']);
  });

  test('stand in a chart of their own, without pods to choose', () => {
    const made = chart();
    const metrics = { port: 9568, names: { clusterNodes: 'nodes', oban: names.oban } };
    const { dashboards: all } = new ReleaseDashboards(made, 'Dashboards', {
      application: { ...application, metrics },
      road: { sidecar: {} },
    });
    expect(Object.keys(all)).toEqual(['oban']);
    expect(((all['oban'] as Manifest)['templating'] as Manifest)['list']).toHaveLength(1);
    expect(JSON.stringify(all)).not.toContain('$pod');
    expect(objectsIn(made).map(({ kind }) => kind as string)).toEqual(['ConfigMap']);
  });

  test('fails when nobody knows what is measured', () => {
    const unknown = { ...facts, application: { ...facts.application, metrics: { port: 9568 } } };
    const { faults: said } = tried(seen, { observe: { dashboards: { sidecar: {} } } }, unknown);
    expect(said).toEqual([expect.stringContaining("'application.metrics.names' must be known to dashboards")]);
  });
});
