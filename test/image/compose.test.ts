import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { distilleryRelease, type NamedEnvironment, OptOut, Resources } from '../../lib/index';
import { composeFaults, composeFileOf, composeFilesOf, type Read } from '../support/compose';
import { objectsOf } from '../support/environments';
import { exporter } from '../support/exporters';
import { fetcher, shipper } from '../support/sidecars';
import { application, development, postgres, preview, production, staging } from '../support/stack';
import { onCloudNativePg } from '../support/variants';
import { vary } from '../support/vary';

const build = { context: '../../..', dockerfile: 'kubernetes/dist/image/Dockerfile' };
const room = { quota: { cpu: Cpu.units(8), memory: Size.gibibytes(16), storage: Size.gibibytes(50), pods: 40 } };
const servicesOf = (...given: Parameters<typeof composeFileOf>): Read => composeFileOf(...given).file['services'] as Read;

describe('the compose file of an environment', () => {
  const { text, file } = composeFileOf(development, { build });

  test('is written as a person reads it', () => {
    expect(text).toMatchSnapshot();
  });

  test('is one to the Compose Specification, which refuses what is none', () => {
    const { services } = file;
    expect(composeFaults(file)).toEqual([]);
    const wrong = (web: Read): readonly string[] =>
      composeFaults({ ...file, services: { ...services, web: { ...services.web, ...web } } });
    expect(wrong({ readonly: true })).toEqual(['/services/web must NOT have additional properties']);
    expect(wrong({ init: 'yes' })).toEqual(['/services/web/init must be boolean']);
    expect(wrong({ depends_on: { migrate: { condition: 'done' } } })).toContain(
      '/services/web/depends_on/migrate/condition must be equal to one of the allowed values',
    );
    expect(composeFaults({ ...file, name: 'Kube Native' })).toHaveLength(1);
  });

  test('is the same bytes each time', () => {
    expect(composeFileOf(development, { build }).text).toBe(text);
  });

  test('says of its services what the pods have', () => {
    const objects = objectsOf(development);
    const config = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && /^kube-native-[0-9a-f]{10}$/.test(metadata.name));
    const { spec } = objects.find(({ kind }) => kind === 'Deployment')?.['spec'].template as Read;
    const [web] = spec.containers as Read[];
    const [program, ...words] = web?.['command'] as string[];
    const { DATABASE_URL: url, ...variables } = config?.['data'] as Record<string, string>;
    const { services } = file;
    expect(services.web).toMatchObject({
      image: web?.['image'],
      entrypoint: [program],
      command: words,
      user: `${spec.securityContext.runAsUser}:${spec.securityContext.runAsGroup}`,
      read_only: web?.['securityContext'].readOnlyRootFilesystem,
      cap_drop: web?.['securityContext'].capabilities.drop,
      stop_grace_period: `${spec.terminationGracePeriodSeconds}s`,
      environment: { ...variables, DATABASE_URL: 'ecto://kube_native@postgresql:5432/kube_native' },
      ports: ['127.0.0.1:4000:4000'],
      tmpfs: ['/tmp'],
      init: true,
    });
    expect(url).toContain('@kube-native-postgresql-rw.kube-native-development.svc.cluster.local:5432/');
    expect(services.postgresql.image).toBe(postgres);
  });

  test('runs nothing on a server that does not answer, and serves nothing before the migrations', () => {
    const { services } = file;
    expect(services.postgresql.healthcheck.test).toEqual(expect.arrayContaining(['CMD', 'pg_isready', '--host=127.0.0.1']));
    expect(services.migrate.depends_on).toEqual({ postgresql: { condition: 'service_healthy' } });
    expect(services.web.depends_on).toEqual({
      postgresql: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    });
  });
});

