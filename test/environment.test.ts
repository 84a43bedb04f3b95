import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Duration, JsonPatch, Size, Testing } from 'cdk8s';
import { ConfigMap, Cpu } from 'cdk8s-plus-27';
import {
  buildEnvironment,
  Checks,
  CloudIdentity,
  clusterNeeds,
  effectiveKnobs,
  mixRelease,
  patch,
  phxNew,
  render,
  Resources,
  synthStack,
  type Manifest,
  type NamedEnvironment,
  type Stack,
} from '../lib/index';
import { vary } from './support/vary';
import { development, production, staging } from './support/stack';

// As a team would write it that has the package alone.
const stack: Stack = {
  application: {
    name: 'shop',
    release: mixRelease({ release: 'shop', module: 'Shop.Release' }),
    reads: phxNew.single,
    port: 4000,
    health: { ready: '/health' },
    sockets: 0,
  },
  environments: {
    live: {
      image: `registry.example.com/shop:1.4.2@sha256:${'0b'.repeat(32)}`,
      web: {
        host: 'shop.example.com',
        replicas: 2,
        resources: Resources.guaranteed({ cpu: Cpu.millis(500), memory: Size.gibibytes(1) }),
      },
      tasks: { nightly: { schedule: '0 3 * * *', timeZone: 'Europe/Berlin', run: 'Shop.Nightly.run()' } },
      workers: { mail: { replicas: 1, config: { QUEUES: 'mail' }, shutdown: Duration.seconds(40) } },
      config: { LOG_LEVEL: 'info' },
      database: { managed: { host: 'db.example.com', connections: 90, cidr: '10.0.0.0/16', tls: 'public-authority' } },
      quota: { cpu: Cpu.units(8), memory: Size.gibibytes(16), storage: Size.gibibytes(1), pods: 20 },
    },
  },
};
const [[name, environment] = ['', production]] = Object.entries(stack.environments);
const live: NamedEnvironment = { ...environment, name };

function finished(environment = live): Manifest[] {
  const app = new App();
  buildEnvironment(app, stack, environment);
  expect(render(app).faults).toEqual([]);
  return Checks.of(app).world.objects.map(({ manifest }) => manifest);
}

function pick(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found)
    throw new Error(`${kind} ${name} is not there: ${objects.map((object) => `${object.kind} ${object.metadata.name}`).join()}`);
  return found;
}

test('a short literal becomes a whole environment, in a namespace of its application and its name', () => {
  const objects = finished();
  expect(pick(objects, 'Namespace', 'shop-live')).toBeDefined();
  expect(pick(objects, 'Deployment', 'shop').spec.replicas).toBe(2);
  expect(pick(objects, 'Deployment', 'shop-mail').spec.template.spec.terminationGracePeriodSeconds).toBe(45);
  expect(pick(objects, 'CronJob', 'shop-nightly').spec).toMatchObject({ schedule: '0 3 * * *', timeZone: 'Europe/Berlin' });
  const [nightly] = pick(objects, 'CronJob', 'shop-nightly').spec.jobTemplate.spec.template.spec.containers;
  expect(nightly.command).toEqual(['/app/bin/shop', 'eval', 'Shop.Nightly.run()']);
});

test('a variable of the environment is one of all its pods, and one of a worker is its own', () => {
  const data = finished()
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && /^shop-(?:mail-)?[0-9a-f]{10}$/.test(metadata.name ?? ''))
    .map((object) => [object.data['LOG_LEVEL'], object.data['QUEUES']]);
  expect(data).toEqual([
    ['info', undefined],
    ['info', 'mail'],
  ]);
});

test('it stands in an App of its user, beside charts of his own', () => {
  const app = Testing.app();
  const own = new Chart(app, 'own', { namespace: 'shop-live' });
  new ConfigMap(own, 'Motd', { metadata: { name: 'motd' }, data: { text: 'hello' }, immutable: true });
  const { release } = buildEnvironment(app, stack, live);
  expect(Testing.synth(own)).toHaveLength(1);
  expect(Testing.synth(Chart.of(release)).map(({ kind }: Manifest) => kind)).toContain('Deployment');
});

