import { App, Chart, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  EnvironmentChart,
  OptOut,
  Resources,
  SingleMysql,
  SinglePostgres,
  type Manifest,
  type SingleMysqlProps,
  type SinglePostgresProps,
} from '../../lib/index';
import { manifests, podSpec, refusals } from '../support/chart';
import { exporter, mysqlExporter } from '../support/exporters';
import { staging } from '../support/stack';
import { measured, seen, tried } from '../observe/watched';

const common = {
  database: 'shop_data',
  user: 'shop',
  password: { secret: 'shop-database', key: 'password' },
  storage: Size.gibibytes(10),
  resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) }),
};
const chart = () => new EnvironmentChart(new App(), '10-postgres', { namespace: 'shop-staging', partOf: 'shop' });
const postgres = (props: Partial<SinglePostgresProps> = {}) =>
  new SinglePostgres(chart(), 'Single', {
    ...common,
    name: 'shop-postgresql',
    image: 'docker.io/library/postgres:18.6',
    ...props,
  });
const mysql = (props: Partial<SingleMysqlProps> = {}) =>
  new SingleMysql(chart(), 'Single', { ...common, name: 'shop-mysql', image: 'docker.io/library/mysql:8.4.10', ...props });
const of = (made: SinglePostgres | SingleMysql) => manifests(Chart.of(made));
const podOf = (made: SinglePostgres | SingleMysql): Manifest => podSpec(of(made)['StatefulSet'] ?? {});
const scriptsOf = (made: SinglePostgres | SingleMysql) => of(made)['ConfigMap']?.['data'] as Record<string, string>;

describe('a PostgreSQL with an exporter', () => {
  const made = postgres({ exporter });
  const pod = podOf(made);
  const [server, measuring, ...others] = pod['containers'] as Manifest[];

  test('has it beside the server, hardened as that, with a port and a login of its own', () => {
    expect(others).toEqual([]);
    expect(measuring).toEqual({
      name: 'exporter',
      image: exporter.image,
      imagePullPolicy: 'Always',
      terminationMessagePolicy: 'FallbackToLogsOnError',
      args: ['--collector.database_wraparound'],
      env: [
        { name: 'DATA_SOURCE_URI', value: '127.0.0.1:5432/shop_data?sslmode=disable' },
        { name: 'DATA_SOURCE_USER', value: 'exporter' },
        { name: 'DATA_SOURCE_PASS_FILE', value: '/run/exporter/password' },
      ],
      ports: [{ name: 'metrics', containerPort: 9187 }],
      resources: {
        requests: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '128Mi' },
        limits: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '128Mi' },
      },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
      volumeMounts: [{ name: 'exporter', mountPath: '/run/exporter', readOnly: true }],
    });
    // Not the socket, on which everyone is trusted.
    expect(server?.['volumeMounts']).toContainEqual({ name: 'exporter', mountPath: '/run/exporter', readOnly: true });
  });

  test('has a password made in the pod before both start, in memory', () => {
    expect(pod['initContainers']).toMatchObject([
      {
        name: 'exporter-password',
        image: server?.['image'] as string,
        command: ['bash', '-euo', 'pipefail', '/docker-entrypoint-initdb.d/exporter'],
        volumeMounts: [
          { name: 'init', mountPath: '/docker-entrypoint-initdb.d', readOnly: true },
          { name: 'exporter', mountPath: '/run/exporter' },
        ],
      },
    ]);
    expect(pod['volumes']).toContainEqual({ name: 'exporter', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
    expect(scriptsOf(made)['exporter']).toContain('if [ ! -s /run/exporter/password ]; then\n  head -c 32 /dev/urandom');
  });

  test('has a role that reads what is counted and no table, made at every start before the first one is over', () => {
    const { '15-exporter.sh': login = '', start = '', ...rest } = scriptsOf(made);
    expect(Object.keys(rest)).toEqual(['10-owner.sh', '20-password.sh', 'exporter']);
    expect(login).toContain("IN ('pg_monitor', 'pg_use_reserved_connections')");
    expect(login).toContain("ALTER ROLE exporter LOGIN CONNECTION LIMIT 3 PASSWORD :'password';");
    const lines = start.split('\n').map((line) => line.trim());
    expect(lines.indexOf('bash -e /docker-entrypoint-initdb.d/15-exporter.sh')).toBe(
      lines.indexOf('bash -e /docker-entrypoint-initdb.d/20-password.sh') - 1,
    );
    // Where there is no password, as on a laptop, there is no role.
    expect(login.split('\n')[0]).toBe('if [ -s /run/exporter/password ]; then');
  });

  test('keeps connections for it, which nobody else may take where the server can say so', () => {
    const reserved = (image: string) =>
      ((podOf(postgres({ exporter, image }))['containers'] as Manifest[])[0]?.['args'] as string[]).filter((one) =>
        one.startsWith('reserved'),
      );
    expect([made.link.connections, postgres().link.connections]).toEqual([96, 99]);
    expect(reserved('docker.io/library/postgres:16.9')).toEqual(['reserved_connections=3']);
    expect(reserved('docker.io/library/postgres:15.14')).toEqual([]);
  });

  test('tells the operator of Prometheus, and nothing where there is none', () => {
    expect(made.podMonitor?.toJson()).toMatchObject({
      metadata: { name: 'shop-postgresql' },
      spec: {
        selector: { matchLabels: { 'app.kubernetes.io/instance': 'shop-postgresql' } },
        podMetricsEndpoints: [{ port: 'metrics' }],
      },
    });
    const { podMonitor } = postgres();
    expect([podMonitor, JSON.stringify(of(postgres())).includes('exporter')]).toEqual([undefined, false]);
  });
});