describe('the other services of an environment', () => {
  const all = vary(development, {
    ...room,
    kubernetes: '1.33',
    migrations: { gate: Duration.minutes(5), contract: true, seeds: 'once' },
    workers: {
      jobs: { replicas: 1, resources: development.web.resources, shutdown: Duration.minutes(2), config: { QUEUES: '$all' } },
    },
    tasks: { nightly: { schedule: '0 3 * * *', run: "KubeNative.Nightly.run('all')" } },
    sidecars: { shipper },
    initContainers: { fetch: fetcher },
  });

  test('come one after the other: seeds once the tables are there, all else after them', () => {
    const services = servicesOf(all);
    expect(Object.keys(services)).toEqual(['postgresql', 'migrate', 'contract', 'seed', 'web', 'jobs']);
    expect(Object.keys(services['seed'].depends_on)).toEqual(['postgresql', 'migrate', 'contract']);
    for (const name of ['web', 'jobs'])
      expect(services[name].depends_on.seed).toEqual({ condition: 'service_completed_successfully' });
    expect(services['jobs']).toMatchObject({ stop_grace_period: '125s', environment: { QUEUES: '$$all' } });
    expect(services['jobs']).not.toHaveProperty('ports');
    expect(composeFaults(composeFileOf(all).file)).toEqual([]);
  });

  test('have the scripts that their commands name, and no others', () => {
    const { files } = composeFilesOf(all);
    const services = servicesOf(all);
    expect(services['seed'].volumes).toEqual(['./compose/seed/release-scripts/seed.exs:/etc/release-scripts/seed.exs:ro']);
    expect(services['web']).not.toHaveProperty('volumes');
    expect(files.get('compose/seed/release-scripts/seed.exs')).toContain('planted_seeds');
  });

  test('are told where they are not here', () => {
    const { text } = composeFileOf(all);
    expect(text.split('name: kube-native')[0]).toContain(
      [
        '# Not here:',
        `# - CronJob kube-native-nightly; once: docker compose run --rm web eval 'KubeNative.Nightly.run('\\''all'\\'')'`,
      ].join('\n'),
    );
    expect(text).toMatch(/# - the container shipper beside web\n/);
    expect(text).toMatch(/# - the container fetch before web\n/);
  });

  test('run alone where the pods are a cluster', () => {
    const { text, file } = composeFileOf(staging);
    const { environment } = file['services'].web;
    expect(environment).toMatchObject({ POD_IP: '127.0.0.1', RELEASE_NODE: 'kube_native_umbrella@127.0.0.1' });
    expect(environment).not.toHaveProperty('DNS_CLUSTER_QUERY');
    expect(text).toContain('# - the cluster of nodes: each runs alone\n');
    // The port that its probe asks is that of the node.
    expect(file['services'].worker.healthcheck.test[3]).toBe(': < /dev/tcp/127.0.0.1/4370');
  });

  test('send no traces, and know a pod by the name of its service', () => {
    const tracing = { endpoint: { node: 4318 }, cidrs: ['10.0.0.0/16'] };
    const { text, file } = composeFileOf({ ...staging, tracing, logs: {} });
    expect(file['services'].worker.environment).toMatchObject({
      POD_NAME: 'worker',
      NODE_NAME: 'compose',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_TRACES_EXPORTER: 'none',
    });
    expect(text).toContain('# - the collector of traces: none are sent\n');
    expect(text).not.toMatch(/<[a-z]+\.[A-Za-z]+>/);
  });

  test('keep what an old release writes in memory', () => {
    const release = distilleryRelease({ release: 'shop' });
    const old = vary(development, { web: { poolSize: undefined }, migrations: { gate: OptOut.because('it cannot wait') } });
    const { web } = servicesOf(old, {}, { ...application, release, reads: undefined });
    expect(web).toMatchObject({ tmpfs: ['/tmp', '/run/release'], entrypoint: ['/app/bin/shop'], command: ['foreground'] });
  });
});

describe('the image of the services', () => {
  test('is built by each that needs it, so that any of them can be started alone', () => {
    for (const name of ['migrate', 'web']) expect(servicesOf(development, { build })[name].build).toEqual(build);
    expect(servicesOf(development)['web']).toMatchObject({ pull_policy: 'never' });
  });

  test('is pulled where a digest names it, which no build would have', () => {
    const { web } = servicesOf(staging, { build });
    expect(web).not.toHaveProperty('build');
    expect(web).not.toHaveProperty('pull_policy');
  });

  test('is asked by what it has: bash in Debian, wget in Alpine', () => {
    const { test: debian } = servicesOf(development)['web'].healthcheck as { readonly test: string[] };
    expect(debian.slice(0, 3)).toEqual(['CMD', 'bash', '-c']);
    const { test: alpine } = servicesOf(development, { alpine: true })['web'].healthcheck;
    expect(alpine).toEqual([
      'CMD',
      'wget',
      '-q',
      '-O',
      '/dev/null',
      '--header',
      'X-Forwarded-Proto: https',
      'http://127.0.0.1:4000/ready',
    ]);
  });
});

describe('a database server', () => {
  const server = (image: string): NamedEnvironment =>
    vary(development, { database: { single: { ...development.database.single, image, imagePullPolicy: 'IfNotPresent' } } });

  test.each([
    ['docker.io/library/postgres:18.1', '/var/lib/postgresql'],
    ['docker.io/library/postgres:17.6-alpine', '/var/lib/postgresql/data'],
    ['docker.io/library/postgres:10.5', '/var/lib/postgresql/data'],
  ])('%s keeps its data where its image has them', (image, folder) => {
    const { postgresql } = servicesOf(server(image));
    expect(postgresql.volumes[0]).toBe(`postgresql:${folder}`);
    expect(postgresql.environment).not.toHaveProperty('PGDATA');
  });

  test('makes an owner that is no superuser, by the scripts of its pod', () => {
    const { files } = composeFilesOf(development);
    const named = ({ metadata }: Read): boolean => String(metadata.name).startsWith('kube-native-postgresql-init');
    const scripts = objectsOf(development).find(named)?.['data'] as Record<string, string>;
    expect(files.get('compose/postgresql/10-owner.sh')).toBe(scripts['10-owner.sh']);
    expect([...files.keys()].filter((name) => name.startsWith('compose/'))).toEqual([
      'compose/postgresql/10-owner.sh',
      'compose/postgresql/20-password.sh',
    ]);
  });

  test('is not measured there, whatever measures it in its pod', () => {
    const measured = vary(development, {
      database: { single: { ...development.database.single, exporter } },
      monitoring: [{ namespace: 'monitoring' }],
    });
    const { postgresql: server, ...others } = servicesOf(measured);
    const { postgresql: plain, ...rest } = servicesOf(development);
    expect(Object.keys(others)).toEqual(Object.keys(rest));
    const login = './compose/postgresql/15-exporter.sh:/docker-entrypoint-initdb.d/15-exporter.sh:ro';
    expect(server['volumes']).toEqual([
      ...(plain['volumes'] as string[]).slice(0, 2),
      login,
      ...(plain['volumes'] as string[]).slice(2),
    ]);
  });

  test('of MySQL has the entry point of its image, and the settings of its pod', () => {
    const resources = Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(512) });
    const mysql = { single: { image: 'docker.io/library/mysql:8.4.10', storage: Size.gibibytes(1), resources } };
    const password = { literal: { password: 'legacy' } };
    const legacy = { mysql, password, backup: OptOut.because('its import makes it again') };
    const both = { ...application, repos: { legacy: { module: 'KubeNative.LegacyRepo' } } };
    const file = composeFileOf(vary(development, { ...room, databases: { legacy } }), {}, both).file;
    const { 'legacy-mysql': server, web } = file['services'];
    expect(server).toMatchObject({
      image: mysql.single.image,
      environment: {
        MYSQL_DATABASE: 'kube_native_legacy',
        MYSQL_USER: 'kube_native_legacy',
        MYSQL_PASSWORD: web.environment.LEGACY_DATABASE_PASSWORD,
        MYSQL_RANDOM_ROOT_PASSWORD: 'yes',
      },
      volumes: ['legacy-mysql:/var/lib/mysql'],
      command: expect.arrayContaining(['--skip-name-resolve']),
      healthcheck: { test: expect.arrayContaining(['mysqladmin', '--protocol=tcp', 'ping']) },
    });
    expect(web.environment.LEGACY_DATABASE_URL).toContain('@legacy-mysql:3306/');
    expect(web.depends_on['legacy-mysql']).toEqual({ condition: 'service_healthy' });
    expect(composeFaults(file)).toEqual([]);
  });
});

