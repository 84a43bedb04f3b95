import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { plan } from '../../lib/command/plan';
import { rangeOf } from '../../lib/command/revision';
import { ClusterGuard, synth } from '../../lib/index';
import { objects } from '../support/chart';
import { build, staging } from '../support/stack';
import { imageAlone } from '../cluster/rights';
import { vary, type Variation } from '../support/vary';

const root = mkdtempSync(join(tmpdir(), 'plan-'));
const home = process.cwd();
const options = { format: 'text', dist: 'dist' };
const larger = vary(staging, { web: { poolSize: 10 } });

function git(...words: readonly string[]): void {
  const who = ['-c', 'user.name=Reviewer', '-c', 'user.email=reviewer@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...who, ...words], { cwd: root, stdio: 'ignore' });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A checkout whose main has staging, and whose branch has a larger pool. */
beforeAll(() => {
  synth(join(root, 'dist'), { staging: (app) => build(staging, app) });
  git('init', '--initial-branch=main');
  git('add', '.');
  git('commit', '-m', 'Deploy');
  git('checkout', '-b', 'pool');
  synth(join(root, 'dist'), { staging: (app) => build(larger, app) });
  git('commit', '-am', 'Open more connections');
  git('checkout', '-b', 'foreign', 'main');
  const configMap = (data: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\ndata:\n${data}\n`;
  const deploy = (text: string, branch = ''): void => {
    if (branch !== '') git('checkout', '-b', branch, 'main');
    write('deploy/production/all.yaml', text);
    write('deploy/production/values.yaml', 'replicas: 2\n');
    write(
      'deploy/kustomization.yaml',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [production]\n',
    );
    git('add', '.');
    git('commit', '-m', 'Render');
  };
  deploy(configMap('  a: old'));
  deploy('apiVersion: v1\nkind: ConfigMap\n', 'broken');
  deploy(configMap('  a: &a\n    b: *a'), 'cyclic');
  git('checkout', 'main');
  deploy(configMap('  a: new'));
  git('checkout', 'pool');
  write('docs/values.yaml', 'replicas: 2\n');
  write('rendered/all.yml', configMap('  a: old'));
  write('anew/all.yaml', configMap('  a: new'));
  synth(join(root, 'old'), { staging: (app) => build(staging, app) });
  process.chdir(root);
});

afterAll(() => {
  process.chdir(home);
  rmSync(root, { recursive: true });
});

const change = plan.bind(undefined, 'old');

describe('cdk8s-phoenix plan', () => {
  test('tells of the rights that are written beside environments, and compares them with no environment', () => {
    const deployers = (group: string) => (app: App) => {
      const cluster = { name: 'production', cluster: 'eu', namespace: 'kube-native-production' };
      build(vary(staging, cluster, { deployers: [{ group }] }), app);
    };
    synth(join(root, 'rights/before'), { production: deployers('deployers') });
    synth(join(root, 'rights/now'), { production: deployers('everyone') });
    const { text } = plan('rights/before', 'rights/now', options);
    expect(text).toContain('cluster/eu\n');
    expect(text).toContain('allows: Group everyone has the Role kube-native-deployer');
    expect(text).toContain('no longer allows: Group deployers has the Role kube-native-deployer');
    expect(text).toContain('nothing changes in production');
    rmSync(join(root, 'rights/before/cluster'), { recursive: true });
    const fresh = plan('rights/before', 'rights/now', options).text;
    expect(fresh).toContain('all of it is new: 4 objects\n');
    expect(fresh).not.toContain('Refused');
  });

  test('says how rights go that nobody should have any more', () => {
    const rights = (change: Variation) => (app: App) => {
      const cluster = { name: 'production', cluster: 'eu', namespace: 'kube-native-production' };
      build(vary(staging, cluster, imageAlone, change), app);
    };
    const both = { deployers: [{ group: 'deployers' }], imageDeployers: [{ group: 'images' }] };
    synth(join(root, 'withdrawn/before'), { production: rights(both) });
    synth(join(root, 'withdrawn/now'), { production: rights({ deployers: both.deployers }) });
    synth(join(root, 'withdrawn/none'), { production: rights({}) });
    const said = (before: string, now: string): string => plan(`withdrawn/${before}`, `withdrawn/${now}`, options).text;
    // The right goes before the policy that holds it.
    const [role, wide] = ['kube-native-image-deployer', 'kube-native-production.kube-native-image-deployer'];
    const some = said('before', 'now');
    expect(some).toContain(`cluster/eu
  Refused or dangerous
    4 objects that are gone from the output stay in force, and whoever has rights by them keeps these
      who administers the cluster deletes them:
      kubectl --context eu -n kube-native-production delete rolebinding.rbac.authorization.k8s.io/${role} role.rbac.authorization.k8s.io/${role}
      kubectl --context eu delete validatingadmissionpolicybinding.admissionregistration.k8s.io/${wide} validatingadmissionpolicy.admissionregistration.k8s.io/${wide}
  Needed first`);
    expect(some).not.toContain('kubectl apply leaves');
    // With the last of them the folder is gone.
    const all = said('before', 'none');
    expect(all).toContain('8 objects that are gone from the output stay in force');
    expect(all).toContain(
      'delete clusterrolebinding.rbac.authorization.k8s.io/kube-native-production.kube-native-deployer clusterrole.rbac',
    );
    expect(said('none', 'before')).not.toContain('in force');
  });

  test('leaves the guard of a cluster there, which other stacks have, too', () => {
    const chart = new Chart(new App(), 'guard');
    new ClusterGuard(chart, 'Guard', { cluster: 'eu' });
    const guard = objects(chart).map((one) => JSON.stringify(one));
    for (const side of ['before', 'now']) synth(join(root, 'guarded', side), { staging: (app) => build(staging, app) });
    write('guarded/before/cluster/eu/guard.yaml', guard.join('\n---\n'));
    const { text } = plan('guarded/before', 'guarded/now', options);
    expect(text).toContain(`the guard of this cluster is gone from the output, and stays in force
      it is that of all stacks in it: leave it there, unless this was the last one`);
    expect(text).not.toContain('kubectl');
  });

  test('says what the change from one folder to another does', () => {
    const { faults, text } = change('dist', options);
    expect(faults).toEqual([]);
    expect(text).toBe(`staging
  What happens, in order
    Job kube-native-migrate runs once more, as it is
      it was deleted 60 s after its end, and whatever applies makes it anew
    Deployment kube-native rolls: 2 pods, 1 more at a time and never fewer
      POOL_SIZE 8 -> 10
      at least 30 s, and the boots: 2 steps of 10 s, then 10 s until the last old pod goes
    Deployment kube-native-worker rolls: 1 pod, 1 more at a time and never fewer
      POOL_SIZE 8 -> 10
      at least 10 s, and the boots: 1 step of 10 s
  What it costs: connections to kube-native-postgresql-rw: 66 -> 82 at the peak of a roll-out (limit 99)
`);
  });

  const ways: readonly (readonly [before: string, after: string | undefined])[] = [
    ['main..', undefined],
    ['main..pool', undefined],
    ['main...pool', undefined],
    ['main', 'pool'],
    ['main', 'dist'],
    ['main', undefined],
    ['old', undefined],
  ];
  test.each(ways)('takes revisions of git, ranges of them, and folders: %s %s', (before, after) => {
    expect(plan(before, after, options)).toEqual(change('dist', options));
  });

  test('takes a folder of another name from revisions', () => {
    expect(plan('main..', undefined, { ...options, dist: './dist/' })).toEqual(change('dist', options));
  });

  test('finds the folder of revisions from any other one', () => {
    mkdirSync('lib', { recursive: true });
    process.chdir('lib');
    expect(plan('main', 'pool', { ...options, dist: '../dist' })).toEqual(plan('../old', '../dist', options));
    expect(plan('main', 'pool', { ...options, dist: join(root, 'dist') }).faults).toEqual([]);
    process.chdir('..');
  });

  const said = (name: string): string => `${name}
  What it costs: as before
  The rest
    ConfigMap shop: data.a old -> new
`;
  test.each([
    ['in folders of environments', 'foreign..main', undefined, 'deploy', 'production'],
    ['in one folder', 'rendered', 'anew', 'dist', 'anew'],
    ['in one folder of a revision', 'foreign', 'anew', 'deploy/production', 'anew'],
    ['in one folder of two revisions', 'foreign', 'main', 'deploy/production', 'production'],
  ])('reads the YAML of others %s', (_, before, after, dist, name) => {
    expect(plan(before, after, { ...options, dist })).toEqual({ faults: [], text: said(name) });
  });

  test('leaves nothing behind of what it read from git', () => {
    const before = execFileSync('ls', [tmpdir()])
      .toString()
      .split('\n')
      .filter((name) => name.startsWith('cdk8s-phoenix-'));
    plan('main..', undefined, options);
    const now = execFileSync('ls', [tmpdir()])
      .toString()
      .split('\n')
      .filter((name) => name.startsWith('cdk8s-phoenix-'));
    expect(now).toEqual(before);
  });

  test.each([
    [
      'nowhere',
      'dist',
      options,
      `[plan] 'before' must be what was synthesized, got "nowhere"; name a folder with one folder for each environment, or a revision whose dist is committed (--dist names another folder)`,
    ],
    [
      'main',
      'dist',
      { ...options, format: 'yaml' },
      `[plan] '--format' must be a form that is known, got "yaml"; write one of text, markdown, json`,
    ],
    [
      'main',
      undefined,
      { ...options, dist: 'build' },
      `[plan] 'after' must be what was synthesized, got "build"; name a folder with one folder for each environment, or a revision whose build is committed (--dist names another folder)`,
    ],
    [
      'dist/staging',
      'dist',
      options,
      `[plan] 'before' must hold as many levels of folders as 'after', got "dist/staging with one environment and dist with staging"; name the folder of one environment on both sides, or the folder above it on both`,
    ],
    [
      'docs',
      'dist',
      options,
      `[plan] 'before' must hold Kubernetes objects, got "docs, which holds none"; name a folder with YAML files, or with a folder of them for each environment`,
    ],
    [
      'broken..main',
      undefined,
      { ...options, dist: 'deploy' },
      `[plan] 'before broken:deploy/production/all.yaml' must hold Kubernetes objects as YAML, got "something that is no object with a name"; render it first, or remove it`,
    ],
    [
      'main..cyclic',
      undefined,
      { ...options, dist: 'deploy' },
      `[plan] 'after cyclic:deploy/production/all.yaml' must hold Kubernetes objects as YAML, got "an alias of a value that it stands in itself (6:8)"; render it first, or remove it`,
    ],
  ])('fails when it is given %s and %s', (before, after, given, fault) => {
    expect(plan(before, after, given).faults).toContain(fault);
  });

  test('fails when a file is no YAML', () => {
    mkdirSync('broken/staging', { recursive: true });
    writeFileSync('broken/staging/10-app.k8s.yaml', 'kind: [');
    const { faults, text } = plan('main', 'broken', options);
    expect(faults.join('\n')).toContain('broken/staging/10-app.k8s.yaml');
    expect(text).toBe('');
  });
});

test('a range is one of git, and a path is none', () => {
  expect(rangeOf('main..')).toEqual(['main', 'HEAD']);
  expect(rangeOf('v1..v2')).toEqual(['v1', 'v2']);
  expect(rangeOf('../main/dist')).toBeUndefined();
  expect(rangeOf('dist')).toBeUndefined();
});
