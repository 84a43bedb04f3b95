import { App, Duration, JsonPatch, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  distilleryRelease,
  EnvironmentChart,
  exrmRelease,
  KeyedSecret,
  MigrationJob,
  mixRelease,
  patch,
  PhoenixRelease,
  PostgresChart,
  Probe,
  Resources,
  type LegacyReleaseProps,
  type Manifest,
  type MixReleaseProps,
  type PhoenixApplication,
  type ReleaseTool,
  type ReleaseToolProps,
} from '../lib/index';
import { application, chart, container, objects, one, podSpec, refusals, release } from './support/chart';

/** The web pods and the migration of a release that was made with `tool`. */
function running(tool: ReleaseTool) {
  const tried = chart();
  new MigrationJob(tried, 'Migration', { release: release(tried, { application: { ...application, release: tool } }) });
  const web = one(tried, 'Deployment');
  const job = one(tried, 'Job');
  const ofJob = (container(job)['env'] as Manifest[]).map(({ name, value }): [string, string] => [name, value]);
  const ofWeb = objects(tried).find(({ kind, immutable }) => kind === 'ConfigMap' && immutable === true)?.['data'] as Manifest;
  return { web, job, ofWeb, ofJob: Object.fromEntries(ofJob) };
}

const facts: ReleaseToolProps = { release: 'shop' };

