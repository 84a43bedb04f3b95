import { Duration, Size, Yaml } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  Checks,
  OptOut,
  Probe,
  render,
  Resources,
  type InitContainer,
  type Manifest,
  type NamedEnvironment,
  type Sidecar,
} from '../lib/index';
import { migrationsIn } from '../lib/environment/parts';
import { invalidObjects } from './support/models';
import { fetcher, imgproxy, little, needed, shipper } from './support/sidecars';
import { build, production, staging } from './support/stack';
import { quotaOf, vary, type Variation } from './support/vary';

/** An environment with a pod of every kind. */
const whole = vary(staging, {
  kubernetes: '1.33',
  tasks: { nightly: { schedule: '0 3 * * *', run: 'Shop.Nightly.run()' } },
  migrations: { gate: Duration.minutes(5), contract: true, seeds: true },
  quota: { cpu: Cpu.units(8), memory: Size.gibibytes(12), storage: Size.gibibytes(50), pods: 30 },
});

const faultsOf = (...changes: Variation[]): readonly string[] => render(build(vary(whole, ...changes))).faults;

/** What rules say of one environment; none, for one that is good. */
function podsOf(environment: NamedEnvironment): Record<string, Manifest> {
  const app = build(environment);
  const { faults, files } = render(app);
  expect(faults).toEqual([]);
  expect(invalidObjects([...files.values()])).toEqual([]);
  const { objects } = Checks.of(app).world;
  return Object.fromEntries(
    objects.flatMap(({ manifest: { kind, metadata, spec } }): [string, Manifest][] => {
      const template = (kind === 'CronJob' ? spec.jobTemplate.spec : spec)?.template as Manifest | undefined;
      return template?.['spec'] ? [[String(metadata.name).replace(/-[0-9a-f]{10}$/, ''), template['spec'] as Manifest]] : [];
    }),
  );
}

const ROLES = ['', '-worker', '-nightly', '-migrate', '-seed', '-contract'].map((end) => `kube-native${end}`);

function startsOf(pod: Manifest | undefined): unknown[] {
  return ((pod?.['initContainers'] ?? []) as Manifest[]).map(({ name }): unknown => name);
}

function named(pod: Manifest | undefined, wanted: string): Manifest {
  const all = [...((pod?.['initContainers'] ?? []) as Manifest[]), ...((pod?.['containers'] ?? []) as Manifest[])];
  const found = all.find(({ name }) => name === wanted);
  if (!found) throw new Error(`no container ${wanted}`);
  return found;
}

describe('a sidecar that is said once', () => {
  const pods = podsOf(vary(whole, { sidecars: { shipper } }));

  test('is a native one in every pod of the release, first of all that runs', () => {
    for (const role of ROLES) {
      expect([role, startsOf(pods[role])[0], named(pods[role], 'shipper')['restartPolicy']]).toEqual([role, 'shipper', 'Always']);
      expect([role, (pods[role]?.['containers'] as Manifest[]).length]).toEqual([role, 1]);
    }
    expect(startsOf(pods['kube-native-postgresql'])).not.toContain('shipper');
  });

  test('is hardened as the program is, and has a place of its own to write to', () => {
    const { securityContext, volumeMounts } = named(pods['kube-native'], 'shipper');
    expect(securityContext).toEqual(named(pods['kube-native'], 'web')['securityContext']);
    expect(volumeMounts).toEqual([{ name: 'shipper-tmp', mountPath: '/tmp' }]);
    expect(pods['kube-native']?.['volumes']).toContainEqual({ name: 'shipper-tmp', emptyDir: { sizeLimit: '64Mi' } });
  });

  test('leaves every line as it is but the one that would show it the processes of the program', () => {
    const lines = (environment: NamedEnvironment): string[] => Yaml.stringify(podsOf(environment)['kube-native']).split('\n');
    const gone = new Set(lines(vary(whole, { sidecars: { shipper } })));
    expect(lines(whole).filter((line) => !gone.has(line))).toEqual(['shareProcessNamespace: true']);
  });

  test('sees no process of a program, whose variables and files are in /proc', () => {
    const shares = (all: Record<string, Manifest>) => ROLES.filter((role) => all[role]?.['shareProcessNamespace'] === true);
    expect(shares(pods)).toEqual([]);
    const { web, workers } = whole;
    expect(shares(podsOf(vary(whole, { web: { ...web, sidecars: { shipper } }, workers })))).toEqual(['kube-native-worker']);
  });

  test('is another one in a role, or none with the reason', () => {
    const own: Sidecar = { ...shipper, args: ['--batch'] };
    const roles = podsOf(
      vary(whole, {
        sidecars: { shipper },
        web: { sidecars: { second: shipper } },
        workers: { worker: { ...staging.workers.worker, sidecars: { shipper: own } } },
        migrations: { ...migrationsIn(whole), sidecars: { shipper: OptOut.because('a migration says what it did itself') } },
      }),
    );
    expect(startsOf(roles['kube-native'])).toEqual(['shipper', 'second', 'wait-for-migrations']);
    expect(named(roles['kube-native-worker'], 'shipper')['args']).toEqual(['--batch']);
    expect(startsOf(roles['kube-native-migrate'])).toEqual(['wait-for-database', 'still-wanted']);
    expect(startsOf(roles['kube-native-nightly'])).toEqual(['shipper', 'wait-for-migrations']);
  });
});

