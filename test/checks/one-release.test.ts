import { JsonPatch } from 'cdk8s';
import { bootFiles } from '../../lib/checks/beam/files';
import { oneDatabase } from '../../lib/checks/beam/databases';
import { portAgrees } from '../../lib/checks/beam/serving';
import { hookStopsNode, probeStartsVm } from '../../lib/checks/beam/shutdown';
import { targetPorts } from '../../lib/checks/references/ports';
import type { Rule, World } from '../../lib/checks/rule';
import { patch, type Manifest } from '../../lib/index';
import { production } from '../support/alone';
import { said } from '../support/said';
import { foundIn } from '../support/raw';

/** What a rule finds in objects written by hand, as `field must, got`. */
function findings(rule: Rule, manifests: readonly Manifest[], world: Partial<World> = {}): string[] {
  return foundIn(rule, manifests, world).map(({ field, must, got }) => `${field} ${must}, got ${String(got)}`);
}

type Env = Readonly<Record<string, string>>;
const image = 'registry.example.com/depot:3.2.0';
const env = (values: Env) => Object.entries(values).map(([name, value]) => ({ name, value }));
const container = (values: Env, more: Manifest = {}): Manifest => ({ name: 'depot', image, env: env(values), ...more });
const at = 'spec.template.spec.containers[0]';
const workload = (kind: string, name: string, containers: readonly Manifest[], pod: Manifest = {}): Manifest => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: { name, namespace: 'depot' },
  spec: { template: { metadata: { labels: { app: name } }, spec: { containers, ...pod } } },
});

describe('the database of a release', () => {
  const url = (host: string, database = 'depot') => ({ DATABASE_URL: `ecto://depot@${host}/${database}` });
  const web = (values: Env, pod?: Manifest) => workload('Deployment', 'web', [container({ PHX_SERVER: 'true', ...values })], pod);
  const worker = (values: Env) =>
    workload('Deployment', 'queues', [container({ ELIXIR_ROLE: 'x', ERL_FLAGS: '+S 1', ...values })]);
  const migrate = (values: Env) => workload('Job', 'migrate', [container({ RELEASE_TMP: '/tmp', ...values })]);
  const found = (...manifests: Manifest[]) => findings(oneDatabase, manifests);
  const elsewhere = (where: string, wanted: string, got: string) =>
    `${at}.env.DATABASE_URL lead to the database of ${where}, which runs the same image: ${wanted}, got ${got}`;

  test.each<[string, Env, Env, string, string]>([
    ['another host', url('old.example.com'), url('new.example.com'), 'new.example.com:5432/depot', 'old.example.com:5432/depot'],
    [
      'another database',
      url('db.data.svc:5432', 'depot_old'),
      url('db.data.svc', 'depot'),
      'db.data.svc:5432/depot',
      'db.data.svc:5432/depot_old',
    ],
    ['another port', url('db.example.com:5433'), url('db.example.com'), 'db.example.com:5432/depot', 'db.example.com:5433/depot'],
  ])('fails when pods serve from %s than the one that is migrated', (_, served, migrated, wanted, got) => {
    expect(found(web(served), worker(migrated), migrate(migrated))).toEqual([elsewhere('Job migrate', wanted, got)]);
    expect(found(worker(migrated), web(migrated), migrate(served))).toEqual([elsewhere('Deployment queues', wanted, got)]);
  });

  test('fails when a gate waits for one and the pods serve from another', () => {
    const gate = { initContainers: [container({ RELEASE_TMP: '/tmp', ...url('a.example.com') }, { name: 'gate' })] };
    expect(found(web(url('b.example.com'), gate))).toHaveLength(1);
    expect(found(web(url('a.example.com'), gate))).toEqual([]);
  });

  test.each<[string, Env, Env]>([
    ['the same in other words', url('db.data.svc.cluster.local'), url('db.data.svc:5432')],
    ['a pooler of a provider', url('ep-x-pooler.eu.aws.neon.tech'), url('ep-x.eu.aws.neon.tech')],
    ['a pooler by its name', url('pgbouncer.tools.svc:5432'), url('db.example.com')],
    ['a pooler by its port', url('db.example.com:6432'), url('db.example.com')],
    ['one that is known in the cluster alone', { DATABASE_URL: 'ecto://$(DB_HOST)/depot' }, url('db.example.com')],
    [
      'a copy for reads beside it',
      { ...url('db.example.com'), DATABASE_READ_URL: 'ecto://copy.example.com/depot' },
      url('db.example.com'),
    ],
  ])('may be %s', (_, served, migrated) => {
    expect(found(web(served), migrate(migrated))).toEqual([]);
  });

  test('may be two of two releases of one image, and those of other images', () => {
    const tenant = (name: string, host: string) => [
      workload('Deployment', name, [container({ PHX_SERVER: 'true', ...url(host) })]),
      workload('Job', `${name}-migrate`, [container({ RELEASE_TMP: '/tmp', ...url(host) })]),
    ];
    expect(found(...tenant('north', 'n.example.com'), ...tenant('south', 's.example.com'))).toEqual([]);
    expect(found(web(url('n.example.com')), worker(url('s.example.com')))).toEqual([]);
    const other = workload('Deployment', 'mailer', [
      container({ PHX_SERVER: 'true', ...url('s.example.com') }, { image: 'mailer:1' }),
    ]);
    expect(found(web(url('n.example.com')), other)).toEqual([]);
  });

  test('may be reached by a pooler that someone declared', () => {
    const databases = ['tx.example.com', 'db.example.com'].map((host) => ({ host, connections: 50 }));
    const manifests = [web(url('tx.example.com')), migrate(url('db.example.com'))];
    expect(findings(oneDatabase, manifests, { databases })).toEqual([]);
    expect(findings(oneDatabase, manifests)).toHaveLength(1);
  });

  test('is refused where a patch gives the web pods another one', () => {
    const faults = said(
      oneDatabase,
      ({ release }) => {
        const variable = { name: 'DATABASE_URL', value: 'ecto://kube_native@copy.example.com/kube_native' };
        patch(release.web.deployment, 'try it', JsonPatch.add('/spec/template/spec/containers/0/env/-', variable));
      },
      production,
    );
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(
      /^\[30-phoenix\/Release\/Web\/Deployment\] 'spec\.template\.spec\.containers\[0\]\.env\.DATABASE_URL' must lead to the database of Job /,
    );
  });
});

