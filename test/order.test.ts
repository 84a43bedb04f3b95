import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Size, Testing, YamlOutputType } from 'cdk8s';
import { Cpu, Deployment } from 'cdk8s-plus-27';
import fc from 'fast-check';
import { application, postgres, production } from './support/stack';
import { dumps } from './support/variants';
import {
  BeamCluster,
  CertificateIssuer,
  Checks,
  declare,
  declaredBy,
  declaredIn,
  DatabaseBackup,
  DatabaseRestore,
  EnvironmentChart,
  FluxKustomizations,
  inFolder,
  KeyedSecret,
  MigrationJob,
  NamespaceChart,
  NetworkFence,
  PhoenixRelease,
  PostgresChart,
  ProbedDeployment,
  render,
  Resources,
  RestoreDrill,
  ScheduledTask,
  ServiceMesh,
  WebIngress,
  Worker,
  type DatabaseLink,
  type Delivery,
} from '../lib/index';
import { minimalDeployment } from './support/chart';

const within = { namespace: 'shop', partOf: 'kube-native' };
const source = { existing: true } as const;
const small = Resources.guaranteed({ cpu: Cpu.millis(500), memory: Size.mebibytes(512), ephemeralStorage: Size.gibibytes(10) });

/** What a program has made so far. Where one construct takes another as an argument, their order is given. */
interface Made {
  readonly app: App;
  readonly delivery: Delivery;
  secret?: KeyedSecret<'SECRET_KEY_BASE' | 'RELEASE_COOKIE'>;
  database?: DatabaseLink;
  cluster?: BeamCluster;
  release?: PhoenixRelease;
}

interface Piece {
  readonly after: readonly string[];
  readonly make: (made: Made) => unknown;
}

const FOLDERS: Readonly<Record<string, string>> = { '20-migrate': 'migrate', '30-release': 'release', '31-workers': 'release' };

/** A chart of the environment, in the folder of its step. */
function chart({ app, delivery }: Made, id: string): EnvironmentChart {
  const made = new EnvironmentChart(app, id, within);
  return delivery === 'flux' ? inFolder(made, FOLDERS[id] ?? 'base') : made;
}

/** A construct that another one takes. */
function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('made too early');
  return value;
}