describe('secrets', () => {
  const odd = (value: string): NamedEnvironment =>
    vary(development, { secrets: { literal: { SECRET_KEY_BASE: value, RELEASE_COOKIE: 'relay' } } });

  test('stand in the file for variables alone, and only those of literals', () => {
    const { files } = composeFilesOf(odd('quite-secret-'.repeat(6)));
    expect(files.get('compose.yaml')).not.toContain('quite-secret');
    expect(files.get('.env')).toContain(`KUBE_NATIVE_SECRET_KEY_BASE='${'quite-secret-'.repeat(6)}'\n`);
    expect(composeFilesOf(preview(7, 'registry.example.com/kube-native:7')).files.has('.env')).toBe(false);
  });

  test('are asked for where no literal has them, by a sentence', () => {
    const { web } = servicesOf(preview(7, 'registry.example.com/kube-native:7'));
    expect(web.environment.SECRET_KEY_BASE).toBe('${KUBE_NATIVE_SECRET_KEY_BASE:?no literal of preview-7 has it}');
  });

  test.each([
    [`${'a'.repeat(64)}$HOME`, `'${'a'.repeat(64)}$HOME'`],
    [`${'a'.repeat(64)}'"$`, `"${'a'.repeat(64)}'\\"\\$"`],
    [`${'a'.repeat(64)}\\`, `"${'a'.repeat(64)}\\\\"`],
  ])('keep what Compose would read as something else: %s', (value, quoted) => {
    expect(composeFilesOf(odd(value)).files.get('.env')).toContain(`KUBE_NATIVE_SECRET_KEY_BASE=${quoted}\n`);
  });
});

describe('what no container can be', () => {
  test.each([
    ['a managed database', production, 'kube-native.cluster-example.eu-central-1.rds.amazonaws.com'],
    ['what an operator makes', onCloudNativePg, 'kube-native-postgresql-rw.kube-native-staging.svc.cluster.local'],
  ])('%s leaves no file, and is named', (_what, environment, missing) => {
    expect(composeFilesOf(environment)).toEqual({ files: new Map(), missing });
  });
});
