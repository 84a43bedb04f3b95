import { Duration, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import {
  MigrationJob,
  OptOut,
  PostgresChart,
  Probe,
  ProbedDeployment,
  Resources,
  ScheduledTask,
  Worker,
  type Drain,
  type ExecProbe,
  type HttpProbe,
  type Manifest,
  type Mount,
  type PortProbe,
  type Probes,
  type ProbeTiming,
  type Variables,
} from '../lib/index';
import {
  chart,
  container,
  deployed,
  deploymentRefusals,
  image,
  minimalDeployment,
  objects,
  one,
  podSpec,
  release,
  resources,
} from './support/chart';

const memory = { request: Size.mebibytes(256), limit: Size.mebibytes(512) };
const cpu = { request: Cpu.millis(250), limit: Cpu.units(1) };

describe('resources', () => {
  test('guaranteed ones request what they limit, and are evicted last', () => {
    const guaranteed = Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.gibibytes(1) });
    const all = { cpu: '2', memory: '1Gi', 'ephemeral-storage': '512Mi' };
    expect(container(deployed({ resources: guaranteed }))['resources']).toEqual({ requests: all, limits: all });
    expect(guaranteed.qosClass).toBe('Guaranteed');
  });

  test('burstable ones get their request always and more while the node has it', () => {
    const burstable = Resources.burstable({ cpu, memory });
    expect(container(deployed({ resources: burstable }))['resources']).toEqual({
      requests: { cpu: '250m', memory: '256Mi', 'ephemeral-storage': '512Mi' },
      limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '512Mi' },
    });
    expect(burstable.qosClass).toBe('Burstable');
  });

  test('the class is the one that Kubernetes computes, whatever the factory is called', () => {
    const equal = {
      cpu: { request: Cpu.millis(1000), limit: Cpu.units(1) },
      memory: { request: memory.limit, limit: memory.limit },
    };
    expect(Resources.burstable(equal).qosClass).toBe('Guaranteed');
  });

  test('a CPU without a limit has a reason, keeps the limit of memory, and counts schedulers by its request', () => {
    const unlimited = Resources.burstable({
      cpu: { request: Cpu.millis(1500), limit: OptOut.because('the node runs nothing else') },
      memory,
    });
    const { limits } = container(deployed({ resources: unlimited }))['resources'] as Manifest;
    expect(limits).toEqual({ memory: '512Mi', 'ephemeral-storage': '512Mi' });
    expect(unlimited.schedulers).toBe(2);
    expect(unlimited.qosClass).toBe('Burstable');
  });

  test.each([
    [0.25, 1],
    [1, 1],
    [1.001, 2],
    [1.5, 2],
    [4, 4],
  ])('a limit of %d CPU is used by %i schedulers', (limit, schedulers) => {
    const limited = { request: Cpu.millis(100), limit: Cpu.units(limit) };
    expect(Resources.burstable({ cpu: limited, memory }).schedulers).toBe(schedulers);
  });

  test.each([
    ['500m', Cpu.units(0.5)],
    ['2', Cpu.millis(2000)],
    ['1250m', Cpu.millis(1250)],
  ])('CPU is written as people write it: %s', (written, limit) => {
    const web = container(deployed({ resources: Resources.guaranteed({ cpu: limit, memory: memory.limit }) }));
    expect(web['resources'].limits.cpu).toBe(written);
  });

  test.each([
    ['1Gi', Size.mebibytes(1024)],
    ['1536Mi', Size.mebibytes(1536)],
    ['20000Ki', Size.kibibytes(20_000)],
    ['1024Gi', Size.tebibytes(1)],
  ])('sizes are written in the largest unit that keeps them whole: %s', (written, size) => {
    const web = container(deployed({ resources: Resources.guaranteed({ cpu: cpu.limit, memory: size }) }));
    expect(web['resources'].limits.memory).toBe(written);
  });

  test('the smallest ones are accepted', () => {
    const smallest = Resources.burstable({
      cpu: { request: Cpu.millis(1), limit: Cpu.millis(1) },
      memory: { request: Size.mebibytes(16), limit: Size.mebibytes(16) },
      ephemeralStorage: Size.mebibytes(128),
    });
    expect(deploymentRefusals({ resources: smallest })).toEqual([]);
  });

  test('files in /tmp and logs together fit into the disk', () => {
    const disk = Resources.guaranteed({ cpu: cpu.limit, memory: memory.limit, ephemeralStorage: Size.gibibytes(1) });
    const deployment = deployed({ resources: disk });
    expect(podSpec(deployment)['volumes']).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '960Mi' } }]);
    expect(container(deployment)['resources']).toMatchObject({
      requests: { 'ephemeral-storage': '1Gi' },
      limits: { 'ephemeral-storage': '1Gi' },
    });
  });

  test.each<[string, Resources, string]>([
    [
      'the limit of CPU is under its request',
      Resources.burstable({ cpu: { request: Cpu.units(2), limit: Cpu.units(1) }, memory }),
      "'resources.cpu.limit' must be at least the request of 2 CPU, got 1 CPU; raise the limit or lower the request",
    ],
    [
      'no CPU is requested',
      Resources.burstable({ cpu: { request: Cpu.millis(0), limit: Cpu.units(1) }, memory }),
      "'resources.cpu.request' must be 1m or more, got 0m CPU; write Cpu.millis(250) or Cpu.units(1)",
    ],
    [
      'the limit of memory is under its request',
      Resources.burstable({ cpu, memory: { request: memory.limit, limit: memory.request } }),
      "'resources.memory.limit' must be at least the request of 512Mi, got 256Mi; raise the limit or lower the request",
    ],
    [
      'the memory is that of another unit',
      Resources.guaranteed({ cpu: cpu.limit, memory: Size.kibibytes(512) }),
      "'resources.memory.request' must be 16 MiB or more, got 512Ki; write Size.mebibytes(256)",
    ],
    [
      'logs would fill the disk',
      Resources.guaranteed({ cpu: cpu.limit, memory: memory.limit, ephemeralStorage: Size.mebibytes(32) }),
      "'resources.ephemeralStorage' must be 128 MiB or more, got 32Mi; omit it to use 512 MiB",
    ],
    [
      'a missing limit of CPU has no reason',
      Resources.burstable({ cpu: { request: cpu.request, limit: OptOut.because(' no ') }, memory }),
      '\'resources.cpu.limit\' must give a reason of 10 or more characters, got " no "; write one sentence that a reviewer would accept',
    ],
  ])('fails when %s', (_, refused, sentence) => {
    expect(deploymentRefusals({ resources: refused })).toEqual([`[chart/Web] ${sentence}`]);
  });
});