/** Backing services and a role, so that what a fence opens depends on objects that are elsewhere. */
const PIECES: Readonly<Record<string, Piece>> = {
  version: { after: [], make: ({ app }) => (Checks.of(app).kubernetes = '1.31') },
  namespace: {
    after: [],
    make: ({ app, delivery }) => {
      const made = new NamespaceChart(app, '00-namespace', within);
      if (delivery === 'flux') inFolder(made, 'base');
    },
  },
  secret: {
    after: [],
    make: (made) => {
      const keys = ['SECRET_KEY_BASE', 'RELEASE_COOKIE'] as const;
      made.secret = new KeyedSecret(chart(made, '05-secrets'), 'Release', { name: 'kube-native', keys, source });
    },
  },
  database: {
    after: [],
    make: (made) => {
      const { app, delivery } = made;
      const password = { secret: 'kube-native-postgresql', key: 'password' };
      Checks.of(app).provide({ kind: 'Secret', name: password.secret, keys: [password.key] });
      const postgresql = new PostgresChart(app, '10-postgres', {
        ...within,
        name: 'kube-native-postgresql',
        database: 'kube_native',
        user: 'kube_native',
        password,
        engine: { single: { image: postgres, storage: Size.gibibytes(10), resources: small } },
      });
      if (delivery === 'flux') inFolder(postgresql, 'base');
      made.database = postgresql.link;
    },
  },
  backup: {
    after: ['database'],
    make: (made) => {
      const { image, target, resources, schedule } = dumps;
      const props = { name: 'kube-native-postgresql', database: given(made.database), image, target, resources, schedule };
      new DatabaseBackup(chart(made, '15-backup'), 'Backup', props);
    },
  },
  drill: {
    after: ['database'],
    make: (made) => {
      const { image, target, resources, drill } = dumps;
      const props = { name: 'kube-native-postgresql', database: given(made.database), image, target, resources };
      new RestoreDrill(chart(made, '16-drill'), 'Drill', { ...props, ...drill });
    },
  },
  restore: {
    after: ['database'],
    make: (made) => {
      const { image, target, resources } = dumps;
      const props = { name: 'kube-native-postgresql', database: given(made.database), image, target, resources };
      new DatabaseRestore(chart(made, '17-restore'), 'Restore', { ...props, dump: 'kube_native-20260102T030405Z.dump' });
    },
  },
  cluster: {
    after: ['secret'],
    make: (made) => {
      const cookie = given(made.secret).key('RELEASE_COOKIE');
      const props = { name: 'kube-native', cookie, discovery: 'kubernetesApi' } as const;
      made.cluster = new BeamCluster(chart(made, '29-cluster'), 'Cluster', props);
    },
  },
  release: {
    after: ['secret', 'database', 'cluster'],
    make: (made) => {
      const { delivery } = made;
      const [secret, database, cluster] = [given(made.secret), given(made.database), given(made.cluster)];
      const { host } = production.web;
      made.release = new PhoenixRelease(chart(made, '30-release'), 'Release', {
        application: { ...application, metrics: { port: 9568 } },
        image: production.image,
        host,
        secret,
        database,
        cluster,
        delivery,
        replicas: { minimum: 2, maximum: 3 },
        resources: small,
        poolSize: 2,
        backingServices: { REDIS_URL: { url: 'redis://cache:6379' } },
      });
    },
  },
  cache: {
    after: [],
    make: (made) =>
      new ProbedDeployment(chart(made, '12-cache'), 'Cache', {
        ...minimalDeployment,
        name: 'cache',
        resources: small,
        image: production.image,
        ports: { redis: 6380 },
        servicePorts: { redis: 6379 },
        rollout: { surge: 1 },
      }),
  },
  jobs: {
    after: ['release'],
    make: (made) => {
      const [release, database] = [given(made.release), given(made.database)];
      const replicas = { minimum: 0, maximum: 2, oban: { queues: ['default'], jobsPerPod: 10, database } };
      new Worker(chart(made, '31-workers'), 'Jobs', { release, replicas, poolSize: 2 });
    },
  },
  mails: {
    after: ['release'],
    make: (made) => {
      const release = given(made.release);
      const props = { release, role: 'mails', replicas: 1, poolSize: 2 } as const;
      new Worker(chart(made, '32-mails'), 'Mails', props);
    },
  },
  nightly: {
    after: ['release'],
    make: (made) => {
      const props = { release: given(made.release), task: 'nightly', command: ['/app/bin/nightly'], schedule: '0 3 * * *' };
      new ScheduledTask(chart(made, '33-nightly'), 'Nightly', props);
    },
  },
  migration: {
    after: ['release'],
    make: (made) => new MigrationJob(chart(made, '20-migrate'), 'Migration', { release: given(made.release) }),
  },
  search: {
    after: ['release'],
    make: (made) => {
      const { delivery } = made;
      const props = { release: given(made.release), task: 'search', command: ['/app/bin/search'] };
      const home = new EnvironmentChart(made.app, '21-search', within);
      new MigrationJob(delivery === 'flux' ? inFolder(home, 'migrate') : home, 'Search', props);
    },
  },
  route: {
    after: ['release'],
    make: (made) => {
      const controller = { alb: { scheme: 'internet-facing', sourceRanges: 'everyone', subnets: ['10.0.0.0/16'] } } as const;
      const tls = { certificate: 'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d' };
      new WebIngress(chart(made, '40-routes'), 'Ingress', { release: given(made.release), controller, tls });
    },
  },
  issuer: {
    after: [],
    make: (made) => {
      const challenge = { http01: { ingressClass: 'alb' } };
      const acme = { server: 'production', email: 'ops@example.com', challenge } as const;
      new CertificateIssuer(chart(made, '41-issuer'), 'Issuer', { name: 'letsencrypt', source: { acme } });
    },
  },
  mesh: {
    after: [],
    make: (made) => new ServiceMesh(chart(made, '07-mesh'), 'Mesh', { gateways: ['edge'] }),
  },
  fence: {
    after: [],
    make: (made) => {
      const clients = [{ namespace: 'edge' }];
      const monitoring = [{ namespace: 'monitoring' }];
      new NetworkFence(chart(made, '08-network'), 'Fence', { clients, monitoring });
    },
  },
  flux: {
    after: [],
    make: ({ app, delivery }) => {
      if (delivery !== 'flux') return;
      const steps = ['base', 'migrate', 'release'].map((folder) => ({ folder }));
      const home = inFolder(new EnvironmentChart(app, '90-flux', within), 'flux');
      new FluxKustomizations(home, 'Flux', { name: 'kube-native', path: 'dist/shop', steps });
    },
  },
};