test('a sidecar has all that it is given, and the fence opens what it reaches', () => {
  const changed = vary(whole, { web: { sidecars: { imgproxy } }, existing: needed });
  const pod = podsOf(changed)['kube-native'];
  expect(named(pod, 'imgproxy')).toEqual({
    restartPolicy: 'Always',
    name: 'imgproxy',
    image: imgproxy.image,
    imagePullPolicy: 'IfNotPresent',
    command: ['imgproxy'],
    args: ['--quiet'],
    env: [
      { name: 'IMGPROXY_BIND', value: ':8086' },
      { name: 'IMGPROXY_KEY', valueFrom: { secretKeyRef: { name: 'imgproxy', key: 'key' } } },
    ],
    envFrom: [{ configMapRef: { name: 'imgproxy' } }],
    ports: [{ name: 'imgproxy', containerPort: 8086 }],
    resources: {
      requests: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '256Mi' },
      limits: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '256Mi' },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsUser: 10999,
      runAsGroup: 10999,
    },
    startupProbe: { httpGet: { path: '/health', port: 'imgproxy' }, periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 6 },
    readinessProbe: { httpGet: { path: '/health', port: 'imgproxy' }, periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 6 },
    livenessProbe: { tcpSocket: { port: 'imgproxy' }, periodSeconds: 30, timeoutSeconds: 4, failureThreshold: 3 },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'imgproxy-tmp', mountPath: '/tmp' },
      { name: 'presets', mountPath: '/etc/imgproxy', readOnly: true },
    ],
  });
  const app = build(changed);
  render(app);
  const policies = Checks.of(app);
  const sent = (name: string): string =>
    JSON.stringify(
      policies.world.objects.find(({ manifest }) => manifest['kind'] === 'NetworkPolicy' && manifest['metadata'].name === name)
        ?.manifest['spec'].egress,
    );
  expect(sent('kube-native')).toContain('"10.9.0.0/24"');
  expect(sent('kube-native-worker')).not.toContain('"10.9.0.0/24"');
});

