import { type App, Duration, JsonPatch } from 'cdk8s';
import { migrationsPastPoolers } from '../../lib/checks/beam/migrations-past-poolers';
import {
  Checks,
  ManagedPostgres,
  MigrationJob,
  OptOut,
  patch,
  render,
  type Manifest,
  type PhoenixReleaseProps,
} from '../../lib/index';
import { chart, release } from '../support/chart';
import { saidOf } from '../support/said';

const neon = 'ecto://shop@ep-wild-sun-a1b2-pooler.eu-central-1.aws.neon.tech/shop';
const direct = neon.replace('-pooler', '');

/** What the rule says of a release with its migration, and what else was wrong with it is not asked. */
function ofRelease(props: Partial<PhoenixReleaseProps>, change?: (migration: MigrationJob) => void): string[] {
  const tried = chart();
  Checks.of(tried);
  const migration = new MigrationJob(tried, 'Migration', { release: release(tried, props) });
  change?.(migration);
  return render(tried.node.root as App).faults.filter((fault) => fault.endsWith(' (migrations-past-poolers)'));
}

/** A job by hand, with what `mix phx.gen.release` makes. */
function job(env: readonly Manifest[], container: Manifest = {}, kind = 'Job'): Manifest {
  const secretKeyBase = { name: 'SECRET_KEY_BASE', valueFrom: { secretKeyRef: { name: 'shop', key: 'SECRET_KEY_BASE' } } };
  const one = { name: 'shop', image: 'registry.example.com/shop:1.0.0', env: [secretKeyBase, ...env], ...container };
  const template = { metadata: { labels: { app: 'shop' } }, spec: { restartPolicy: 'Never', containers: [one] } };
  const selector = kind === 'Deployment' ? { selector: { matchLabels: { app: 'shop' } } } : {};
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { name: 'shop' }, spec: { ...selector, template } };
}
const url = (value: string): Manifest => ({ name: 'DATABASE_URL', value });
const script = { command: ['/app/bin/migrate'] };
const of = (...objects: Manifest[]): string[] => saidOf(migrationsPastPoolers, ...objects);

describe('asks about a pooler', () => {
  test.each([
    [neon, "Neon's pooler"],
    ['postgres://shop@db.qwerty.supabase.co:6543/shop', "Supabase's pooler in transaction mode"],
    ['ecto://shop@shop-do-user-7-0.c.db.ondigitalocean.com:25061/pool', "DigitalOcean's pooler"],
    ['postgresql://shop@shop.proxy-c0ffee.eu-west-1.rds.amazonaws.com/shop', 'an RDS Proxy'],
    ['ecto://shop@pgbouncer.tools.svc:6432/shop', 'PgBouncer, by its port'],
  ])('at %s', (given, what) => {
    const [fault, ...others] = of(job([url(given)], script));
    expect(fault).toContain(
      `containers[0].env.DATABASE_URL' must lead to the server where migrations run, and this looks like ${what}, got "`,
    );
    expect(fault).toContain("Checks.of(app).leaveOut('migrations-past-poolers', OptOut.because('...'))");
    expect(fault).not.toContain('shop@');
    expect(others).toEqual([]);
  });

  test('in config of a release, where its Job and its gate use it', () => {
    expect(ofRelease({ config: { DATABASE_URL: neon } })).toHaveLength(1);
    expect(ofRelease({ config: { DATABASE_URL: neon }, migrationGate: Duration.minutes(5) })).not.toEqual([]);
  });

  test('in backing services, with the URL or with the address of a secret one', () => {
    expect(
      ofRelease({ backingServices: { DATABASE_URL: { url: neon.replace(/\/shop$/, ':5432/shop'), cidrs: 'everyone' } } }),
    ).toHaveLength(1);
    const secret = { secret: 'shop-db', key: 'url' };
    const [fault] = ofRelease({
      backingServices: { DATABASE_URL: { host: 'pool.example.com', port: 6432, secret, cidrs: 'everyone' } },
    });
    expect(fault).toContain('got "an address in the Secret shop-db/url"');
  });

  test('that a patch writes', () => {
    const change = ({ job: made }: MigrationJob) =>
      patch(made, 'other', JsonPatch.add('/spec/template/spec/containers/0/env/-', url(neon)));
    expect(ofRelease({}, change)).toHaveLength(1);
  });

  test.each<[string, Manifest]>([
    ['in an init container', job([], { command: ['/app/bin/shop', 'start'] }, 'Deployment')],
    [
      'before a server that migrates as it starts',
      job([url(neon)], { command: ['sh', '-c', '/app/bin/migrate && /app/bin/server'] }, 'Deployment'),
    ],
    [
      'by host and port',
      job(
        [
          { name: 'PGHOST', value: 'db.qwerty.supabase.co' },
          { name: 'PGPORT', value: '6543' },
        ],
        script,
      ),
    ],
    [
      'in a job that says so by its name alone',
      job([url(neon)], { name: 'migrate', command: ['/app/bin/shop', 'eval', 'Shop.setup()'] }),
    ],
  ])('%s', (what, made) => {
    if (what === 'in an init container') {
      const [one] = job([url(neon)], script)['spec'].template.spec.containers as Manifest[];
      made['spec'].template.spec.initContainers = [{ ...one, name: 'first' }];
    }
    expect(of(made)).toHaveLength(1);
  });

  test('of CloudNativePG, in transaction mode', () => {
    const pooler = (poolMode: string): Manifest => ({
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Pooler',
      metadata: { name: 'shop-pool' },
      spec: { cluster: { name: 'shop-db' }, instances: 2, type: 'rw', pgbouncer: { poolMode } },
    });
    const there = job([url('ecto://shop@shop-pool:5432/shop')], script);
    expect(of(pooler('transaction'), there)[0]).toContain(
      'looks like the Pooler shop-pool, got "shop-pool:5432"; write the Service shop-db-rw',
    );
    expect(of(pooler('session'), there)).toEqual([]);
  });
});