describe('a MySQL with an exporter', () => {
  const made = mysql({ exporter: mysqlExporter });

  test('has it beside the server, with an account of the pod alone', () => {
    const [, measuring] = podOf(made)['containers'] as Manifest[];
    expect(measuring).toMatchObject({
      args: ['--config.my-cnf=/run/exporter/my.cnf', '--no-collect.slave_status'],
      ports: [{ name: 'metrics', containerPort: 9104 }],
    });
    expect(measuring).not.toHaveProperty('env');
    const { exporter: password = '', 'start.sh': start = '' } = scriptsOf(made);
    expect(password).toContain(
      `printf '[client]\\nuser=exporter\\npassword=%s\\nhost=127.0.0.1\\nport=3306\\n' "$(cat /run/exporter/password)" > /run/exporter/my.cnf`,
    );
    expect(start).toContain(`"GRANT PROCESS ON *.* TO 'exporter'@'127.0.0.1'" \\\n`);
    expect(start).toContain('WITH MAX_USER_CONNECTIONS 4" \\\n');
    expect(made.podMonitor?.toJson()).toMatchObject({ metadata: { name: 'shop-mysql' } });
  });

  test('keeps connections for it', () => {
    expect([made.link.connections, mysql().link.connections]).toEqual([60, 64]);
    expect(JSON.stringify(of(mysql()))).not.toContain('exporter');
  });
});

describe('in an environment', () => {
  const database = { single: { ...staging.database.single, exporter } };

  test('its port is open to whoever collects metrics, its monitor has the labels of all others', () => {
    const { faults, of: kind } = tried(seen, { database });
    expect(faults).toEqual([]);
    const policy = kind('NetworkPolicy').find(({ metadata }) => metadata.name === 'kube-native-postgresql');
    expect((policy?.['spec'] as Manifest)['ingress']).toContainEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      ports: [{ port: 9187, protocol: 'TCP' }],
    });
    expect((policy?.['spec'] as Manifest)['egress']).toBeUndefined();
    const monitor = kind('PodMonitor').find(({ metadata }) => metadata.name === 'kube-native-postgresql');
    expect(monitor?.['metadata'].labels).toMatchObject({ release: 'monitors' });
  });

  test('it needs somebody who collects', () => {
    const { faults } = tried(
      staging,
      { database, monitoring: OptOut.because('no Prometheus here') },
      { application: { ...measured.application, metrics: undefined } },
    );
    expect(faults).toContainEqual(
      expect.stringContaining(`'monitoring' must name who collects the metrics of kube-native-postgresql, got "left out"`),
    );
  });

  test('labels that are wrong are one fault', () => {
    const { faults } = tried(seen, { database, observe: { labels: { 'a b': 'c' } } });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain("'observe.labels");
  });
});

describe('fails when', () => {
  test.each<[string, SinglePostgres | SingleMysql, string]>([
    [
      'the image has no version',
      postgres({ exporter: { image: 'docker.io/prometheuscommunity/postgres-exporter:latest' } }),
      "'exporter.image' must name one version",
    ],
    [
      'the image is too old',
      postgres({ exporter: { image: 'docker.io/prometheuscommunity/postgres-exporter:v0.11.1' } }),
      "'exporter.image' must be of version 0.15 or newer, which knows its arguments and has the metrics that alerts ask for",
    ],
    [
      'it measures another engine',
      postgres({ exporter: { image: mysqlExporter.image } }),
      "'exporter.image' must be an image of postgres_exporter: beside another program the pod is never ready",
    ],
    [
      'it is a server',
      mysql({ exporter: { image: 'docker.io/library/mysql:8.4.6' } }),
      "'exporter.image' must be an image of mysqld_exporter",
    ],
    ['the role is that of the application', postgres({ exporter, user: 'exporter' }), "'user' must be another than 'exporter'"],
    [
      'the account is that of the application',
      mysql({ exporter: mysqlExporter, user: 'Exporter' }),
      "'user' must be another than 'exporter'",
    ],
    ['a label is none', mysql({ exporter: { ...mysqlExporter, labels: { 'a b': 'c' } } }), "'exporter.labels"],
  ])('%s', (_, made, sentence) => {
    expect(refusals(Chart.of(made))).toEqual([expect.stringContaining(sentence)]);
  });
});