describe('the port of a release', () => {
  const service = (targetPort: unknown, more: Manifest = {}): Manifest => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'depot' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort }], ...more },
  });
  const ports = [{ name: 'http', containerPort: 4700 }];
  const probe = { readinessProbe: { httpGet: { path: '/up', port: 'http' } } };
  const web = (values: Env, more: Manifest = {}, others: readonly Manifest[] = []) =>
    workload('Deployment', 'web', [container({ PHX_SERVER: 'true', ...values }, { ports, ...more }), ...others]);
  const wrong = `${at}.env.PORT be 4700, the port of the container that Services or probes of web lead to, got 4800`;

  test('fails when the program is told another one than Services and probes are', () => {
    expect(findings(portAgrees, [web({ PORT: '4800' }), service('http')])).toEqual([wrong]);
    expect(findings(portAgrees, [web({ PORT: '4800' }), service(4700)])).toEqual([wrong]);
    expect(findings(portAgrees, [web({ PORT: '4800' }, probe)])).toEqual([wrong]);
  });

  test.each<[string, Manifest[]]>([
    ['the same', [web({ PORT: '4700' }), service('http')]],
    ['one that no port is declared for, and that the Service names', [web({ PORT: '4800' }), service(4800)]],
    ['one of several', [web({ PORT: '4800' }, { ports: [...ports, { containerPort: 4800 }] }), service('http')]],
    [
      'that of a proxy beside it',
      [web({ PORT: '4800' }, {}, [{ name: 'proxy', ports: [{ containerPort: 4800 }] }]), service('http')],
    ],
    ['one beside that with TLS', [web({ PORT: '4800', PHX_HTTPS_PORT: '4700' }), service('http')]],
    ["nobody else's", [web({ PORT: '4800' })]],
    ['not known here', [web({ PORT: '$(ELSEWHERE)' }), service('http')]],
  ])('may be %s', (_, manifests) => {
    expect(findings(portAgrees, manifests)).toEqual([]);
  });

  test('is refused where a patch adds it once more', () => {
    const faults = said(portAgrees, ({ release }) => {
      patch(
        release.web.deployment,
        'try it',
        JsonPatch.add('/spec/template/spec/containers/0/env/-', { name: 'PORT', value: '8080' }),
      );
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/env\.PORT' must be 4000, .* got 8080; take it out: 'application\.port'/);
  });

  test.each<[string, Manifest[], string[]]>([
    [
      'nobody',
      [web({}), service(4999)],
      ['spec.ports[0].targetPort be a port that Deployment web listens on: its containers have http (4700), got 4999'],
    ],
    [
      'nobody, because it is left out',
      [web({}), service(undefined)],
      ['spec.ports[0].port be a port that Deployment web listens on: its containers have http (4700), got 80'],
    ],
    ['a declared port', [web({}), service(4700)], []],
    ['what a variable speaks of', [web({ ADMIN_LISTEN: '0.0.0.0:4999' }), service(4999)], []],
    ['what an argument speaks of', [web({}, { args: ['--admin=:4999'] }), service(4999)], []],
    ['a container that declares nothing', [web({}, {}, [{ name: 'cache' }]), service(4999)], []],
    ['a name, which another rule looks at', [web({}), service('admin')], []],
    ['pods by their addresses', [web({}), service(4999, { clusterIP: 'None' })], []],
    ['epmd', [web({}), service(4369)], []],
    ['pods that nobody here makes', [service(4999)], []],
    [
      'what a Secret may say, as a warning',
      [web({}, { envFrom: [{ secretRef: { name: 'unknown' } }] }), service(4999)],
      ['spec.ports[0].targetPort be a port that Deployment web listens on: its containers have http (4700), got 4999'],
    ],
    [
      'what a file says',
      [
        workload('Deployment', 'web', [container({}, { ports })], { volumes: [{ name: 'conf', configMap: { name: 'nginx' } }] }),
        { kind: 'ConfigMap', metadata: { name: 'nginx', namespace: 'depot' }, data: { 'nginx.conf': 'listen 4999;' } },
        service(4999),
      ],
      [],
    ],
  ])('that a Service leads to is judged by pods: %s', (_, manifests, sentences) => {
    expect(findings(targetPorts, manifests)).toEqual(sentences);
  });
});

