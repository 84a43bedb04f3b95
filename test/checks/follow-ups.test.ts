import { vary } from '../support/vary';
import { ApiObject, App, JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { build } from '../support/stack';
import type { NamedEnvironment } from '../../lib/index';
import {
  BeamCluster,
  Checks,
  EnvironmentChart,
  KeyedSecret,
  MigrationJob,
  mixRelease,
  NetworkFence,
  OptOut,
  patch,
  PhoenixRelease,
  render,
  Worker,
  type PhoenixReleaseProps,
  type Rule,
} from '../../lib/index';
import { staging } from '../support/stack';

interface Shop extends Partial<PhoenixReleaseProps> {
  readonly name?: string;
  readonly keys?: readonly string[];
  readonly nodePort?: number;
  readonly worker?: Readonly<Record<string, string>>;
}

const {
  image,
  web: { resources },
} = staging;

/** A cluster of pods with a job and a fence, so that one bad value shows in many objects. */
function shop(app: App, { name = 'shop', keys = ['SECRET_KEY_BASE', 'RELEASE_COOKIE'], nodePort, worker, ...props }: Shop) {
  const chart = new EnvironmentChart(app, '30-shop', { namespace: 'shop', partOf: 'shop' });
  const secret = new KeyedSecret(chart, 'Secret', { name: 'shop', keys, source: { existing: true } });
  const cluster = new BeamCluster(chart, 'Cluster', { name, cookie: secret.key('RELEASE_COOKIE'), port: nodePort });
  const release = new PhoenixRelease(chart, 'Release', {
    application: {
      ...{ name, port: 4000, health: { ready: '/ready', live: '/live' }, sockets: 1 },
      release: mixRelease({ release: 'shop', module: 'Shop.Release' }),
    },
    ...{ image, resources, host: 'shop.example.com', replicas: 2, secret, cluster, ...props },
  });
  new MigrationJob(chart, 'Migration', { release });
  if (worker) new Worker(chart, 'Worker', { release, replicas: 2, config: worker });
  new NetworkFence(chart, 'Fence', { clients: [{ namespace: 'gateway' }] });
  return release;
}

function faultsOf(props: Shop, change: (release: PhoenixRelease) => void = () => undefined): readonly string[] {
  const app = new App();
  change(shop(app, props));
  const { faults, files } = render(app);
  expect(files.size === 0).toBe(faults.length > 0);
  return faults;
}

test('the shop of these tests is right', () => {
  expect(faultsOf({ worker: { QUEUES: '10' } })).toEqual([]);
});

describe('one cause is one sentence', () => {
  test('a key that the Secret does not have, whichever pods read it', () => {
    expect(faultsOf({ keys: ['SECRET_KEY_BASE', 'RELEASE_COOKY'], worker: {} })).toEqual([
      "[30-shop/Secret] 'keys' must have each key that is asked for, got \"RELEASE_COOKIE\"; did you mean 'RELEASE_COOKY'?",
    ]);
  });

  test('a secret among the variables, which is in a ConfigMap, a job and a name: it names the prop', () => {
    const [fault, ...more] = faultsOf({ config: { MAIL_PASSWORD: 'correct-horse-battery' } });
    expect(fault).toMatch(/^\[30-shop\/Release\] 'config\.MAIL_PASSWORD' must not show the secret .*\(secret-in-plain-text\)$/);
    expect(fault).not.toContain('horse');
    expect(more).toEqual([]);
    const dollar = faultsOf({ config: { MAIL_PASSWORD: 'correct$(horse)battery' } });
    expect(dollar.filter((one) => one.includes('secret'))).toHaveLength(1);
    expect(faultsOf({ worker: { MAIL_PASSWORD: 'correct-horse-battery' } })).toEqual([
      expect.stringContaining("[30-shop/Worker] 'config.MAIL_PASSWORD' must not show"),
    ]);
  });

  test('a name, and the names that are made from it', () => {
    expect(faultsOf({ name: 'Book_Store', worker: {} })).toEqual([
      expect.stringMatching(
        /^\[30-shop\/Cluster, .*\] 'application' and 'name' must be lower-case .* at most 47 characters, got "Book_Store"; .*"book-store"$/,
      ),
    ]);
  });

  test('a name that leaves no room for those of tasks and workers', () => {
    const long = `${'book-'.repeat(11)}store`;
    expect(faultsOf({ name: long, worker: {} })).toEqual([
      expect.stringMatching(
        /^\[30-shop\/Cluster, .*\] '(?:application' and ')?name' must be .* at most 47 characters, got "book-book-/,
      ),
    ]);
    // Nothing is too long for the Deployment here, and the job's name is.
    expect(faultsOf({ name: long.slice(0, 52), cluster: undefined }).join('\n')).toMatch(/at most (?:47|63) characters/);
  });

  test('a port of epmd that the fence does not open', () => {
    expect(faultsOf({ config: { ERL_EPMD_PORT: '14369' } })).toEqual([
      expect.stringContaining(
        '[30-shop/Release] \'config.ERL_EPMD_PORT\' must be left to the cluster, which opens 4369, got "14369"',
      ),
    ]);
    expect(faultsOf({ worker: { ERL_EPMD_PORT: '14369' } })).toEqual([
      expect.stringContaining("[30-shop/Worker] 'config.ERL_EPMD_PORT'"),
    ]);
  });

  test('ports of nodes that meet that of the application', () => {
    expect(faultsOf({ nodePort: 3999 })).toEqual([
      "[30-shop/Release] 'cluster.port' must leave 4000 to the port 'http' of the application, got \"3999, 4000, 4001\"; omit it to use 4370: nodes take it and the two after it",
    ]);
    expect(faultsOf({ nodePort: 4001 })).toEqual([]);
  });

  test('a release of Kubernetes that is none', () => {
    const app = new App();
    build(vary(staging, { kubernetes: '1.40' as NamedEnvironment['kubernetes'] }), app);
    expect(render(app).faults).toEqual([
      expect.stringMatching(
        /\] 'kubernetes' must be a minor release of Kubernetes from 1\.27 to 1\.\d\d, got "1\.40"; write '1\.\d\d'$/,
      ),
    ]);
  });

  test('a value without its text in a literal Secret, whoever reads the key', () => {
    const app = new App();
    const chart = new EnvironmentChart(app, '30-shop', { namespace: 'shop', partOf: 'shop' });
    const literal = { A_TOKEN: 'x' } as unknown as Record<'A_TOKEN' | 'B_TOKEN', string>;
    const secret = new KeyedSecret(chart, 'Secret', { name: 'shop', keys: ['A_TOKEN', 'B_TOKEN'], source: { literal } });
    const env = [{ name: 'B', valueFrom: { secretKeyRef: { name: secret.secretName, key: 'B_TOKEN' } } }];
    for (const id of ['One', 'Two'])
      new k8s.KubePod(chart, id, { metadata: { name: id.toLowerCase() }, spec: { containers: [{ name: 'x', env }] } });
    expect(render(app).faults.filter((fault) => fault.includes('B_TOKEN'))).toEqual([
      expect.stringContaining("[30-shop/Secret] 'source.literal.B_TOKEN' must have a text"),
    ]);
  });
});

