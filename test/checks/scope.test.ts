import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart, Include } from 'cdk8s';
import { ConfigMap, Deployment, k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import * as door from '../../lib/checks/index';
import * as library from '../../lib/index';
import {
  Checks,
  clusterNeeds,
  Deployer,
  EnvironmentChart,
  FluxKustomizations,
  inFolder,
  NetworkFence,
  OptOut,
  PodDefaults,
  render,
  synth,
  type Manifest,
  type Rule,
} from '../../lib/index';
import { release } from '../support/chart';

/** What a scanner or a rule has a lot to say about, as a chart of Helm renders it. */
const SEARCH = `
apiVersion: v1
kind: Service
metadata: { name: search, namespace: search }
spec: { selector: { app: search }, ports: [{ port: 9200 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: search, namespace: search }
spec:
  selector: { matchLabels: { app: search } }
  template:
    metadata: { labels: { app: search } }
    spec: { containers: [{ name: search, image: 'search:latest', env: [{ name: PASSWORD, value: kRb3Vn8sQ2mXp7Lw4Tz9 }] }] }
`;

/** An App of a platform: a Redis by cdk8s-plus, a chart of Helm, and objects that were written by hand. */
function platform(): App {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'platform-')) });
  const redis = new Chart(app, 'redis', { namespace: 'redis' });
  new Deployment(redis, 'Redis', { containers: [{ image: 'redis', portNumber: 6379 }] }).exposeViaService({ name: 'redis' });
  const file = join(mkdtempSync(join(tmpdir(), 'search-')), 'search.yaml');
  writeFileSync(file, SEARCH);
  new Include(new Chart(app, 'search'), 'Helm', { url: file });
  const tools = new Chart(app, 'tools', { namespace: 'tools', labels: { team: 'tools' } });
  new ApiObject(tools, 'Config', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop' }, data: { 'a b': '1' } });
  new ApiObject(tools, 'Home', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tools' } });
  return app;
}

const OTHERS = ['redis', 'search', 'tools'];

/** A chart in which the shop's team has a release, and a ConfigMap of its own that no API server takes. */
function shop(app: App, id = 'shop', namespace = id): Chart {
  const chart = new Chart(app, id, { namespace, disableResourceNameHashes: true });
  release(chart);
  new ConfigMap(chart, 'Beside', { metadata: { name: 'beside' }, data: { 'a b': '1' } });
  return chart;
}

/** The objects of some charts as they are written, also where the App has faults. */
function yamlOf(app: App, ids: readonly string[] = OTHERS): Manifest[] {
  const constructs = ids.flatMap((id) => app.node.findChild(id).node.findAll());
  return constructs.filter((one) => ApiObject.isApiObject(one)).map((object) => object.toJson() as Manifest);
}

/** The charts that faults are in. */
function chartsIn(faults: readonly string[]): string[] {
  const paths = faults.flatMap((fault) => (/^\[([^\]]*)\]/.exec(fault)?.[1] ?? '').split(', '));
  return [...new Set(paths.map((path) => path.split('/')[0] ?? ''))].sort();
}

function config(scope: Construct, name: string, data: Record<string, string> = {}): ConfigMap {
  return new ConfigMap(scope, name, { metadata: { name }, data });
}