const ports = { http: 4000 };
const liveness = Probe.tcp({ port: 'http' });
const probed = (probes: Probes, more: { bootTime?: Duration } = {}): Manifest =>
  container(deployed({ ports: { http: 4000, grpc: 50051 }, probes, ...more }));

describe('probes', () => {
  test('by HTTP with the fewest settings', () => {
    const { readinessProbe } = probed({ readiness: Probe.http({ path: '/ready' }), liveness });
    expect(readinessProbe).toEqual({
      httpGet: { path: '/ready', port: 'http' },
      periodSeconds: 5,
      timeoutSeconds: 4,
      failureThreshold: 6,
    });
  });

  test('by HTTP with every setting', () => {
    const probe: Required<HttpProbe> = {
      path: '/ready?deep=1',
      port: 'grpc',
      headers: { Host: 'localhost', 'X-Forwarded-Proto': 'https' },
      scheme: 'HTTPS',
      period: Duration.seconds(20),
      timeout: Duration.seconds(7),
      failures: 2,
    };
    expect(probed({ readiness: Probe.http(probe), liveness })['readinessProbe']).toEqual({
      httpGet: {
        path: '/ready?deep=1',
        port: 'grpc',
        scheme: 'HTTPS',
        httpHeaders: [
          { name: 'Host', value: 'localhost' },
          { name: 'X-Forwarded-Proto', value: 'https' },
        ],
      },
      periodSeconds: 20,
      timeoutSeconds: 7,
      failureThreshold: 2,
    });
  });

  test('by a connection, by gRPC, and by a command', () => {
    const timing = { period: Duration.seconds(10), timeout: Duration.seconds(3), failures: 4 };
    const asked: Required<PortProbe> = { port: 'grpc', ...timing };
    const run: Required<ExecProbe> = { command: ['pg_isready', '--quiet'], ...timing };
    const { startupProbe, readinessProbe, livenessProbe } = probed({
      startup: Probe.tcp({ port: 'http' }),
      readiness: Probe.grpc(asked),
      liveness: Probe.exec(run),
    });
    const written = { periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 4 };
    expect(startupProbe).toEqual({ tcpSocket: { port: 'http' }, periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 12 });
    expect(readinessProbe).toEqual({ grpc: { port: 50051 }, ...written });
    expect(livenessProbe).toEqual({ exec: { command: ['pg_isready', '--quiet'] }, ...written });
  });

  test('liveness asks seldom and believes slowly, because its answer is a restart', () => {
    expect(probed({ readiness: Probe.http({ path: '/' }), liveness })['livenessProbe']).toEqual({
      tcpSocket: { port: 'http' },
      periodSeconds: 30,
      timeoutSeconds: 4,
      failureThreshold: 3,
    });
  });

  test('liveness may take longer than the period of readiness', () => {
    const slow = Probe.tcp({ port: 'http', timeout: Duration.seconds(20) });
    expect(probed({ readiness: Probe.http({ path: '/' }), liveness: slow })['livenessProbe']).toMatchObject({
      periodSeconds: 30,
      timeoutSeconds: 20,
    });
  });

  test('no answer is waited for longer than until the next question', () => {
    const { readinessProbe } = probed({ readiness: Probe.http({ path: '/', period: Duration.seconds(2) }), liveness });
    expect(readinessProbe).toMatchObject({ periodSeconds: 2, timeoutSeconds: 2 });
  });

  test.each([
    [10, 5, 2],
    [60, 5, 12],
    [61, 5, 13],
    [300, 10, 30],
    [3600, 7, 515],
  ])('a boot of %i s, asked every %i s, may fail %i times and no pod is restarted before', (boot, period, failures) => {
    const startup = Probe.http({ path: '/', period: Duration.seconds(period) });
    const probes = { startup, readiness: Probe.http({ path: '/ready' }), liveness };
    const { startupProbe } = probed(probes, { bootTime: Duration.seconds(boot) });
    expect(startupProbe).toMatchObject({ periodSeconds: period, failureThreshold: failures });
    expect(period * failures).toBeGreaterThanOrEqual(boot);
    expect(period * (failures - 1)).toBeLessThan(boot);
  });

  test('a container has booted when it answers what liveness asks, in the rhythm of a start', () => {
    const { startupProbe, readinessProbe } = probed({ readiness: Probe.http({ path: '/', failures: 1 }), liveness });
    expect(readinessProbe).toMatchObject({ httpGet: { path: '/' }, failureThreshold: 1 });
    expect(startupProbe).toEqual({ tcpSocket: { port: 'http' }, periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 12 });
  });

  test.each<[string, ProbeTiming, object]>([
    [
      'the time for an answer stays',
      { timeout: Duration.seconds(3) },
      { periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 12 },
    ],
    [
      'a longer one than the usual period is waited for',
      { timeout: Duration.seconds(20), failures: 9 },
      { periodSeconds: 20, timeoutSeconds: 20, failureThreshold: 3 },
    ],
    [
      'who asks more often does so here too',
      { period: Duration.seconds(2) },
      { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 30 },
    ],
    [
      'who asks seldom does not here',
      { period: Duration.minutes(2) },
      { periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 12 },
    ],
  ])('of the liveness that startup asks: %s', (_, timing, written) => {
    const { startupProbe } = probed({
      readiness: Probe.http({ path: '/' }),
      liveness: Probe.http({ path: '/alive', headers: { Accept: 'text/plain' }, ...timing }),
    });
    const httpHeaders = [{ name: 'Accept', value: 'text/plain' }];
    expect(startupProbe).toEqual({ httpGet: { path: '/alive', port: 'http', httpHeaders }, ...written });
  });

  test('without a liveness startup asks what readiness does, and no impatience of that shortens the boot time', () => {
    const none = OptOut.because('never hangs');
    const { startupProbe } = probed({ readiness: Probe.http({ path: '/', failures: 1 }), liveness: none });
    expect(startupProbe).toMatchObject({ httpGet: { path: '/' }, periodSeconds: 5, failureThreshold: 12 });
  });

  test('each may be left out with a reason', () => {
    const none = OptOut.because('takes no traffic: reads a queue');
    const asked = probed({ readiness: none, liveness: none });
    expect(Object.keys(asked).filter((field) => field.endsWith('Probe'))).toEqual([]);
    const started = probed({ startup: none, readiness: Probe.http({ path: '/' }), liveness: none });
    expect(Object.keys(started).filter((field) => field.endsWith('Probe'))).toEqual(['readinessProbe']);
  });

  const http = Probe.http({ path: '/' });
  test.each<[string, Probes, string]>([
    [
      'liveness asks what readiness asks',
      { readiness: http, liveness: Probe.http({ path: '/', period: Duration.seconds(9) }) },
      '\'probes.liveness\' must ask something else than readiness, got "the same handler"; use a path that touches no database, or Probe.tcp: else an outage of the database restarts every pod',
    ],
    [
      'liveness asks what readiness asks, with other headers',
      { readiness: http, liveness: Probe.http({ path: '/', headers: { Host: 'localhost' } }) },
      '\'probes.liveness\' must ask something else than readiness, got "the same handler"; use a path that touches no database, or Probe.tcp: else an outage of the database restarts every pod',
    ],
    [
      'a path is a URL',
      { readiness: Probe.http({ path: 'http://localhost/ready' }), liveness },
      "'probes.readiness.path' must start with '/' and hold no space, got \"http://localhost/ready\"; write it as /health",
    ],
    [
      'a port is none of the container',
      { readiness: http, liveness: Probe.tcp({ port: 'metrics' }) },
      "'probes.liveness.port' must be the name of a TCP port of the container, got \"metrics\"; use 'http'",
    ],
    [
      'a command is empty',
      { readiness: Probe.exec({ command: [] }), liveness },
      "'probes.readiness.command' must name a program, got []; write the program and its arguments",
    ],
    [
      'a period is no whole second',
      { readiness: Probe.http({ path: '/', period: Duration.millis(500) }), liveness },
      "'probes.readiness.period' must be whole seconds from 1s to 31536000s, got 0.5s; omit it to use the default",
    ],
    [
      'a timeout is longer than the period',
      { readiness: Probe.http({ path: '/', timeout: Duration.seconds(6) }), liveness },
      "'probes.readiness.timeout' must be whole seconds from 1s to 5s, got 6s; keep it within the period",
    ],
    [
      'nothing may fail',
      { readiness: Probe.http({ path: '/', failures: 0 }), liveness },
      "'probes.readiness.failures' must be a whole number of 1 or more, got 0; omit it to use the default",
    ],
    [
      'the failures of startup are given beside the boot time',
      { startup: Probe.http({ path: '/', failures: 30 }), readiness: http, liveness },
      "'probes.startup.failures' must be left to the boot time, got 30; remove it, and set 'bootTime'",
    ],
    [
      'a probe is left out without a reason',
      { readiness: http, liveness: OptOut.because('') },
      '\'probes.liveness\' must give a reason of 10 or more characters, got ""; write one sentence that a reviewer would accept',
    ],
  ])('fails when %s', (_, probes, sentence) => {
    expect(deploymentRefusals({ ports, probes })).toEqual([`[chart/Web] ${sentence}`]);
  });
});