describe('what runs before the program', () => {
  const late: InitContainer = { ...fetcher, when: 'after-migrations', mounts: [{ volume: 'geo', path: '/data' }] };
  const geo = { path: '/geo', scratch: Size.mebibytes(32) };
  const sharing: InitContainer = { ...fetcher, mounts: [{ volume: 'geo', path: '/geo' }] };

  test('has its place before or after the wait for migrations, and shares volumes with the program', () => {
    const pods = podsOf(
      vary(whole, { sidecars: { shipper }, web: { mounts: [geo], initContainers: { late, fetcher: sharing } } }),
    );
    expect(startsOf(pods['kube-native'])).toEqual(['shipper', 'fetcher', 'wait-for-migrations', 'late']);
    expect((pods['kube-native']?.['volumes'] as Manifest[]).filter(({ name }) => name === 'geo')).toHaveLength(1);
    expect(named(pods['kube-native'], 'late')['volumeMounts']).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'geo', mountPath: '/data' },
    ]);
    expect(named(pods['kube-native'], 'fetcher')).not.toHaveProperty('restartPolicy');
  });

  test('is given its time by the roll-out', () => {
    const deadline = (change: Variation): number => {
      const app = build(vary(whole, change));
      render(app);
      const web = Checks.of(app).world.objects.find(
        ({ manifest: { kind, metadata } }) => kind === 'Deployment' && metadata.name === 'kube-native',
      );
      return web?.manifest['spec'].progressDeadlineSeconds as number;
    };
    const slow = { initContainers: { fetcher: { ...fetcher, limit: Duration.minutes(20) } } };
    expect(deadline(slow) - deadline({})).toBe(20 * 60);
    expect(deadline({ sidecars: { shipper: { ...shipper, bootTime: Duration.minutes(10) } } }) - deadline({})).toBe(10 * 60);
  });

  test('fails for a volume that the pod does not have, and for two of one name', () => {
    expect(faultsOf({ web: { initContainers: { late } } })).toEqual([
      '[30-phoenix/Release/Web] \'initContainers.late.mounts.volume\' must be the name of a volume that the pod has, got "geo"; use one of (none), or write what it is',
    ]);
    expect(faultsOf({ web: { mounts: [{ ...geo, scratch: Size.mebibytes(16) }], initContainers: { fetcher } } })).toEqual([
      "[30-phoenix/Release/Web] 'initContainers.fetcher.mounts' must have names of their own: the pod has another volume of this name, got \"geo\"; give one of the two another 'name', or share it by { volume, path }",
    ]);
  });
});

describe('what a sidecar uses', () => {
  const large = { ...shipper, resources: Resources.guaranteed({ cpu: Cpu.units(3), memory: Size.gibibytes(5) }) };

  test('counts in the quota, for every pod in the middle of a roll-out', () => {
    const quota = { ...quotaOf(production), cpu: Cpu.units(10) };
    const [fault, ...others] = render(build(vary(production, { quota, sidecars: { large } }))).faults;
    expect(fault).toContain('quota-fits');
    expect(others.filter((one) => !one.includes('quota-fits'))).toEqual([]);
    // A GiB of its own, and five beside it.
    expect(fault).toContain('7 x 6144Mi kube-native + 3 x 6144Mi kube-native-worker + 1 x 6144Mi kube-native-migrate');
  });

  test('makes a guaranteed pod a burstable one where it is one', () => {
    expect(large.resources.qosClass).toBe('Guaranteed');
    expect(little.qosClass).toBe('Guaranteed');
  });
});

describe('Kubernetes before 1.29', () => {
  const plain: Sidecar = { ...shipper, unordered: OptOut.because('the last lines of a log may be lost') };

  test('fails in every pod, each once for those that end and those that do not', () => {
    expect(faultsOf({ kubernetes: '1.28', sidecars: { shipper } })).toEqual([
      expect.stringMatching(
        /^\[20-migrate\/Migration, 20-migrate\/Seeds, 30-phoenix\/Task-nightly, 50-after\/Contract\] 'sidecars\.shipper' must be left out of pods that end before Kubernetes 1\.29, /,
      ),
      "[30-phoenix/Release/Web, 30-phoenix/Worker/Pods] 'sidecars.shipper' must be left to Kubernetes 1.29 or newer, which starts it before all else of the pod, and ends it after the program, got \"1.28\"; say kubernetes: '1.29' or newer where the cluster is, or why it may start and stop beside the program: unordered: OptOut.because('...')",
    ]);
  });

  test('has a plain container in pods that keep running, where someone says why it may be', () => {
    const sidecars = { shipper: plain };
    const workers = { worker: { ...staging.workers.worker, sidecars } };
    const pods = podsOf(vary(whole, { kubernetes: '1.28', web: { sidecars }, workers }));
    for (const role of ['kube-native', 'kube-native-worker']) {
      expect((pods[role]?.['containers'] as Manifest[]).map(({ name }): unknown => name).at(1)).toBe('shipper');
      expect(named(pods[role], 'shipper')).not.toHaveProperty('restartPolicy');
      expect(startsOf(pods[role])).toEqual(['wait-for-migrations']);
    }
    expect(startsOf(podsOf(vary(whole, { web: { sidecars } }))['kube-native'])).toEqual(['shipper', 'wait-for-migrations']);
    expect(faultsOf({ kubernetes: '1.28', migrations: { ...migrationsIn(whole), sidecars } })).toEqual([
      expect.stringContaining("'migrations.sidecars.shipper' must be left out of pods that end before Kubernetes 1.29"),
    ]);
  });
});