describe('a chart of ours in the App of a platform', () => {
  test('is judged alone, with what stands beside our constructs', () => {
    const app = platform();
    shop(app);
    const { faults, assumed } = render(app);
    expect(chartsIn(faults)).toEqual(['shop']);
    expect(faults).toContainEqual(expect.stringMatching(/^\[shop\/Beside\/Resource\] .*\(data-size\)$/));
    expect(assumed).toContain(
      'charts without a construct of cdk8s-phoenix are not judged: redis, search, tools; Checks.of(app).only(app) judges them too',
    );
  });

  test('is judged alone by cdk8s too, also where settings of the App are said', () => {
    const app = platform();
    shop(app);
    Checks.of(app).kubernetes = '1.33';
    const said = thrownBy(() => app.synth());
    expect(said).toContain('[shop/Beside/Resource]');
    expect(said).not.toMatch(/(?:redis|search|tools)\//);
  });

  test('has others written as they wrote it', () => {
    const before = yamlOf(platform());
    const app = platform();
    shop(app);
    const checks = Checks.of(app);
    checks.cluster = 'production-eu';
    checks.scanners = ['checkov', 'kube-linter', 'kube-score', 'polaris'];
    checks.leaveOut('image-digest', OptOut.because('the registry of this cluster has no digests'));
    checks.leaveOut('data-size', OptOut.because('nobody reads it'));
    render(app);
    expect(yamlOf(app)).toEqual(before);
    const ours = JSON.stringify(yamlOf(app, ['shop']));
    expect(ours).toContain('"cdk8s-phoenix/cluster":"production-eu"');
    expect(ours).toContain('"cdk8s-phoenix/opt-outs":"data-size: nobody reads it"');
    expect(checks.optOuts.flatMap(({ objects }) => objects).filter((path) => !path.startsWith('shop/'))).toEqual([]);
  });

  test('may name what others make, and nothing that they do not', () => {
    const app = platform();
    const ours = shop(app, 'shop', 'redis');
    const way = (name: string): object => ({
      host: `${name}.example.com`,
      http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 6379 } } } }] },
    });
    const spec = { ingressClassName: 'traefik', rules: ['redis', 'reddis'].map(way) };
    new ApiObject(ours, 'Way', { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'way' }, spec });
    const named = render(app).faults.filter((fault) => fault.startsWith('[shop/Way]') && /reddis|redis"/.test(fault));
    expect(named).toEqual([expect.stringContaining('"reddis"')]);
  });

  test('is told where it takes the name of what others make, whoever comes first', () => {
    for (const ids of [
      ['shop', 'theirs'],
      ['theirs', 'shop'],
    ]) {
      const app = new App();
      const charts = ids.map((id) => new Chart(app, id, { namespace: 'both', disableResourceNameHashes: true }));
      for (const chart of charts) config(chart, 'same');
      new PodDefaults(app.node.findChild('shop'), 'Defaults', { labels: { tier: 'web' } });
      expect(render(app).faults).toEqual([
        expect.stringMatching(/^\[shop\/same\/Resource\] .* of \[theirs\/same\/Resource\].*\(unique-objects\)$/),
      ]);
    }
  });

  test('is told of the connections that it opens together with others, at one of its own pods', () => {
    const pods = (name: string, replicas: number): Manifest => {
      const env = [
        { name: 'DATABASE_URL', value: 'ecto://shop:shop@db.example.com:5432/shop' },
        { name: 'POOL_SIZE', value: '10' },
      ];
      const containers = [{ name, image: `${name}:1.0.0`, command: ['/app/bin/shop', 'start'], env }];
      const template = { metadata: { labels: { app: name } }, spec: { containers } };
      const spec = { replicas, selector: { matchLabels: { app: name } }, template };
      return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'both' }, spec };
    };
    const objects = door.objectsOf([pods('search', 9), pods('shop', 2)]);
    const databases = [{ host: 'db.example.com', port: 5432, connections: 100 }];
    const budget = door.rules.filter(({ name }) => name === 'connection-budget');
    const places = (theirs?: door.World['theirs']): string[] =>
      door.judge(door.worldOf(objects, { databases, theirs }), budget).map(([, { object }]) => object.construct.node.path);
    expect(places()).toEqual(['both/Deployment/search']);
    expect(places(new Set(objects.slice(0, 1).map(({ construct }) => construct)))).toEqual(['both/Deployment/shop']);
  });

  test('is told of data that it loses, and of nothing that others move', () => {
    const claim = (namespace: string): Manifest => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'files', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    const app = platform();
    shop(app);
    Checks.of(app).previous = [claim('shop'), claim('search')];
    const lost = render(app).faults.filter((fault) => fault.includes('(lost-data)'));
    expect(lost).toEqual([expect.stringMatching(/^\[shop\/.*PersistentVolumeClaim \\?"files\\?" in the namespace \\?"shop/)]);
  });

  test('has what it needs in the cluster told, and not what others need', () => {
    const app = platform();
    const theirs = app.node.findChild('redis') as Chart;
    const pod = (name: string): k8s.PodSpec => ({
      containers: [{ name: 'web', image: 'web', envFrom: [{ secretRef: { name } }] }],
    });
    new k8s.KubePod(theirs, 'Pod', { metadata: { name: 'pod' }, spec: pod('of-redis') });
    shop(app);
    render(app);
    const { namespace, objects, kinds } = clusterNeeds(app);
    expect(namespace).toBe('shop');
    expect(objects).toContainEqual(expect.objectContaining({ kind: 'Secret', name: 'kube-native', namespace: 'shop' }));
    expect(objects.map(({ name }) => name)).not.toContain('of-redis');
    expect(objects.filter(({ kind }) => kind === 'Namespace')).toEqual([]);
    expect(kinds).not.toContain('pod');
  });

  test('gives its pipeline no right to objects of others, and is not asked to deploy them', () => {
    const app = platform();
    const ours = shop(app);
    const subjects = [{ group: 'deployers' }];
    const { role } = new Deployer(ours, 'Deployer', { name: 'shop', subjects });
    new k8s.KubeSecret(app.node.findChild('tools'), 'Secret', { metadata: { name: 'theirs' }, stringData: { A: 'b' } });
    new FluxKustomizations(inFolder(new Chart(app, 'flux', { namespace: 'flux-system' }), 'flux'), 'Flux', {
      name: 'shop',
      path: 'dist',
      steps: [{ folder: 'shop' }],
    });
    inFolder(ours, 'shop');
    const { faults } = render(app);
    expect(faults.filter((fault) => /'(?:subjects|steps)'/.test(fault))).toEqual([]);
    const { rules } = ApiObject.of(role).toJson() as { rules: { resources: string[] }[] };
    expect(rules.flatMap(({ resources }) => resources)).toContain('deployments');
    expect(rules.flatMap(({ resources }) => resources)).not.toContain('ingresses');
    expect(JSON.stringify(rules)).not.toContain('"tools"');
  });

  test('is compared with other environments, and charts of others are not', () => {
    const build = (host: string) => (app: App) => {
      const theirs = new Chart(app, 'theirs', { namespace: 'tools', disableResourceNameHashes: true });
      config(theirs, 'shared', { host });
      config(new EnvironmentChart(app, 'ours', { namespace: 'shop', partOf: 'shop' }), 'own', { host });
    };
    const errors = jest.spyOn(console, 'error').mockImplementation();
    synth(mkdtempSync(join(tmpdir(), 'apart-')), { one: build('one'), two: build('two') }, { dry: true });
    process.exitCode = undefined;
    const said = errors.mock.calls.join('\n');
    errors.mockRestore();
    expect(said).toMatch(/two: \[ours\/own\/Resource\].*\(objects-apart\)/);
    expect(said).not.toContain('[theirs');
  });
});

describe('what is ours', () => {
  /** The charts whose findings are told, of an App in which each ConfigMap has one. */
  const told = (make: (app: App) => void): string[] => {
    const app = new App();
    make(app);
    const paths = render(app).faults.flatMap((fault) => /^\[([^\]]*)\].*\(found\)$/.exec(fault)?.[1]?.split(', ') ?? []);
    return paths.map((path) => path.replace(/\/[^/]*\/Resource$/, '')).sort();
  };
  const found: Rule = {
    name: 'found',
    sentence: 'No ConfigMap is found.',
    why: 'It is one.',
    source: 'https://example.com',
    *find({ objects }) {
      for (const object of objects)
        if (object.manifest['kind'] === 'ConfigMap')
          yield { object, field: 'kind', must: 'not be found', got: undefined, fix: 'remove it' };
    },
  };
  const chartIn = (scope: Construct, id: string): Chart => {
    const chart = new Chart(scope, id, { namespace: 'one', disableResourceNameHashes: true });
    config(chart, chart.node.path.replaceAll('/', '-'));
    return chart;
  };
  const defaults = (scope: Construct) => new PodDefaults(scope, 'Defaults', { labels: { tier: 'web' } });

  test('is the nearest chart around a construct, with the charts in it', () => {
    const charts = told((app) => {
      Checks.of(app).add(found);
      const ours = chartIn(chartIn(app, 'team'), 'web');
      chartIn(ours, 'tools');
      chartIn(app.node.findChild('team'), 'redis');
      defaults(new Construct(ours, 'Inner'));
    });
    expect(charts).toEqual(['team/web', 'team/web/tools']);
  });

  test('is a chart of a class of ours, and what it was put into', () => {
    const charts = told((app) => {
      Checks.of(app).add(found);
      config(new EnvironmentChart(app, 'alone', { namespace: 'one', partOf: 'shop' }), 'alone');
      const team = chartIn(app, 'team');
      config(new EnvironmentChart(team, 'within', { namespace: 'one', partOf: 'shop' }), 'within');
      chartIn(app, 'other');
    });
    expect(charts).toEqual(['alone', 'team', 'team/within']);
  });

  test('is a chart whose checks are asked for', () => {
    const charts = told((app) => {
      Checks.of(app).add(found);
      defaults(chartIn(app, 'ours'));
      Checks.of(chartIn(app, 'asked'));
      chartIn(app, 'other');
    });
    expect(charts).toEqual(['asked', 'ours']);
  });

  test('is such a chart alone, where there is no construct of ours', () => {
    const charts = told((app) => {
      Checks.of(chartIn(app, 'asked')).add(found);
      chartIn(app, 'other');
    });
    expect(charts).toEqual(['asked']);
  });

  test('is the whole App, where there is none and its checks are asked for', () => {
    const charts = told((app) => {
      Checks.of(app).add(found);
      Checks.of(chartIn(app, 'one')).leaveOut('image-digest', OptOut.because('nothing runs here'));
      chartIn(app, 'two');
    });
    expect(charts).toEqual(['one', 'two']);
  });

  test('is what somebody says', () => {
    const all = (app: App): Chart[] => [defaults(chartIn(app, 'ours')).node.scope as Chart, chartIn(app, 'other')];
    expect(told((app) => (all(app), Checks.of(app).add(found).only(app)))).toEqual(['other', 'ours']);
    expect(
      told((app) =>
        Checks.of(app)
          .add(found)
          .only(...all(app).slice(1)),
      ),
    ).toEqual(['other']);
  });

  test('fails where constructs of another App are named: nothing would be judged, or left out, and nobody would hear of it', () => {
    const app = platform();
    shop(app);
    const other = shop(new App(), 'other');
    Checks.of(app).only(other, undefined as unknown as Chart);
    Checks.of(app).leaveOut('data-size', OptOut.because('the keys are read by nobody'), other);
    const fault = (props: string, got: string): string =>
      `[app] ${props} must be given constructs of this App, got ${got}; pass the App, one of its charts, or anything in them`;
    expect(render(app).faults).toEqual(
      expect.arrayContaining([fault("'leaveOut' and 'only'", '"other of another App"'), fault("'only'", 'nothing')]),
    );
  });

  test('is not told where somebody has said it', () => {
    const app = platform();
    Checks.of(app).only(shop(app));
    expect(render(app).assumed.join()).not.toContain('are not judged');
  });

  type Kind = new (scope: Construct, id: string, props: object) => Construct;
  const isKind = (value: unknown): value is Kind => typeof value === 'function' && value.prototype instanceof Construct;
  const constructs = Object.entries<unknown>({ ...library }).flatMap(([name, one]) =>
    isKind(one) ? [[name, one] as const] : [],
  );

  test.each(constructs)('is the chart that one stands in: %s', (_, Kind) => {
    const app = new App();
    const ours = chartIn(app, 'ours');
    chartIn(app, 'theirs');
    try {
      new Kind(ours, 'One', {});
    } catch {
      // It cannot be made without its props.
    }
    expect(render(app).assumed.join()).toContain('not judged: theirs;');
  });

  test('has rules left out where that is said, and nowhere else', () => {
    const app = new App();
    const one = shop(app, 'one');
    shop(app, 'two');
    Checks.of(one).leaveOut('data-size', OptOut.because('nobody reads it'));
    const left = render(app).faults.filter((fault) => fault.includes('(data-size)'));
    expect(left).toEqual([expect.stringMatching(/^\[two\/Beside\/Resource\]/)]);
  });
});

describe('several namespaces in one App', () => {
  const team = (app: App, id: string): Chart => {
    const chart = new Chart(app, id, { namespace: id, disableResourceNameHashes: true });
    release(chart);
    new NetworkFence(chart, 'Fence', { clients: [{ namespace: 'gateway' }] });
    new Deployer(chart, 'Deployer', { name: 'shop', subjects: [{ group: id }] });
    return chart;
  };

  test('are judged as each would be alone', () => {
    const of = (...ids: string[]): readonly string[] => {
      const app = new App();
      for (const id of ids) team(app, id);
      return render(app).faults;
    };
    const alone = ['one', 'two'].map((id) => of(id).map((fault) => fault.replaceAll(new RegExp(`\\b${id}\\b`, 'g'), 'x')));
    expect(alone[0]).toEqual(alone[1]);
    const both = of('one', 'two').map((fault) => fault.replace(/\[([^\]]*)\]/, (_, paths: string) => `[${merged(paths)}]`));
    expect(both.sort()).toEqual([...(alone[0] ?? [])].sort());
  });

  test('have fences and rights of their own, as each would have alone', () => {
    const alone = new App();
    team(alone, 'one');
    const both = new App();
    for (const id of ['zero', 'one', 'two']) team(both, id);
    render(alone);
    render(both);
    expect(yamlOf(both, ['one'])).toEqual(yamlOf(alone, ['one']));
  });

  test('do not lend each other what they make', () => {
    const app = new App();
    const [one, two] = ['one', 'two'].map((id) => shop(app, id)) as [Chart, Chart];
    new k8s.KubeConfigMap(one, 'Config', { metadata: { name: 'settings' } });
    for (const chart of [one, two])
      new k8s.KubePod(chart, 'Pod', {
        metadata: { name: 'pod' },
        spec: { containers: [{ name: 'web', image: 'web', envFrom: [{ configMapRef: { name: 'settings' } }] }] },
      });
    const missing = render(app).faults.filter((fault) => fault.includes('"settings"'));
    expect(missing).toEqual([expect.stringMatching(/^\[two\/Pod\]/)]);
  });

  test('are told each with what it needs', () => {
    const app = new App();
    for (const id of ['one', 'two']) shop(app, id);
    render(app);
    const secrets = clusterNeeds(app).objects.filter(({ kind }) => kind === 'Secret');
    expect(secrets.map(({ name, namespace }) => [name, namespace])).toEqual([
      ['kube-native', 'one'],
      ['kube-native', 'two'],
    ]);
  });

  test('are no fault of hand-written charts either', () => {
    const app = new App();
    for (const id of ['one', 'two']) config(new Chart(app, id, { namespace: id, disableResourceNameHashes: true }), 'same');
    Checks.of(app);
    expect(render(app).faults).toEqual([]);
  });
});

/** Paths of two charts in which the same is wrong, as that of one. */
function merged(paths: string): string {
  return [...new Set(paths.split(', ').map((path) => path.replace(/^(?:one|two)\b/, 'x')))].join(', ');
}

function thrownBy(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (error) {
    return String(error);
  }
}