describe('drain', () => {
  test.each([
    [10, 20, 35],
    [0, 15, 20],
    [15, 3600, 3620],
  ])('a sleep of %i s and a shutdown of %i s leave %i s until the kill', (preStop, shutdown, grace) => {
    const drain: Drain = { preStop: Duration.seconds(preStop), shutdown: Duration.seconds(shutdown) };
    const deployment = deployed({ drain });
    expect(podSpec(deployment)['terminationGracePeriodSeconds']).toBe(grace);
    expect(grace).toBe(preStop + shutdown + 5);
    const hook = { preStop: { exec: { command: ['sleep', `${preStop}`] } } };
    expect(container(deployment)['lifecycle']).toEqual(preStop === 0 ? undefined : hook);
  });

  test.each<[string, Drain, string]>([
    [
      'the sleep is longer than anyone waits',
      { preStop: Duration.minutes(6), shutdown: Duration.seconds(20) },
      "'drain.preStop' must be whole seconds from 0s to 300s, got 360s; use 10s, or 0s where nobody connects",
    ],
    [
      'there is no time to shut down',
      { preStop: Duration.seconds(10), shutdown: Duration.seconds(0) },
      "'drain.shutdown' must be whole seconds from 1s to 7200s, got 0s; name the longest shutdown of the program",
    ],
  ])('fails when %s', (_, drain, sentence) => {
    expect(deploymentRefusals({ drain })).toEqual([`[chart/Web] ${sentence}`]);
  });
});