const names = Object.keys(PIECES);

/** The pieces in the order of their ranks, as far as what they take is there by then. */
function ordered(ranks: readonly number[]): string[] {
  const waiting = names.toSorted((one, other) => (ranks[names.indexOf(one)] ?? 0) - (ranks[names.indexOf(other)] ?? 0));
  const made: string[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex((name) => PIECES[name]?.after.every((other) => made.includes(other)));
    made.push(...waiting.splice(next, 1));
  }
  return made;
}

/** The files of a program that makes these in this order. */
function files(order: readonly string[], delivery: Delivery): readonly [readonly string[], string] {
  const made: Made = { app: new App(), delivery };
  for (const name of order) PIECES[name]?.make(made);
  const rendered = render(made.app);
  const inOrder = [...rendered.files].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return [rendered.faults, inOrder.map(([name, text]) => `# ${name}\n${text}`).join('\n')];
}

describe.each<Delivery>(['apply', 'flux'])('delivered by %s', (delivery) => {
  // The order that a reader would choose: what summarizes comes last.
  const usual = files(ordered([]), delivery);

  test('the order in which a program makes its constructs changes no byte', () => {
    const ranks = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: names.length, maxLength: names.length });
    const backwards = names.map((_, index) => names.length - index);
    fc.assert(
      fc.property(ranks, (drawn) => expect(files(ordered(drawn), delivery)).toEqual(usual)),
      { numRuns: 10, examples: [[backwards]], endOnFailure: true },
    );
    expect(usual).toEqual([[], expect.stringContaining('kind: Deployment')]);
  });
});

describe("in an App of the user's own", () => {
  /** A fence above all that it opens: pods of cdk8s-plus, which say themselves where they connect to. */
  const own = (app: App): Chart => {
    const fenced = new Chart(app, 'network', { namespace: 'shop', disableResourceNameHashes: true });
    new NetworkFence(fenced, 'Fence', { clients: [] });
    const pods = new Deployment(new Chart(app, 'search', { namespace: 'shop' }), 'Search', {
      containers: [{ image: 'search:1' }],
    });
    const sends = [{ port: 9200, peer: { cidr: '192.0.2.0/24' } }];
    declare(pods, { traffic: [{ pods: 'search', labels: {}, sends, reachesOut: false }] });
    expect(declaredBy(pods)).toHaveLength(1);
    expect(declaredIn(app).traffic).toHaveLength(1);
    return fenced;
  };

  test.each(Object.values(YamlOutputType).filter((type) => typeof type === 'number'))(
    'a fence that was made first is whole in every form of output: %s',
    (yamlOutputType) => {
      const outdir = mkdtempSync(join(tmpdir(), 'order-'));
      const app = new App({ outdir, yamlOutputType });
      own(app);
      app.synth();
      const written = readdirSync(outdir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
      const text = written.map((name) => readFileSync(join(outdir, name), 'utf8')).join('');
      rmSync(outdir, { recursive: true });
      expect(text.match(/^  name: (?:default-deny|search)$/gm)).toHaveLength(2);
      expect(text).toContain('192.0.2.0/24');
    },
  );

  test('and in the text of the App, and of its chart alone', () => {
    const app = new App();
    const fenced = own(app);
    expect(app.synthYaml()).toContain('192.0.2.0/24');
    expect(JSON.stringify(Testing.synth(fenced))).toContain('192.0.2.0/24');
    expect(Testing.synth(fenced)).toHaveLength(2);
  });
});