test('what an environment comes to is told with its defaults, and no value of a Secret', () => {
  const app = new App();
  buildEnvironment(app, stack, live);
  render(app);
  const knobs = new Map(effectiveKnobs(app));
  expect(Object.fromEntries(knobs)).toMatchObject({
    namespace: '`shop-live`',
    'shop: pods': '2',
    'shop: memory': '1Gi to 1Gi',
    'shop: time to end': '30 s',
    'shop: LOG_LEVEL': 'info',
    'shop: SECRET_KEY_BASE': 'shop/SECRET_KEY_BASE',
    'shop-nightly: schedule': '0 3 * * * Europe/Berlin',
  });
  const literal = new App();
  buildEnvironment(literal, stack, development);
  render(literal);
  expect(JSON.stringify(effectiveKnobs(literal))).not.toContain('for-development-alone-');
});

test('a worker that nothing sets apart from the web pods is told of', () => {
  const assumedOf = (workers: NamedEnvironment['workers']): readonly string[] => {
    const app = new App();
    buildEnvironment(app, stack, vary(live, { workers }));
    return render(app).assumed;
  };
  expect(assumedOf({ mail: { replicas: 1, config: { QUEUES: 'mail' } } })).toEqual([]);
  expect(assumedOf({ mail: { replicas: 1 } })).toEqual([
    expect.stringMatching(
      /^workers\.mail is taken to know its part by PHX_SERVER, which its pods have not: say in its 'config' /,
    ),
  ]);
});

describe('what the cluster must have', () => {
  const needed = (environment: NamedEnvironment) => {
    const app = new App();
    buildEnvironment(app, stack, environment);
    render(app);
    return clusterNeeds(app);
  };

  test('are Secrets with their keys, and nothing that the YAML makes', () => {
    expect(needed(live).objects).toEqual([
      { kind: 'Secret', name: 'shop', namespace: 'shop-live', keys: ['SECRET_KEY_BASE', 'RELEASE_COOKIE'] },
      { kind: 'Secret', name: 'shop-postgresql', namespace: 'shop-live', keys: ['password'], givenElsewhere: true },
    ]);
    expect(needed(development).objects).toEqual([]);
  });

  test('are Gateways with their listeners, authorities, operators and rights', () => {
    const { objects, operators, kinds } = needed(production);
    expect(objects).toContainEqual({ kind: 'Gateway', name: 'public', namespace: 'gateway', keys: ['https', 'http'] });
    expect(objects).toContainEqual({
      kind: 'ConfigMap',
      name: 'database-ca',
      namespace: 'kube-native-production',
      keys: ['ca.pem'],
    });
    expect(operators.map(({ operator }) => operator)).toEqual(['envoy-gateway', 'gateway-api']);
    expect(kinds).toContain('httproute.gateway.networking.k8s.io');
  });

  test('are what no object names: a database of a provider, roles, classes, namespaces, nodes, records', () => {
    const roleArn = 'arn:aws:iam::123456789012:role/kube-native';
    const { beside, objects } = needed(
      vary(production, {
        identity: CloudIdentity.aws({ roleArn }),
        amend: ({ release }) => {
          patch(
            release.web.deployment,
            'runs on nodes of its own',
            JsonPatch.add('/spec/template/spec/nodeSelector', { pool: 'apps' }),
          );
        },
      }),
    );
    expect(beside).toEqual([
      'the database shop at kube-native.cluster-example.eu-central-1.rds.amazonaws.com, and the role shop that owns it',
      `the role ${roleArn}, which trusts the ServiceAccounts ${['', '-worker', '-migrate'].map((part) => `kube-native-production/shop${part}`).join(', ')}`,
      'the namespace envoy-gateway-system, with the pods that are let in or reached there',
      'nodes with the label pool=apps',
      'metrics-server, for the autoscaler of shop',
      'DNS records for kube-native.example.com',
    ]);
    // The provider knows the password: one that is made up here is none.
    expect(objects).toContainEqual(expect.objectContaining({ name: 'shop-postgresql', givenElsewhere: true }));
    expect(needed(staging).objects).not.toContainEqual(expect.objectContaining({ givenElsewhere: true }));
    expect(needed(staging).beside).toContain('a default StorageClass, for the volumes of shop-postgresql');
  });

  test('are issuers and stores, but not the Secrets that come of them', () => {
    const secrets = {
      external: {
        store: { kind: 'ClusterSecretStore', name: 'vault' },
        remote: { SECRET_KEY_BASE: 'shop/base', RELEASE_COOKIE: 'shop/cookie' },
      },
    } as const;
    const names = needed(vary(staging, { secrets })).objects.map(({ kind, name }) => `${kind} ${name}`);
    expect(names).toContain('ClusterSecretStore vault');
    expect(names).not.toContain('Secret shop');
  });
});