describe('variables', () => {
  test('keep their order, so that one may refer to those above it', () => {
    const variables: Variables = {
      POD_IP: { fieldRef: { fieldPath: 'status.podIP' } },
      RELEASE_NODE: 'app@$(POD_IP)',
      PRICE: '$$(POD_IP)',
      COOKIE: { secretKeyRef: { name: 'app', key: 'COOKIE' } },
    };
    expect(container(deployed({ variables }))['env']).toEqual([
      { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
      { name: 'RELEASE_NODE', value: 'app@$(POD_IP)' },
      { name: 'PRICE', value: '$$(POD_IP)' },
      { name: 'COOKIE', valueFrom: { secretKeyRef: { name: 'app', key: 'COOKIE' } } },
    ]);
  });

  const noText = undefined as unknown as string;
  test.each<[string, Variables, string]>([
    [
      'a variable refers to one further down',
      { RELEASE_NODE: 'app@$(POD_IP)', POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } },
      '\'variables.RELEASE_NODE\' must refer only to variables above it, got "app@$(POD_IP)"; put POD_IP above RELEASE_NODE, or write $$(POD_IP) for the text itself',
    ],
    [
      'a variable refers to itself',
      { PATH: '/app/bin:$(PATH)' },
      '\'variables.PATH\' must refer only to variables above it, got "/app/bin:$(PATH)"; put PATH above PATH, or write $$(PATH) for the text itself',
    ],
    [
      'a name starts with a digit',
      { '2ND_HOST': 'x' },
      '\'variables\' must hold names of letters, digits, "_", "-" and ".", none starting with a digit, got "2ND_HOST"; rename the variable',
    ],
    [
      'a variable has no value',
      { HOST: noText },
      "'variables.HOST' must have a value, got nothing; remove it, or write its value",
    ],
  ])('fails when %s', (_, variables, sentence) => {
    expect(deploymentRefusals({ variables })).toEqual([`[chart/Web] ${sentence}`]);
  });
});