describe('a container beside the program', () => {
  test.each<[string, Variation, string]>([
    [
      'the name of another one',
      { web: { sidecars: { web: shipper } } },
      '[30-phoenix/Release/Web] \'sidecars.web\' must have a name that no other container of the pod has, got "web"; rename it: the pod has web, wait-for-migrations',
    ],
    [
      'the port of another one',
      { web: { sidecars: { shipper: { ...shipper, ports: { 'ship-http': 4000 } } } } },
      "[30-phoenix/Release/Web] 'sidecars.shipper.ports.ship-http' must be a port that no other container of the pod has: they share one address, got 4000; let one of the two listen elsewhere: the port 'http' of the pod has this number",
    ],
    [
      'the name of another port',
      {
        web: {
          sidecars: {
            shipper: { ...shipper, ports: { http: 8080 }, probes: { ...shipper.probes, readiness: Probe.tcp({ port: 'http' }) } },
          },
        },
      },
      '[30-phoenix/Release/Web] \'sidecars.shipper.ports.http\' must have a name that no other port of the pod has, by which Services and probes find it, got "http"; rename it, for example "shipper-http"',
    ],
    [
      'a probe of a port that is not its own',
      { sidecars: { shipper: { ...shipper, probes: { startup: Probe.tcp({ port: 'shipper-page' }) } } } },
      '[30-phoenix/Release] \'sidecars.shipper.probes.startup.port\' must be the name of a TCP port of the container, got "shipper-page"; use a port that you add',
    ],
    [
      'no version of its image',
      { sidecars: { shipper: { ...shipper, image: 'registry.example.com/shipper' } } },
      '[30-phoenix/Release] \'sidecars.shipper.image\' must name one version, got "registry.example.com/shipper"; add the tag or digest of a build',
    ],
    [
      'nothing to be left out',
      {
        workers: { worker: { ...staging.workers.worker, sidecars: { shiper: OptOut.because('it has no log') } } },
        sidecars: { shipper },
      },
      '[30-phoenix/Worker] \'workers.worker.sidecars.shiper\' must be one that all pods have, to be left out, got "shiper"; remove it, or name one of shipper',
    ],
    [
      'a limit that nobody waits for',
      { initContainers: { fetcher: { ...fetcher, limit: Duration.hours(2) } } },
      "[30-phoenix/Release] 'initContainers.fetcher.limit' must be whole seconds from 1s to 3600s, got 7200s; omit it to use 60s",
    ],
  ])('fails with %s', (_, change, fault) => {
    expect(faultsOf(change)).toEqual([expect.stringContaining(fault)]);
  });

  test('fails with a name that nobody knows, in the literal', () => {
    const misspelt = { ...shipper, commands: [] } as unknown as Sidecar;
    expect(() => build(vary(whole, { web: { sidecars: { shipper: misspelt } } }))).toThrow(
      "'web.sidecars.shipper.commands' must be a prop that is known, got []; did you mean 'command'?",
    );
    expect(() => build(vary(whole, { initContainers: { fetcher: { ...fetcher, when: 'first' as never } } }))).toThrow(
      "'initContainers.fetcher.when' must be 'before-migrations' or 'after-migrations', got \"first\"",
    );
  });
});