describe('mix release', () => {
  const everything: Required<MixReleaseProps> = {
    ...facts,
    root: '/srv/shop',
    module: 'Shop.Release',
    otpApps: ['shop', 'audit'],
    migrations: [],
  };

  test('has commands under its root', () => {
    expect(mixRelease(everything)).toMatchObject({
      start: ['/srv/shop/bin/shop', 'start'],
      migrate: ['/srv/shop/bin/shop', 'eval', 'Shop.Release.migrate()'],
      seed: ['/srv/shop/bin/shop', 'eval', 'Shop.Release.seed()'],
    });
    expect(mixRelease({ ...facts, module: 'Shop.Release' }).start).toEqual(['/app/bin/shop', 'start']);
  });

  test('takes migrations back by the function that mix phx.gen.release makes', () => {
    expect(mixRelease(everything).rollback?.('Shop.Repo', 20260131120000)).toEqual([
      ...['/srv/shop/bin/shop', 'eval', 'Shop.Release.rollback(Shop.Repo, 20260131120000)'],
    ]);
  });

  test('asks Ecto of each of its applications which migrations are left, without making a table or taking a lock', () => {
    const [program, verb, script] = mixRelease(everything).awaitMigrations?.(Duration.minutes(10)) ?? [];
    expect([program, verb]).toEqual(['/srv/shop/bin/shop', 'eval']);
    expect(script).toBe('Code.eval_string(File.read!("/etc/release-scripts/gate.exs"), apps: [:shop, :audit], limit: 600)');
    expect(mixRelease(everything).scripts?.['gate.exs']).toContain(
      'options = [prefix: prefix, skip_table_creation: true, migration_lock: false]',
    );
  });

  test('waits for its databases by the same question, and takes any answer', () => {
    const [program, verb, script = ''] = mixRelease(everything).awaitDatabase?.(Duration.minutes(5)) ?? [];
    expect([program, verb]).toEqual(['/srv/shop/bin/shop', 'eval']);
    expect(script).toMatch(/^Code\.eval_string\(.*database\.exs"\), apps: \[:shop, :audit\], limit: 300\)$/);
    expect(mixRelease(everything).scripts?.['database.exs']).toContain('error.__struct__ == DBConnection.ConnectionError');
  });

  test('runs the migrations that wait for the roll-out from a folder beside the others', () => {
    const [program, verb, script] = mixRelease(everything).contract ?? [];
    expect([program, verb]).toEqual(['/srv/shop/bin/shop', 'eval']);
    expect(script).toMatch(/^Code\.eval_string\(.*migrate\.exs"\), apps: \[:shop, :audit\], folder: "post_migrations"\)$/);
  });

  test('says nothing in its scripts that Kubernetes or Helm would replace', () => {
    const { contract = [], awaitMigrations, scripts = {} } = mixRelease(everything);
    const texts = [...contract, ...(awaitMigrations?.(Duration.minutes(1)) ?? []), ...Object.values(scripts)];
    for (const text of texts) expect(text).not.toMatch(/\$\(|\{\{/);
  });

  test.each([
    ['KubeNative.Release', ':kube_native'],
    ['Shop.Release', ':shop'],
    ['MyAPI2Web.Release', ':my_api2_web'],
    ['HTTPServer.ReleaseTasks', ':http_server'],
  ])('knows the application of %s', (module, atom) => {
    expect(mixRelease({ ...facts, module }).contract?.[2]).toContain(`apps: [${atom}]`);
  });

  test('serves and listens to the loopback interface alone; a task does neither', () => {
    const { ofWeb, ofJob } = running(mixRelease(everything));
    expect(ofWeb).toMatchObject({
      PHX_SERVER: 'true',
      RELEASE_DISTRIBUTION: 'name',
      RELEASE_NODE: 'shop@127.0.0.1',
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RELEASE_TMP: '/tmp',
    });
    expect(ofJob).toMatchObject({ RELEASE_DISTRIBUTION: 'none', RELEASE_TMP: '/tmp' });
    expect(Object.keys(ofJob)).not.toEqual(expect.arrayContaining(['PHX_SERVER']));
    expect(Object.keys(ofJob)).not.toEqual(expect.arrayContaining(['RELEASE_NODE']));
  });

  test('keeps the emulator from burning CPU, from reserving memory for ports, and from listening outside', () => {
    const { ofWeb, ofJob } = running(mixRelease(everything));
    const flags = '+S 1:1 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none';
    expect([ofWeb['ERL_FLAGS'], ofJob['ERL_FLAGS']]).toEqual([flags, flags]);
    expect([ofWeb['ERL_AFLAGS'], ofJob['ERL_AFLAGS']]).toEqual([
      '-kernel inet_dist_use_interface {127,0,0,1} -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4379',
      undefined,
    ]);
  });
});

describe.each([
  ['Distillery', distilleryRelease, { REPLACE_OS_VARS: 'true' }],
  ['exrm', exrmRelease, { RELX_REPLACE_OS_VARS: 'true', RUNNER_LOG_DIR: '/tmp/log' }],
])('%s', (_, make, variables) => {
  const everything: Required<LegacyReleaseProps> = {
    ...facts,
    root: '/opt/shop',
    migrate: ['command', 'Elixir.Shop.ReleaseTasks', 'migrate'],
    seed: ['command', 'Elixir.Shop.ReleaseTasks', 'seed'],
    awaitMigrations: ['command', 'Elixir.Shop.ReleaseTasks', 'wait'],
  };

  test('waits for migrations by a command that is told the seconds, where it has one', () => {
    expect(make(facts)).not.toHaveProperty('awaitMigrations');
    expect(make(everything).awaitMigrations?.(Duration.minutes(3))).toEqual([
      ...['/opt/shop/bin/shop', 'command', 'Elixir.Shop.ReleaseTasks', 'wait', '180'],
    ]);
  });

  test('listens where people find it, and where its commands find a place beside it', () => {
    const { ofWeb, ofJob } = running(make(facts));
    expect(ofWeb['ERL_AFLAGS']).toBe('-kernel inet_dist_listen_min 4370 inet_dist_listen_max 4379');
    expect(ofJob['ERL_AFLAGS']).toBeUndefined();
  });

  test('runs in the foreground, and tasks as custom commands', () => {
    expect(make(facts)).toMatchObject({
      start: ['/app/bin/shop', 'foreground'],
      migrate: ['/app/bin/shop', 'migrate'],
      seed: ['/app/bin/shop', 'seed'],
    });
  });

  test('runs tasks by module and function where the release has no commands', () => {
    expect(make(everything)).toMatchObject({
      start: ['/opt/shop/bin/shop', 'foreground'],
      migrate: ['/opt/shop/bin/shop', 'command', 'Elixir.Shop.ReleaseTasks', 'migrate'],
      seed: ['/opt/shop/bin/shop', 'command', 'Elixir.Shop.ReleaseTasks', 'seed'],
    });
  });

  test('writes its configuration, secrets and all, to memory, in every pod', () => {
    const { web, job, ofWeb, ofJob } = running(make(facts));
    for (const pod of [web, job]) {
      expect(podSpec(pod)['volumes']).toContainEqual({ name: 'release', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } });
      expect(container(pod)['volumeMounts']).toContainEqual({ name: 'release', mountPath: '/run/release' });
    }
    for (const values of [ofWeb, ofJob]) expect(values).toMatchObject({ ...variables, RELEASE_MUTABLE_DIR: '/run/release' });
  });

  test('has no command to wait for migrations, or to take them back', () => {
    const { contract, rollback, awaitMigrations } = make(facts);
    expect([contract, rollback, awaitMigrations]).toEqual([undefined, undefined, undefined]);
  });

  test('gets no flag that the Erlang of its time refuses', () => {
    expect(running(make(facts)).ofWeb['ERL_FLAGS']).toBe('+S 1:1 +Q 65536 +sbwt none');
  });
});

describe('the hand-written deployment of 2018', () => {
  const namespace = { namespace: 'kube-native', partOf: 'kube-native' };
  const url = 'ecto://kube_native:kube_native@kube-native-postgresql.kube-native.svc.cluster.local/kube_native';
  const secretKeyBase = 'x'.repeat(64);
  const ping = ['/app/bin/kube_native_umbrella', 'ping'];
  const legacy: PhoenixApplication = {
    ...application,
    release: distilleryRelease({ release: 'kube_native_umbrella' }),
  };

  const app = new App();
  const database = new EnvironmentChart(app, '05-secrets', namespace);
  const password = new KeyedSecret(database, 'Database', {
    name: 'kube-native-postgresql',
    keys: ['password'],
    source: { literal: { password: 'kube_native' } },
  });
  const secret = new KeyedSecret(database, 'Release', {
    name: 'kube-native-env-secret',
    keys: ['DATABASE_URL', 'ERLANG_COOKIE', 'SECRET_KEY_BASE'],
    source: { literal: { DATABASE_URL: url, ERLANG_COOKIE: 'cookie', SECRET_KEY_BASE: secretKeyBase } },
  });
  const postgres = new PostgresChart(app, '10-postgres', {
    ...namespace,
    name: 'kube-native-postgresql',
    database: 'kube_native',
    user: 'kube_native',
    password: password.key('password'),
    engine: {
      single: {
        image: 'docker.io/library/postgres:10.5-alpine',
        runAsUser: 70,
        storage: Size.gibibytes(8),
        resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(256) }),
      },
    },
  });
  const phoenix = new EnvironmentChart(app, '30-phoenix', namespace);
  const web = new PhoenixRelease(phoenix, 'Release', {
    application: legacy,
    image: 'kube-native:0.1.0',
    imagePullPolicy: 'Never',
    host: 'localhost',
    secret,
    config: { HOSTNAME: 'localhost' },
    exposure: { nodePort: 30400 },
    replicas: 1,
    resources: Resources.burstable({
      cpu: { request: Cpu.millis(250), limit: Cpu.millis(1000) },
      memory: { request: Size.mebibytes(128), limit: Size.mebibytes(256) },
    }),
    rollout: { surge: '10%', history: 10 },
    probes: { readiness: Probe.http({ path: '/' }), liveness: Probe.exec({ command: ping }) },
  });
  const jobs = new EnvironmentChart(app, '20-migrate', namespace);
  const migration = new MigrationJob(jobs, 'Migration', { release: web });
  const seeds = new MigrationJob(jobs, 'Seeds', { release: web, task: 'seed', command: legacy.release.seed });
  const podIp = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
  for (const target of [web.web.deployment, migration.job, seeds.job]) {
    patch(target, 'the node of the release is named by it', JsonPatch.add('/spec/template/spec/containers/0/env/0', podIp));
  }

  test('is refused nowhere', () => {
    expect(refusals(phoenix)).toEqual([]);
  });

  test('has its ConfigMap, its Secret and the address of the pod as variables', () => {
    expect(one(phoenix, 'ConfigMap')['data']).toMatchObject({ HOSTNAME: 'localhost', PORT: '4000', REPLACE_OS_VARS: 'true' });
    const plain = (data: Record<string, string>) =>
      Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
    const [first, second] = objects(database).map(({ data }) => plain(data as Record<string, string>));
    expect(first).toEqual({ password: 'kube_native' });
    expect(second).toEqual({ DATABASE_URL: url, ERLANG_COOKIE: 'cookie', SECRET_KEY_BASE: secretKeyBase });
    const keyOf = (key: string) => ({ name: key, valueFrom: { secretKeyRef: { name: 'kube-native-env-secret', key } } });
    expect(container(one(phoenix, 'Deployment'))['env']).toEqual([
      podIp,
      keyOf('DATABASE_URL'),
      keyOf('ERLANG_COOKIE'),
      keyOf('SECRET_KEY_BASE'),
    ]);
  });

  test('has its Deployment', () => {
    const deployment = one(phoenix, 'Deployment');
    expect(deployment).toMatchObject({
      metadata: { name: 'kube-native', namespace: 'kube-native' },
      spec: {
        replicas: 1,
        revisionHistoryLimit: 10,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '10%', maxUnavailable: 0 } },
      },
    });
    expect(container(deployment)).toMatchObject({
      image: 'kube-native:0.1.0',
      imagePullPolicy: 'Never',
      ports: [{ name: 'http', containerPort: 4000 }],
      livenessProbe: { exec: { command: ping }, periodSeconds: 30 },
      readinessProbe: { httpGet: { path: '/', port: 'http' } },
      resources: { requests: { cpu: '250m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } },
    });
  });

  test('has its Service on a port of every node', () => {
    const { type, ports } = one(phoenix, 'Service')['spec'];
    expect(type).toBe('NodePort');
    expect(ports).toEqual([{ name: 'http', port: 80, targetPort: 'http', nodePort: 30400 }]);
  });

  test('has its jobs, with the image and the variables of the web pods', () => {
    const made = objects(jobs).filter(({ kind }) => kind === 'Job');
    expect(made.map(({ metadata }) => String(metadata.name))).toEqual([migration.jobName, seeds.jobName]);
    expect(made.map((job) => container(job)['command'] as string[])).toEqual([
      ['/app/bin/kube_native_umbrella', 'migrate'],
      ['/app/bin/kube_native_umbrella', 'seed'],
    ]);
    for (const job of made) {
      expect(container(job)).toMatchObject({ image: 'kube-native:0.1.0', imagePullPolicy: 'Never' });
      const names = (container(job)['env'] as Manifest[]).map(({ name }) => String(name));
      expect(names).toEqual(
        expect.arrayContaining(['POD_IP', 'HOSTNAME', 'PORT', 'REPLACE_OS_VARS', 'DATABASE_URL', 'ERLANG_COOKIE']),
      );
    }
  });

  test('has its database, at the address in the Secret', () => {
    const server = one(postgres, 'StatefulSet');
    expect(container(server)['image']).toBe('docker.io/library/postgres:10.5-alpine');
    expect(podSpec(server)['securityContext'].runAsUser).toBe(70);
    expect(postgres.link).toMatchObject({ database: 'kube_native', user: 'kube_native' });
    // What was told the name of old goes on: it is that of the headless Service.
    expect(new URL(url).hostname).toBe(postgres.link.host.replace('-rw.', '.'));
    expect(postgres.single?.headless.name).toBe('kube-native-postgresql');
  });
});