describe('mounts', () => {
  const secret = { secret: { secretName: 'keys' } };

  test('stand beside /tmp, and are read-only where Kubernetes writes them', () => {
    const everything: Mount = { name: 'cache', path: '/var/cache', source: { emptyDir: {} }, readOnly: true };
    const mounts: Mount[] = [
      { name: 'keys', path: '/etc/keys', source: secret },
      { name: 'config', path: '/etc/app', source: { configMap: { name: 'app' } } },
      { name: 'uploads', path: '/uploads', source: { persistentVolumeClaim: { claimName: 'uploads' } } },
      everything,
    ];
    const deployment = deployed({ mounts });
    expect(container(deployment)['volumeMounts']).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'keys', mountPath: '/etc/keys', readOnly: true },
      { name: 'config', mountPath: '/etc/app', readOnly: true },
      { name: 'uploads', mountPath: '/uploads' },
      { name: 'cache', mountPath: '/var/cache', readOnly: true },
    ]);
    expect(podSpec(deployment)['volumes']).toEqual([
      { name: 'tmp', emptyDir: { sizeLimit: '448Mi' } },
      { name: 'keys', secret: { secretName: 'keys' } },
      { name: 'config', configMap: { name: 'app' } },
      { name: 'uploads', persistentVolumeClaim: { claimName: 'uploads' } },
      { name: 'cache', emptyDir: {} },
    ]);
  });

  const folder = (name: string, sizeLimit: string, medium?: string): Mount => ({
    name,
    path: `/var/${name}`,
    source: { emptyDir: { sizeLimit: k8s.Quantity.fromString(sizeLimit), medium } },
  });
  const roomOf = (mounts: Mount[]): unknown => podSpec(deployed({ mounts }))['volumes'][0].emptyDir.sizeLimit;

  test('leave /tmp what other scratch space does not take of the disk', () => {
    expect(roomOf([folder('cache', '100Mi')])).toBe('348Mi');
    expect(roomOf([folder('cache', '100Mi'), folder('models', '0.125Gi')])).toBe('220Mi');
    expect(roomOf([folder('cache', '432Mi')])).toBe('16Mi');
    expect(roomOf([folder('cache', '200Mi', 'Memory')])).toBe('448Mi');
  });

  test('fails when scratch space leaves nothing for /tmp', () => {
    const must = 'be 613 MiB or more: 64 MiB for logs, 16 MiB for /tmp, and what the other emptyDirs may take';
    expect(deploymentRefusals({ mounts: [folder('cache', '433Mi'), folder('models', '100Mi')] })).toEqual([
      `[chart/Web] 'resources.ephemeralStorage' must ${must}, got 512Mi; raise it, or lower their sizeLimit`,
    ]);
  });

  test('make a crash dump as large as half of what is left', () => {
    const tried = chart();
    release(tried, { mounts: [folder('geoip', '248Mi')] });
    expect(one(tried, 'ConfigMap')['data'].ERL_CRASH_DUMP_BYTES).toBe(`${100 * 1048576}`);
  });

  const claim: Mount = { name: 'uploads', path: '/uploads', source: { persistentVolumeClaim: { claimName: 'uploads' } } };
  const template = {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: k8s.Quantity.fromString('1Gi') } } },
  };

  test('give the files of a claim to the group of the program, in every pod that has it', () => {
    const tried = chart();
    const web = release(tried, { mounts: [claim] });
    new MigrationJob(tried, 'Migration', { release: web });
    new Worker(tried, 'Worker', { release: web, replicas: 1 });
    new ScheduledTask(tried, 'Sweep', { release: web, task: 'sweep', command: ['sweep'], schedule: '0 4 * * *' });
    const specs = objects(tried).flatMap(({ spec }) => (spec?.jobTemplate?.spec ?? spec)?.template?.spec ?? []);
    expect(specs).toHaveLength(4);
    for (const { securityContext } of specs)
      expect(securityContext).toMatchObject({ fsGroup: 65534, fsGroupChangePolicy: 'OnRootMismatch' });
  });

  test('ask for a group where a volume is made for the pod, and for none where there is scratch space alone', () => {
    const made: Mount = { name: 'index', path: '/index', source: { ephemeral: { volumeClaimTemplate: template } } };
    expect(podSpec(deployed({ mounts: [made], pods: { user: 10003 } }))['securityContext']).toMatchObject({
      fsGroup: 10003,
      fsGroupChangePolicy: 'OnRootMismatch',
    });
    expect(podSpec(deployed({ mounts: [folder('cache', '1Mi')] }))['securityContext']).not.toHaveProperty('fsGroup');
  });

  test.each<[string, Mount[], string]>([
    [
      'two share a path',
      [
        { name: 'a', path: '/etc/app', source: secret },
        { name: 'b', path: '/etc/app', source: secret },
      ],
      '\'mounts\' must have names and paths of their own, got "path /etc/app"; move or drop one; /tmp is always mounted',
    ],
    [
      'two share a name',
      [
        { name: 'a', path: '/etc/a', source: secret },
        { name: 'a', path: '/etc/b', source: secret },
      ],
      "'mounts' must have names and paths of their own, got \"name a\"; give one of them another 'name' or drop one; /tmp is always mounted",
    ],
    [
      'one takes the path of the scratch space',
      [{ name: 'scratch', path: '/tmp', source: { emptyDir: {} } }],
      '\'mounts\' must have names and paths of their own, got "path /tmp"; move or drop one; /tmp is always mounted',
    ],
    [
      'a path is relative',
      [{ name: 'a', path: 'etc/app', source: secret }],
      "'mounts.path' must be an absolute path without ':', got \"etc/app\"; write it as /etc/app/config.json",
    ],
    [
      'a name is none of a volume',
      [{ name: 'My_Keys', path: '/etc/app', source: secret }],
      '\'mounts.name\' must be lower-case letters, digits and \'-\', start with a letter, end with a letter or digit and have at most 63 characters, got "My_Keys"; rename it, for example "my-keys"',
    ],
    [
      'nothing is mounted',
      [{ name: 'a', path: '/etc/app' } as Mount],
      "'mounts.0' must be one of claim, scratch, memory, configMap, secret, projected, secretsStore, csi, ephemeral, source, got nothing; write { path, claim }, { path, scratch }, { path, configMap, file }, or another one of the words",
    ],
  ])('fails when %s', (_, mounts, sentence) => {
    expect(deploymentRefusals({ mounts })).toEqual([`[chart/Web] ${sentence}`]);
  });
});

