import { App, Duration, JsonPatch } from 'cdk8s';
import { connectionBudget } from '../../lib/checks/budgets/connection-budget';
import { build, environments, development, staging as before } from '../support/stack';
import {
  Checks,
  patch,
  postgresLink,
  render,
  Worker,
  type Manifest,
  type PhoenixReleaseProps,
  type WorkerProps,
} from '../../lib/index';
import { declare } from '../../lib/support/declare';
import { chart, release } from '../support/chart';
import { add, said, saidOf } from '../support/said';
import { production, staging } from '../support/alone';
import { vary, type Variation } from '../support/vary';

const host = `kube-native-postgresql-rw.${staging.namespace}.svc.cluster.local`;
const url = (name: string): Manifest => ({ name: 'DATABASE_URL', value: `ecto://chat@${name}:5432/chat` });
const pool = (size: number): Manifest => ({ name: 'POOL_SIZE', value: `${size}` });

function workload(kind: string, env: readonly Manifest[], spec: Manifest = {}, container: Manifest = {}): Manifest {
  const pod = { containers: [{ name: 'chat', image: 'registry.example.com/chat:1.0.0', env, ...container }] };
  const template = { metadata: { labels: { app: 'chat' } }, spec: pod };
  const inner = kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template };
  const apiVersion = kind.endsWith('Job') ? 'batch/v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { name: 'chat' }, spec: { ...inner, ...spec } };
}