describe('a fault that is its own cause', () => {
  test('is told beside another one, of other objects and of the same construct', () => {
    const faults = faultsOf({ image: 'Registry/Book:1.0', config: { MAIL_PASSWORD: 'correct-horse-battery' } }, ({ web }) => {
      patch(web.deployment, 'tried here', JsonPatch.replace('/spec/template/spec/enableServiceLinks', true));
    });
    expect(faults).toEqual([
      expect.stringContaining("'image' must be an image reference"),
      expect.stringContaining("'spec.template.spec.enableServiceLinks' must be false"),
      expect.stringContaining("'config.MAIL_PASSWORD' must not show"),
    ]);
  });

  test('is told where its value only resembles a refused one', () => {
    const faults = faultsOf({ config: { ERL_EPMD_PORT: '14369' } }, ({ web }) => {
      patch(web.deployment, 'tried here', JsonPatch.replace('/spec/template/spec/serviceAccountName', 'shop-143690'));
    });
    expect(faults.some((fault) => fault.includes('"shop-143690"'))).toBe(true);
  });

  test('is told where the construct that refuses is another one, and the word a common one', () => {
    const faults = faultsOf({ exposure: 'shop' as 'ClusterIP' }, ({ node }) => {
      const metadata = { name: 'other' };
      new ApiObject(node.scope as EnvironmentChart, 'Other', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        ...{ spec: { selector: { app: 'shop' } } },
      });
    });
    expect(faults.some((fault) => fault.startsWith('[30-shop/Other]'))).toBe(true);
  });

  test('comes back when the other one is gone, and nothing is written until then', () => {
    const config = { MAIL_PASSWORD: 'correct-horse-battery' };
    expect(faultsOf({ config, name: 'Book_Store' }).length).toBeGreaterThan(1);
    expect(faultsOf({ config })).toHaveLength(1);
  });
});

describe('rules about one object', () => {
  const first: Rule = {
    ...{ name: 'first', sentence: 'First.', why: 'It is first here.', source: 'https://example.com' },
    *find({ objects: [object] }) {
      if (object) yield { object, field: 'spec.count', must: 'be a number', got: 'x', fix: 'write a number' };
    },
  };
  const second: Rule = {
    ...first,
    name: 'second',
    *find({ objects: [object] }) {
      if (!object) return;
      const rest = { object, must: 'be even', got: 'x', fix: 'write 2' };
      yield { ...rest, field: 'spec.count' };
      yield { ...rest, field: 'spec.count.of' };
      yield { ...rest, field: 'spec.counter' };
    },
  };
  const told = (...added: Rule[]): string[] => {
    const app = new App();
    const chart = new EnvironmentChart(app, 'x', { namespace: 'shop', partOf: 'shop' });
    new ApiObject(chart, 'X', { apiVersion: 'example.com/v1', kind: 'X', metadata: { name: 'x' } });
    Checks.of(app).add(...added);
    return render(app).faults.map((fault) => /'([\w.]+)' .*\((first|second)\)$/.exec(fault)?.slice(1).join(' ') ?? fault);
  };

  test('are silent about a field that a rule says cannot be read, and about no other', () => {
    expect(told({ ...first, shape: true }, second)).toEqual(['spec.count first', 'spec.counter second']);
    expect(told(first, second)).toHaveLength(4);
  });

  test('are silent where the rule that they follow has spoken', () => {
    expect(told(first, { ...second, follows: ['first'] })).toEqual(['spec.count first']);
    expect(told({ ...second, follows: ['first'] })).toHaveLength(3);
  });

  test('speak where the one that they follow is left out', () => {
    const app = new App();
    const chart = new EnvironmentChart(app, 'x', { namespace: 'shop', partOf: 'shop' });
    new ApiObject(chart, 'X', { apiVersion: 'example.com/v1', kind: 'X', metadata: { name: 'x' } });
    const checks = Checks.of(app).add(first, { ...second, follows: ['first'] });
    checks.leaveOut('first', OptOut.because('what follows it is looked at'));
    expect(render(app).faults).toHaveLength(3);
  });
});