describe('a probe or a hook', () => {
  const web = (more: Manifest, command: readonly string[] | undefined = ['/srv/depot/bin/depot', 'start']) =>
    workload('Deployment', 'web', [container({ PHX_SERVER: 'true' }, { command, ...more })]);
  const probe = (...command: string[]) => ({ livenessProbe: { exec: { command } } });
  const hook = (...command: string[]) => ({ lifecycle: { preStop: { exec: { command } } } });

  test.each([
    [probe('/usr/bin/redis-cli', 'ping')],
    [probe('sh', '-c', 'exec /usr/local/bin/rabbitmq-diagnostics ping')],
    [probe('/opt/nats/bin/nats', 'rpc', 'status')],
    [probe('sh', '-c', '/usr/bin/supervisorctl status web && /opt/agent/bin/agent ping')],
    [hook('/usr/sbin/nginx', 'stop')],
    [hook('/opt/proxy/bin/proxy', 'stop')],
  ])('may ask another program that has such words: %j', (more) => {
    expect([...findings(probeStartsVm, [web(more)]), ...findings(hookStopsNode, [web(more)])]).toEqual([]);
  });

  test.each([
    [probe('/srv/depot/bin/depot', 'ping')],
    [probe('bin/depot', 'rpc', '1')],
    [probe('sh', '-c', '/usr/bin/redis-cli ping && /srv/depot/bin/depot ping')],
    [probe('sh', '-c', '"$RELEASE_ROOT"/bin/depot eval 1')],
    [probe('sh', '-c', 'cd /srv/depot/bin; ./depot pid')],
    [hook('/srv/depot/bin/depot', 'stop')],
  ])('fails when it runs the release: %j', (more) => {
    expect([...findings(probeStartsVm, [web(more)]), ...findings(hookStopsNode, [web(more)])]).toHaveLength(1);
  });

  test('of an image that starts by itself is judged by where programs are', () => {
    expect(findings(probeStartsVm, [web({ ...probe('/app/bin/depot', 'ping'), command: undefined })])).toHaveLength(1);
    expect(findings(probeStartsVm, [web({ ...probe('/bin/redis', 'ping'), command: undefined })])).toEqual([]);
    expect(findings(probeStartsVm, [web({ ...probe('/usr/local/bin/redis-cli', 'ping'), command: undefined })])).toEqual([]);
  });
});