/** How many connections the added workload is counted with, read from the sum. */
function counted(...objects: Manifest[]): string | undefined {
  const faults = saidOf(connectionBudget, ...objects);
  return /([^+"]+\+?[^+"]*\+?[^+"]*) chat\b/.exec(faults[0] ?? '')?.[1]?.trim();
}

describe('connection-budget', () => {
  it.each(environments.map((environment) => [environment.name, environment] as const))('holds in %s', (_, environment) => {
    const faults = render(build(environment, new App())).faults;
    expect(faults.filter((fault) => fault.endsWith(` (${connectionBudget.name})`))).toEqual([]);
  });

  it('fails when the pools of a rollout are more than the server has', () => {
    expect(said(connectionBudget, () => undefined, vary(staging, { web: { poolSize: 30 } }))).toEqual([
      `[30-phoenix/Release/Web/Deployment] 'spec.replicas' must open at most 99 connections to ${host} together with all others, got "(2 + 1 + 2) x 30 kube-native + 1 x 2 kube-native-migrate = 152"; kube-native has (web.replicas + web.rollout.surge + old pods that stop) x web.poolSize: lower one of these, or raise max_connections (connection-budget)`,
    ]);
  });

  it('fails when the database is outside of the cluster as well', () => {
    const { host: outside } = 'managed' in production.database ? production.database.managed : { host: 'none' };
    expect(said(connectionBudget, () => undefined, vary(production, { web: { replicas: 5 } }))).toEqual([
      `[30-phoenix/Release/Web/Deployment] 'spec.replicas' must open at most 190 connections to ${outside} together with all others, got "(5 + 1 + 5) x 20 kube-native + 1 x 2 kube-native-migrate = 222"; kube-native has (web.replicas + web.rollout.surge + old pods that stop) x web.poolSize: lower one of these, or raise max_connections (connection-budget)`,
    ]);
  });

  it('says by which props the largest one is lowered, and by which fields where nobody wrote a literal', () => {
    const fix = (...faults: readonly string[]) => faults.map((fault) => /"; (.*), or raise/.exec(fault)?.[1]);
    const worker = { replicas: { minimum: 2, maximum: 9 }, poolSize: 12, config: { KUBE_NATIVE_MODE: 'worker' } };
    const of = (mail: object) => said(connectionBudget, () => undefined, vary(staging, { workers: { mail } } as Variation));
    const { replicas, surge, size } = {
      replicas: 'workers.mail.replicas',
      surge: 'workers.mail.rollout.surge',
      size: 'workers.mail.poolSize',
    };
    expect(fix(...of(worker))).toEqual([
      `kube-native-mail has (${replicas} + ${surge} + old pods that stop) x ${size}: lower one of these`,
    ]);
    expect(fix(...of({ ...worker, replicas: 1, singleton: true, poolSize: 60 }))).toEqual([
      `lower ${size} of kube-native-mail or its pods`,
    ]);
    const env = [url(host), pool(20)];
    expect(fix(...saidOf(connectionBudget, workload('Deployment', env, { replicas: 3 })))).toEqual([
      'chat has (replicas + maxSurge + old pods that stop) x POOL_SIZE: lower one of these',
    ]);
    expect(fix(...saidOf(connectionBudget, workload('StatefulSet', env, { replicas: 3 })))).toEqual([
      'lower POOL_SIZE of chat or its pods',
    ]);
  });

  it('holds up to the last connection and fails at the one after it', () => {
    // Staging itself holds (2 + 1 + 2) x 10 + 2 of 99.
    const worker = (size: number): Manifest =>
      workload('Deployment', [url(host), pool(size)], { strategy: { type: 'Recreate' } });
    expect(saidOf(connectionBudget, worker(47))).toEqual([]);
    expect(saidOf(connectionBudget, worker(48))).toHaveLength(1);
  });

  it('counts the most pods of an autoscaler, the surge and the pods that go', () => {
    const target = { scaleTargetRef: { kind: 'Deployment', name: 'chat' }, maxReplicas: 10 };
    const hpa = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'chat' }, spec: target };
    const env = [url(host), pool(5), { name: 'POOL_COUNT', value: '2' }];
    expect(counted(workload('Deployment', env), hpa)).toBe('(10 + 3 + 10) x 10');
    const strategy = { rollingUpdate: { maxSurge: '100%' } };
    expect(counted(workload('Deployment', [url(host), pool(20)], { replicas: 3, strategy }))).toBe('(3 + 3 + 3) x 20');
    expect(counted(workload('StatefulSet', [url(host), pool(20)], { replicas: 3 }))).toBe('3 x 20');
  });

  it('takes ten where a release says nothing, and one where no BEAM does', () => {
    const phx = { name: 'PHX_HOST', value: 'example.com' };
    expect(counted(workload('Deployment', [url(host), phx], { replicas: 9 }))).toBe('(9 + 3 + 9) x 10');
    expect(counted(workload('Deployment', [url(host)], { replicas: 50 }))).toBe('(50 + 13 + 50) x 1');
  });

  it('counts two for a migration whatever its pool, and one for a dump', () => {
    const command = ['/app/bin/chat', 'eval', 'Chat.Release.migrate()'];
    expect(counted(workload('Job', [url(host), pool(40)], { parallelism: 30 }, { command }))).toBe('30 x 2');
    expect(counted(workload('Job', [url(host), pool(1)], { parallelism: 60 }, { command }))).toBe('60 x 2');
    const dumps = {
      jobTemplate: {
        spec: workload('Job', [{ name: 'PGHOST', value: host }], { parallelism: 60 }, { command: ['pg_dump'] })['spec'],
      },
    };
    expect(counted({ ...workload('CronJob', []), spec: dumps })).toBe('60 x 1');
  });

  it('counts the pool of a task that may start the application, and two at least', () => {
    const command = ['/app/bin/chat', 'eval', 'Chat.Digest.run()'];
    expect(counted(workload('Job', [url(host), pool(60)], {}, { command }))).toBe('1 x 60');
    expect(counted(workload('Job', [url(host), pool(1)], { parallelism: 60 }, { command }))).toBe('60 x 2');
  });

  it('tells a pooler from its server by the port, where they have one name', () => {
    const at = (port: number): Manifest => ({ name: 'DATABASE_URL', value: `ecto://chat@db.example.com:${port}/chat` });
    const faults = (...env: Manifest[]): string[] =>
      said(connectionBudget, (charts, app) => {
        const server = { host: 'db.example.com', connections: 20 };
        declare(app, {
          databases: [
            { ...server, port: 5432 },
            { ...server, port: 6543, connections: 500 },
          ],
        });
        add(charts, workload('Deployment', [...env, pool(40)]));
      });
    expect(faults(at(6543))).toEqual([]);
    expect(faults(at(5432))).toHaveLength(1);
    // Whoever does not say the port may mean either.
    expect(faults(url('db.example.com'))).toHaveLength(1);
    expect(faults({ name: 'PGHOST', value: 'db.example.com' })).toHaveLength(1);
  });

  it('counts the whole pool of a job that starts the release', () => {
    const command = ['/app/bin/chat', 'start'];
    expect(counted(workload('Job', [url(host), pool(60)], {}, { command }))).toBe('1 x 60');
  });

  it.each([
    ['by its short name', 'kube-native-postgresql-rw'],
    ['by the headless Service beside it', `kube-native-postgresql.${staging.namespace}.svc.cluster.local`],
    ['by the short name of that', 'kube-native-postgresql'],
    ['with its namespace', `kube-native-postgresql-rw.${staging.namespace}`],
    ['as a Service', `kube-native-postgresql-rw.${staging.namespace}.svc`],
    ['with a dot at the end', `${host}.`],
    ['in capitals', host.toUpperCase()],
  ])('knows a database %s', (_, name) => {
    expect(counted(workload('Deployment', [url(name), pool(40)]))).toBe('(1 + 1 + 1) x 40');
  });

  it('takes no Service for the database that leads to other pods', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'other' },
      spec: { selector: { app: 'chat' }, ports: [{ port: 5432 }] },
    };
    expect(saidOf(connectionBudget, service, workload('StatefulSet', [url('other'), pool(500)]))).toEqual([]);
  });

  it.each([
    ['another host', [url('db.example.com')]],
    ['a name that begins alike', [url(`other-${host}`)]],
    ['a variable that is no address', [{ name: 'NOTE', value: host }]],
    ['a Secret outside of the YAML', [{ name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'x', key: 'url' } } }]],
  ])('does not count %s', (_, env) => {
    expect(saidOf(connectionBudget, workload('Deployment', [...env, pool(500)]))).toEqual([]);
  });

  it('reads a URL from a Secret in the YAML, and does not show it', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'chat' },
      stringData: { DATABASE_URL: `ecto://chat:monster@${host}/chat` },
    };
    const read = { envFrom: [{ secretRef: { name: 'chat' } }] };
    const faults = said(connectionBudget, (charts) => add(charts, secret, workload('Deployment', [pool(40)], {}, read)));
    expect(faults).toHaveLength(1);
    expect(faults[0]).not.toContain('monster');
  });

  it('names the object with the largest share, and sums up the small ones', () => {
    const many = ['one', 'two', 'three', 'four'].map((name) => ({
      ...workload('Deployment', [url(host), pool(10)]),
      metadata: { name },
    }));
    const [fault, ...none] = saidOf(connectionBudget, ...many);
    expect(none).toEqual([]);
    expect(fault).toContain('[30-phoenix/Release/Web/Deployment]');
    expect(fault).toContain('(2 + 1 + 2) x 10 kube-native + (1 + 1 + 1) x 10 one + (1 + 1 + 1) x 10 two + 62 of others = 172"');
    expect(fault).toContain('or raise max_connections; the others are three, four, kube-native-migrate (connection-budget)');
  });

  /** A Deployment with a command that runs first, and connects to `first`. */
  function waiting(first: readonly Manifest[], then: readonly Manifest[], spec: Manifest): Manifest {
    const worker = workload('Deployment', then, spec);
    const { spec: template } = worker['spec'].template as { spec: Manifest };
    template['initContainers'] = [{ name: 'wait', env: first, command: ['/app/bin/chat', 'eval', 'Chat.Release.wait()'] }];
    return worker;
  }

  it('counts what runs before the others apart from them', () => {
    const env = [url(host), pool(40)];
    expect(counted(waiting(env, env, {}))).toBe('(1 + 1 + 1) x 40');
  });

  it('counts what waits for migrations in the pods that start, where those that run go by way of a pooler', () => {
    const pooled = [url('pooler.example.com'), pool(500)];
    const strategy = { rollingUpdate: { maxSurge: 4 } };
    expect(counted(waiting([url(host), pool(40)], pooled, { replicas: 60, strategy }))).toBe('(60 + 4) x 2');
  });

  it('counts those that no variable shows, and says who they are', () => {
    const held = (connections: number) =>
      said(connectionBudget, (_charts, app) => {
        Checks.of(app).hold(
          { host, who: 'an exporter', connections },
          { host: 'db.example.com', who: 'another', connections: 99 },
        );
      });
    // Staging itself holds (2 + 1 + 2) x 10 + 2 of 99.
    expect(held(47)).toEqual([]);
    expect(held(48)).toEqual([
      `[30-phoenix/Release/Web/Deployment] 'spec.replicas' must open at most 99 connections to ${host} together with all others, got "(2 + 1 + 2) x 10 kube-native + 48 an exporter + 1 x 2 kube-native-migrate = 100"; kube-native has (web.replicas + web.rollout.surge + old pods that stop) x web.poolSize: lower one of these, or raise max_connections (connection-budget)`,
    ]);
  });

  it('fails when they alone are too many', () => {
    const faults = said(connectionBudget, (_charts, app) => {
      const own = { host: 'db.example.com', connections: 3 };
      declare(app, { databases: [own] });
      declare(app, { connections: [{ host: own.host, who: 'a pooler', connections: 4 }] });
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`'metadata.name' must open at most 3 connections to db.example.com together with all others`);
    expect(faults[0]).toContain('got "4 a pooler = 4"');
  });

  it("counts two for KEDA, which asks the database how much waits in Oban's queues", () => {
    const oban = { queues: ['default'], jobsPerPod: 10 };
    const resources = before.web.resources;
    const worker = { replicas: { minimum: 0, maximum: 2, oban }, resources, shutdown: Duration.minutes(2) };
    const [fault] = said(connectionBudget, () => undefined, vary(staging, { workers: { worker }, web: { poolSize: 30 } }));
    expect(fault).toContain('(2 + 1 + 2) x 30 kube-native + (2 + 1 + 2) x 30 kube-native-worker + ');
    expect(fault).toContain('+ 2 of others = 304"');
    expect(fault).toContain('; the others are KEDA for kube-native-worker (');
  });

  it('takes the lower of two limits for one host', () => {
    const limited = (...limits: number[]) =>
      said(connectionBudget, (_charts, app) => {
        for (const connections of limits) declare(app, { databases: [{ host, connections }] });
      });
    expect(limited(200, 52)).toEqual([]);
    expect(limited(51, 200)).toHaveLength(1);
  });

  describe('beside a share', () => {
    const address = {
      host: 'db.example.com',
      port: 5432,
      database: 'chat',
      user: 'chat',
      password: { secret: 'db', key: 'password' },
    };
    const pooled = { host: 'pooler.example.com', port: 6432, peer: { cidr: '10.0.0.7/32' }, clients: 300 };

    /** What a release of 3 to 8 pods with all of a database, and a worker with a part of it, is found to open. */
    function sums(web: Partial<PhoenixReleaseProps>, worker?: Partial<WorkerProps>): readonly string[] {
      const tried = chart();
      const link = postgresLink({
        ...address,
        connections: 100,
        pooled: { ...pooled, mode: 'transaction', namedStatements: true },
      });
      declare(tried, { databases: [{ host: address.host, connections: 100 }] });
      const made = release(tried, { database: link, replicas: { minimum: 3, maximum: 8 }, ...web });
      if (worker) new Worker(tried, 'Worker', { release: made, replicas: 2, ...worker });
      const faults = render(tried.node.root as App).faults;
      return faults.filter((fault) => fault.endsWith(`(${connectionBudget.name})`));
    }

    it('holds, to the connection: one more in each pod would be too many', () => {
      expect(sums({ poolSize: { share: 1 } })).toEqual([]);
      expect(sums({ poolSize: Math.floor(100 / 17) + 1 })).toHaveLength(1);
      expect(sums({ poolSize: { share: 1 }, rollout: { surge: '30%' } })).toEqual([]);
      expect(sums({ poolSize: { share: 1 }, config: { POOL_COUNT: '2' } })).toEqual([]);
    });

    it('holds together with the share of a worker, and fails when the two are more than all', () => {
      expect(sums({ poolSize: { share: 0.6 } }, { poolSize: { share: 0.4 } })).toEqual([]);
      expect(sums({ poolSize: { share: 0.9 } }, { poolSize: { share: 0.9 } })).toHaveLength(1);
    });

    it("is held against the pooler's clients where pods go by way of it", () => {
      const connection = { pooled: { listens: false, statements: 'named' } } as const;
      expect(sums({ connection, poolSize: { share: 1 } })).toEqual([]);
      expect(sums({ connection, poolSize: 18 })).toEqual([
        `[chart/Release/Web/Deployment] 'spec.replicas' must open at most 300 connections to pooler.example.com together with all others, got "(8 + 1 + 8) x 18 kube-native = 306"; kube-native has (replicas + maxSurge + old pods that stop) x POOL_SIZE: lower one of these, or raise max_connections (connection-budget)`,
      ]);
    });
  });

  it('stays quiet where nobody declared a database', () => {
    const faults = said(
      connectionBudget,
      ({ release }) => {
        patch(release.configMap, 'moved elsewhere', JsonPatch.replace('/data/DATABASE_URL', 'ecto://db.example.com/x'));
      },
      vary(development, { web: { poolSize: 1000 } }),
    );
    expect(faults).toEqual([]);
  });
});