describe('accepts', () => {
  test.each<[string, Manifest]>([
    ['web pods that use a pooler', job([url(neon)], { command: ['/app/bin/shop', 'start'] }, 'Deployment')],
    ['seeds by way of a pooler', job([url(neon)], { command: ['/app/bin/shop', 'eval', 'Shop.seed()'] })],
    ['the server', job([url(direct)], script)],
    ['a pooler that keeps sessions', job([url('ecto://shop@aws-0-eu-central-1.pooler.supabase.com:5432/postgres')], script)],
    ['MySQL on such a port', job([url('mysql://shop@db.example.com:6432/shop')], script)],
    ['a direct address beside it', job([url(neon), { name: 'DATABASE_URL_UNPOOLED', value: direct }], script)],
    [
      'what a Secret alone knows',
      job([{ name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'shop', key: 'url' } } }], script),
    ],
    [
      'programs that are no release',
      {
        ...job([], {}),
        spec: {
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [
                {
                  name: 'migrate',
                  image: 'registry.example.com/rails:1.0.0',
                  command: ['rails', 'db:migrate'],
                  env: [url(neon)],
                },
              ],
            },
          },
        },
      },
    ],
  ])('%s', (_, made) => {
    expect(of(made)).toEqual([]);
  });

  test('what the user declared', () => {
    const declared = chart();
    Checks.of(declared).leaveOut('migrations-past-poolers', OptOut.because('PgBouncer in session mode'));
    new MigrationJob(declared, 'Migration', { release: release(declared, { config: { DATABASE_URL: neon } }) });
    expect(render(declared.node.root as App).faults.filter((fault) => fault.includes('migrations-past-poolers'))).toEqual([]);
    const tried = chart();
    Checks.of(tried);
    const { link } = new ManagedPostgres(tried, 'Database', {
      host: 'db.example.com',
      port: 6432,
      database: 'shop',
      user: 'shop',
      password: { secret: 'db', key: 'password' },
      connections: 100,
      tls: 'public-authority',
      throughPooler: OptOut.because('the server has this port'),
    });
    new MigrationJob(tried, 'Migration', { release: release(tried, { database: link }) });
    expect(render(tried.node.root as App).faults.filter((fault) => fault.includes('migrations-past-poolers'))).toEqual([]);
  });
});

describe('a pooler in the pod', () => {
  const port = 5432;
  const bouncer = { name: 'bouncer', image: 'registry.example.com/pgbouncer:1.25.2', ports: [{ containerPort: port }] };
  const beside = (pooler: Manifest): Manifest => {
    const made = job([url(`ecto://shop@127.0.0.1:${port}/shop`)], script);
    const spec = made['spec'].template.spec as Manifest;
    spec['initContainers'] = [{ restartPolicy: 'Always', ...bouncer, ...pooler }];
    return made;
  };
  const ini = (mode: string): Manifest => ({ command: ['sh', '-c', `printf '[pgbouncer]\npool_mode = ${mode}\n' > /tmp/a.ini`] });

  test.each<[string, Manifest]>([
    ['its variables', { env: [{ name: 'PGBOUNCER_POOL_MODE', value: 'transaction' }] }],
    ['its command', ini('statement')],
  ])('is asked about where %s say that it keeps no session', (_, pooler) => {
    expect(of(beside(pooler))).toEqual([
      expect.stringContaining(
        'and this looks like the pooler bouncer in the pod, got "127.0.0.1:5432"; write the server\'s own host, which PodPooler',
      ),
    ]);
  });

  test.each<[string, Manifest]>([
    ['keeps sessions', { env: [{ name: 'POOL_MODE', value: 'session' }] }],
    ['says nothing, as a proxy does', {}],
    ['listens elsewhere', { ...ini('transaction'), ports: [{ containerPort: 6000 }] }],
  ])('is left alone where it %s', (_, pooler) => {
    expect(of(beside(pooler))).toEqual([]);
  });

  test('that keeps sessions may have the port of poolers', () => {
    const made = beside({ ...ini('session'), ports: [{ containerPort: 6432 }] });
    made['spec'].template.spec.containers[0].env = [url('ecto://shop@127.0.0.1:6432/shop')];
    expect(of(made)).toEqual([]);
  });
});
