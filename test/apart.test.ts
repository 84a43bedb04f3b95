import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, type App } from 'cdk8s';
import { build, environments as ours, preview, publicGateway } from './support/stack';
import { type NamedEnvironment, apartRules, Checks, OptOut, synth, type ApartRule, type Manifest } from '../lib/index';
import { production, staging } from './support/alone';
import { add } from './support/said';
import { vary } from './support/vary';

const outdir = mkdtempSync(join(tmpdir(), 'apart-'));
const printed: string[] = [];

beforeEach(() => {
  printed.length = 0;
  jest.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(...line.split('\n')));
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

afterAll(() => rmSync(outdir, { recursive: true }));

/** What is printed of environments that are synthesized together. */
function together(...environments: readonly NamedEnvironment[]): string[] {
  synth(
    outdir,
    environments.map((environment) => [environment.name, (app: App) => build(environment, app)] as const),
  );
  return printed.splice(0);
}

/** The same with what differs by itself: a name, a namespace, and a host. */
function other(environment: NamedEnvironment, name = 'other'): NamedEnvironment {
  return vary(environment, { name, namespace: `kube-native-${name}`, web: { host: `${name}.example.com` } });
}

const withObjects = (environment: NamedEnvironment, ...objects: Manifest[]): NamedEnvironment => {
  return vary(environment, { amend: (charts) => add(charts, ...objects) });
};

test('the environments of the stack are apart, and so are two previews', () => {
  const image = 'registry.example.com/kube-native:pr';
  expect(
    together(...ours, preview(7, image), preview('feature/seven', image)).filter((line) => !line.includes(' left out ')),
  ).toEqual([]);
});

test('each rule has a name of its own, by which it is left out', () => {
  const names = apartRules.map(({ name }: ApartRule) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe('objects-apart', () => {
  test('fails when two environments of one cluster have one namespace, and writes neither', () => {
    const twin = vary(other(staging), { namespace: staging.namespace });
    expect(together(staging, twin)).toEqual([
      "other: [00-namespace/Namespace] 'metadata.name' must not be that of staging [00-namespace/Namespace], in the same cluster, got \"kube-native-staging\"; give it a name of its own; if they are in two clusters, name both: 'cluster' of the environment, or Checks.of(app).cluster (objects-apart)",
      expect.stringMatching(/^1 fault; nothing was written/),
    ]);
    expect(readdirSync(outdir)).toEqual([]);
  });

  test('takes one namespace in two clusters', () => {
    const eu = vary(staging, { cluster: 'eu' });
    const us = vary(other(staging, 'us'), { namespace: staging.namespace, cluster: 'us' });
    expect(together(eu, us)).toEqual([]);
    expect(together(eu, vary(us, { cluster: 'eu' }))).toHaveLength(2);
  });

  test('fails when two branches have one slug', () => {
    const image = 'registry.example.com/kube-native:pr';
    const one = preview('fix/login', image);
    const two = vary(preview('fix-login', image), { name: 'second', namespace: one.namespace });
    expect(together(one, two).join('\n')).toMatch(
      /second: .* got "kube-native-preview-fix-login-[0-9a-f]{6}, the preview of fix-login"/,
    );
  });

  test('fails when they differ about an object of the whole cluster, and takes one that is the same', () => {
    const ranked = (environment: NamedEnvironment, value: number): NamedEnvironment => {
      const rank = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'shop' }, value };
      return vary(environment, { amend: ({ namespace }) => new ApiObject(namespace, 'Rank', rank) });
    };
    expect(together(ranked(staging, 10), ranked(other(staging), 20))[0]).toMatch(/^other: \[.*Rank\] .*\(objects-apart\)$/);
    expect(together(ranked(staging, 10), ranked(other(staging), 10))).toEqual([]);
  });
});

describe('production-apart', () => {
  const MUST = "'cluster' must not be that of staging [00-namespace/Namespace], got";

  test.each(['production', 'production-eu', 'prod', 'live'])(
    'fails where %s is beside another environment in one cluster',
    (name) => {
      const live = vary(other(staging, name), { cluster: 'eu' });
      expect(together(vary(staging, { cluster: 'eu' }), live)).toEqual([
        `${name}: [00-namespace/Namespace] ${MUST} "eu"; name the cluster of production, as in cluster: 'production-eu' or Checks.of(app).cluster, or leave the rule out with the reason why they share it (production-apart)`,
        expect.stringMatching(/^1 fault; nothing was written/),
      ]);
      expect(together(live, vary(staging, { cluster: 'eu' }))).toHaveLength(2);
    },
  );

  test('takes it in a cluster of its own, beside another production, and with the reason on either side', () => {
    const live = other(staging, 'production');
    expect(together(staging, vary(live, { cluster: 'eu' }))).toEqual([]);
    expect(together(live, other(staging, 'production-us'))).toEqual([]);
    const optOuts = { 'production-apart': OptOut.because('one cluster is all that we pay for') };
    const left = [expect.stringMatching(/production-apart left out for .*: one cluster is all that we pay for$/)];
    expect(together(staging, vary(live, { optOuts }))).toEqual(left);
    expect(together(vary(staging, { optOuts }), live)).toEqual(left);
  });

  test('speaks of production alone', () => {
    expect(together(staging, other(staging, 'reproduction'), other(staging, 'delivery'))).toEqual([]);
  });
});

describe('hosts-apart', () => {
  const routed = (environment: NamedEnvironment, host: string): NamedEnvironment =>
    vary(environment, { web: { host, clients: [{ namespace: 'envoy-gateway-system' }] }, route: publicGateway });

  test('fails when a copied literal keeps the host, once for each', () => {
    const said = together(routed(staging, 'shop.example.com'), routed(other(staging), 'shop.example.com'));
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(
      /^other: \[40-routes.*'spec.hostnames\[0\]' must not be claimed by staging .* got "shop.example.com\/"; .*\(hosts-apart\)$/,
    );
  });

  test('takes another host, and another cluster', () => {
    expect(together(routed(staging, 'shop.example.com'), routed(other(staging), 'test.example.com'))).toEqual([]);
    const far = vary(routed(other(staging), 'shop.example.com'), { cluster: 'far' });
    expect(together(routed(staging, 'shop.example.com'), far)).toEqual([]);
  });
});

describe('node-ports-apart', () => {
  test('fails when two environments of one cluster open one port', () => {
    const open = (environment: NamedEnvironment): NamedEnvironment =>
      vary(environment, { web: { exposure: { nodePort: 30410 }, clients: 'everyone' } });
    const [fault] = together(open(staging), open(other(staging)));
    expect(fault).toContain('must not be a port of staging [30-phoenix/Release/Web/Service/Default] too, got 30410');
    expect(together(open(staging), vary(open(other(staging)), { cluster: 'laptop' }))).toEqual([]);
  });
});

describe('databases-apart', () => {
  const copy = vary(other(production, 'rehearsal'), { cluster: 'rehearsal' });

  test('fails when two environments use one database of a provider, whatever their clusters', () => {
    const [fault, ...rest] = together(production, vary(copy, { cluster: 'far' }));
    expect(rest).toEqual([expect.stringMatching(/^1 fault; nothing was written/)]);
    expect(fault).toMatch(
      /^rehearsal: .*DATABASE_URL' must not be the database of production \[.*\], got "kube-native\.cluster-example\.eu-central-1\.rds\.amazonaws\.com\/kube_native"; .*\(databases-apart\)$/,
    );
  });

  test('takes it with the reason', () => {
    const optOuts = { 'databases-apart': OptOut.because('both halves of a move between clusters') };
    expect(together(production, vary(copy, { optOuts }))).toEqual([
      expect.stringMatching(/^rehearsal: databases-apart left out for .*: both halves/),
    ]);
  });

  test('takes servers of one name in two namespaces', () => {
    expect(together(staging, other(staging))).toEqual([]);
  });
});

describe('sealed-apart', () => {
  const value = Buffer.alloc(600, 7).toString('base64');
  const sealed = (name: string, annotations: Manifest = {}): Manifest => ({
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name, annotations },
    spec: { encryptedData: { token: value } },
  });

  test('fails when a sealed value is copied to another namespace, and does not show it', () => {
    const said = together(withObjects(staging, sealed('mail')), withObjects(other(staging), sealed('mail')));
    expect(said[0]).toMatch(
      /^other: .*must be sealed for this environment, not for staging .* got "the value of mail"; .*\(sealed-apart\)$/,
    );
    expect(said.join('\n')).not.toContain(value.slice(0, 40));
  });

  test('takes one that was sealed for the whole cluster', () => {
    const wide = sealed('mail', { 'sealedsecrets.bitnami.com/cluster-wide': 'true' });
    expect(together(withObjects(staging, wide), withObjects(other(staging), wide)).join('\n')).not.toContain('(sealed-apart)');
  });
});

test('a program of its own says which cluster an App is for', () => {
  const app = (cluster?: string) => (one: App) => {
    build(vary(staging), one);
    Checks.of(one).cluster = cluster;
  };
  expect(synth(outdir, { eu: app('eu'), us: app('us') })).toBe(true);
  expect(synth(outdir, { eu: app(), us: app() })).toBe(false);
});