describe('a stack', () => {
  const printed: string[] = [];
  const said: string[] = [];
  let folder: string;
  beforeEach(() => {
    printed.length = said.length = 0;
    folder = mkdtempSync(join(tmpdir(), 'stack-'));
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    jest.spyOn(console, 'error').mockImplementation((text) => void said.push(String(text)));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
    process.exitCode = undefined;
  });

  test('is written, and says in a line what its clusters must have', () => {
    expect(synthStack(stack, { outdir: folder })).toBe(true);
    expect(readdirSync(folder)).toEqual(['live']);
    expect(printed).toEqual([`wrote ${folder}/live\n`]);
    expect(said).toContain('live needs 2 Secrets in the cluster: npm run needs');
  });

  test('prints what it needs with the commands that make it, and writes nothing', () => {
    expect(synthStack(stack, { outdir: folder, print: 'needs' })).toBe(true);
    expect(printed.join('')).toContain(
      '- Secret shop-postgresql with password\n' +
        "  kubectl -n shop-live create secret generic shop-postgresql --from-literal=password='...'\n" +
        '- the database shop at db.example.com, and the role shop that owns it\n',
    );
    expect(readdirSync(folder)).toEqual([]);
    expect(said).toEqual([]);
  });

  test('prints its environments side by side, those alone that are named', () => {
    const environments = {
      ...stack.environments,
      trial: vary(live, {
        name: 'trial',
        cluster: 'trial',
        kubernetes: '1.30',
        web: { host: 'trial.example.com', poolSize: 5 },
        database: development.database,
        workers: {},
        tasks: {},
        backup: development.backup,
      }),
    };
    expect([synthStack({ ...stack, environments }, { outdir: folder, print: 'environments' }), said]).toEqual([true, []]);
    expect(printed.join('')).toMatch(/\| shop: PHX_HOST +\| shop.example.com +\| trial.example.com +\|/);
    printed.length = 0;
    synthStack({ ...stack, environments }, { outdir: folder, print: 'environments', only: 'live' });
    expect(printed.join('')).not.toContain('trial');
  });

  test('prints nothing of an environment with faults but these', () => {
    const environments = { live: { ...live, web: { ...live.web, host: 'SHOP' } } };
    expect(synthStack({ ...stack, environments }, { outdir: folder, print: 'needs' })).toBe(false);
    expect(printed).toEqual([]);
    expect(said.join('\n')).toContain("'web.host' must be");
    expect(process.exitCode).toBe(1);
  });

  test('fails when it is to print what nobody knows', () => {
    expect(synthStack(stack, { print: 'neds' })).toBe(false);
    expect(said).toEqual([
      'neds: [app] \'print\' must be something that can be printed, got "neds"; use needs, environments or plan, or leave it out to write the files\n1 fault; nothing was written',
    ]);
  });

  test('takes the image of a build, and has no preview unless it says how', () => {
    const image = `registry.example.com/shop:1.5.0@sha256:${'0c'.repeat(32)}`;
    synthStack(stack, { outdir: folder, image });
    expect(readFileSync(join(folder, 'live/30-phoenix.k8s.yaml'), 'utf8')).toContain(image);
    expect(synthStack(stack, { outdir: folder, pullRequest: '7', image })).toBe(false);
    expect(said.at(-1)).toContain("give the stack a function 'preview'");
  });
});