describe('every pod', () => {
  function everyPod(): Manifest[] {
    const tried = chart();
    new MigrationJob(tried, 'Migration', { release: release(tried) });
    new ProbedDeployment(tried, 'Worker', { ...minimalDeployment, name: 'worker' });
    const database = new PostgresChart(tried, 'postgres', {
      namespace: 'test',
      partOf: 'test',
      name: 'db',
      database: 'app',
      user: 'app',
      password: { secret: 'db', key: 'password' },
      engine: { single: { image: 'postgres:18.6', storage: Size.gibibytes(1), resources } },
    });
    return [...objects(tried), ...objects(database)].filter(({ spec }) => spec?.template);
  }

  test('satisfies Pod Security "restricted"', () => {
    const kinds = everyPod().map(({ kind }) => String(kind));
    expect(kinds.toSorted()).toEqual(['Deployment', 'Deployment', 'Job', 'StatefulSet']);
    for (const manifest of everyPod()) {
      const pod = podSpec(manifest);
      expect(pod['securityContext']).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod['securityContext'].runAsUser).toBeGreaterThan(0);
      expect([pod['hostNetwork'], pod['hostPID'], pod['hostIPC']]).toEqual([undefined, undefined, undefined]);
      for (const { name, ...source } of pod['volumes'] as Manifest[]) {
        expect([name, ['configMap', 'emptyDir', 'secret', 'persistentVolumeClaim']]).toEqual([
          name,
          expect.arrayContaining(Object.keys(source)),
        ]);
      }
      expect(container(manifest)['securityContext']).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      });
      for (const port of (container(manifest)['ports'] ?? []) as Manifest[]) expect(port).not.toHaveProperty('hostPort');
    }
  });

  test('gets no token, no variables of other Services, and asks for full names first', () => {
    for (const manifest of everyPod()) {
      const { automountServiceAccountToken, enableServiceLinks, dnsConfig } = podSpec(manifest);
      expect([automountServiceAccountToken, enableServiceLinks]).toEqual([false, false]);
      expect(dnsConfig).toEqual({ options: [{ name: 'ndots', value: '2' }] });
    }
  });

  test('mounts each of its volumes, and no other', () => {
    for (const manifest of everyPod()) {
      const claims = (manifest['spec'].volumeClaimTemplates ?? []) as Manifest[];
      const volumes = [...(podSpec(manifest)['volumes'] as Manifest[]), ...claims.map(({ metadata }) => metadata as Manifest)];
      const { containers, initContainers = [] } = podSpec(manifest) as { containers: Manifest[]; initContainers?: Manifest[] };
      const mounts = [...containers, ...initContainers].flatMap(({ volumeMounts }) => volumeMounts as Manifest[]);
      const mounted = [...new Set(mounts.map(({ name }) => String(name)))];
      expect(mounted.toSorted()).toEqual(volumes.map(({ name }) => String(name)).toSorted());
    }
  });

  test('is found by the selector of its own controller alone', () => {
    const pods = everyPod();
    for (const { kind, metadata, spec } of pods.filter((manifest) => manifest['kind'] !== 'Job')) {
      const wanted = Object.entries(spec.selector.matchLabels as Record<string, string>);
      const found = pods.filter(({ spec: other }) =>
        wanted.every(([label, value]) => other.template.metadata.labels[label] === value),
      );
      expect(found.map((manifest) => [manifest['kind'], manifest['metadata'].name])).toEqual([[kind, metadata.name]]);
    }
  });

  test('runs the image as it is named', () => {
    expect(container(one(chartWith(), 'Deployment'))).toMatchObject({ image, imagePullPolicy: 'Always' });
  });
});

function chartWith() {
  const tried = chart();
  new ProbedDeployment(tried, 'Web', minimalDeployment);
  return tried;
}