describe('a file that a release is told to start with', () => {
  const start = ['/srv/depot/bin/depot', 'start'];
  const config = { kind: 'ConfigMap', metadata: { name: 'vm', namespace: 'depot' }, data: { 'vm.args': '+S 2' } };
  const mounted = (mount: Manifest, volume: Manifest = { configMap: { name: 'vm' } }) => ({
    container: { volumeMounts: [{ name: 'vm', mountPath: '/etc/depot', ...mount }] },
    pod: { volumes: [{ name: 'vm', ...volume }] },
  });
  const found = (
    values: Env,
    { container: own = {}, pod = {} }: { container?: Manifest; pod?: Manifest } = {},
    command: readonly string[] | undefined = start,
  ) =>
    findings(bootFiles, [workload('Deployment', 'web', [container(values, { command, ...own })], pod), config]).map((one) =>
      one.replace(/, got .*/, ''),
    );
  const missing = (name: string, path: string, more = ', which is not in /srv/depot either') =>
    `${at}.env.${name} name a file that is there: no volume is mounted at ${path}${more}`;

  test('fails when nothing is mounted there', () => {
    expect(found({ RELEASE_VM_ARGS: '/etc/depot/vm.args' })).toEqual([missing('RELEASE_VM_ARGS', '/etc/depot/vm.args')]);
    expect(found({ RELEASE_SYS_CONFIG: '/etc/depot/sys' })).toEqual([missing('RELEASE_SYS_CONFIG', '/etc/depot/sys.config')]);
    expect(found({ RELEASE_REMOTE_VM_ARGS: '/srv/depot-2/remote.vm.args' })).toHaveLength(1);
    expect(found({ RELEASE_VM_ARGS: '/config/vm.args', PHX_SERVER: 'true' }, { container: { command: undefined } })).toEqual([
      missing('RELEASE_VM_ARGS', '/config/vm.args', ''),
    ]);
  });

  test('fails when what is mounted has no such file', () => {
    const none = `${at}.env.RELEASE_VM_ARGS name a file that is there: the ConfigMap vm has vm.args`;
    expect(found({ RELEASE_VM_ARGS: '/etc/depot/vm.arg' }, mounted({}))).toEqual([none]);
    const items = { configMap: { name: 'vm', items: [{ key: 'vm.args', path: 'erl/vm.args' }] } };
    expect(found({ RELEASE_VM_ARGS: '/etc/depot/vm.args' }, mounted({}, items))).toHaveLength(1);
    expect(found({ RELEASE_VM_ARGS: '/etc/depot/erl/vm.args' }, mounted({}, items))).toEqual([]);
  });

  test.each<[string, Env, Parameters<typeof found>[1]]>([
    ['in a ConfigMap', { RELEASE_VM_ARGS: '/etc/depot/vm.args' }, mounted({})],
    [
      'as one file of it',
      { RELEASE_VM_ARGS: '/etc/depot/vm.args' },
      mounted({ mountPath: '/etc/depot/vm.args', subPath: 'vm.args' }),
    ],
    ['in a volume that something else fills', { RELEASE_SYS_CONFIG: '/etc/depot/sys' }, mounted({}, { emptyDir: {} })],
    [
      'in a Secret that is not in the YAML',
      { RELEASE_SYS_CONFIG: '/etc/depot/sys' },
      mounted({}, { secret: { secretName: 'elsewhere' } }),
    ],
    ['in the folder of the release', { RELEASE_VM_ARGS: '/srv/depot/releases/3.2.0/web.vm.args' }, {}],
    [
      'in the image, whose folders nobody here knows',
      { RELEASE_VM_ARGS: '/opt/depot/vm.args', PHX_SERVER: 'true' },
      { container: { command: undefined } },
    ],
    ['beside the program, by a relative path', { RELEASE_VM_ARGS: 'web.vm.args' }, {}],
    ['with an end that another rule refuses', { RELEASE_SYS_CONFIG: '/etc/depot/sys.config' }, {}],
    [
      'of an old release, to which the variable is nothing',
      { RELEASE_VM_ARGS: '/etc/depot/vm.args', REPLACE_OS_VARS: 'true' },
      {},
    ],
  ])('may be %s', (_, values, more) => {
    expect(found(values, more)).toEqual([]);
  });

  test('is read by those alone that start with it, or that call with it', () => {
    const run = (name: string, verb: string) =>
      container(
        { RELEASE_VM_ARGS: '/etc/depot/vm.args', RELEASE_REMOTE_VM_ARGS: '/etc/depot/remote.vm.args' },
        {
          name,
          command: ['/srv/depot/bin/depot', verb, 'Depot.ready()'],
        },
      );
    const read = (manifest: Manifest): string[] =>
      foundIn(bootFiles, [manifest], {}).map(({ field }) => field.replace(/.*\.env\./, ''));
    const node = container({ RELEASE_REMOTE_VM_ARGS: '/etc/depot/remote.vm.args' }, { command: start });
    expect(read(workload('Deployment', 'web', [node]))).toEqual(['RELEASE_REMOTE_VM_ARGS']);
    expect(read(workload('Deployment', 'web', [], { initContainers: [run('gate', 'eval')] }))).toEqual(['RELEASE_VM_ARGS']);
    expect(read(workload('Deployment', 'web', [], { initContainers: [run('calls', 'rpc')] }))).toEqual([
      'RELEASE_REMOTE_VM_ARGS',
    ]);
    expect(read(workload('Job', 'migrate', [run('migrate', 'eval')]))).toEqual(['RELEASE_VM_ARGS']);
    expect(read(workload('Job', 'flush', [run('flush', 'rpc')]))).toEqual(['RELEASE_REMOTE_VM_ARGS']);
  });
});
