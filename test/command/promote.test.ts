import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promote, PROMOTE_DEFAULTS, type PromoteOptions } from '../../lib/command/promote';

let images: string;
beforeEach(() => {
  images = mkdtempSync(join(tmpdir(), 'promote-'));
  write('staging', `image: ${shop('b')}\n`);
  write('production', `# What customers run.\nimage: ${shop('a')} # {"$imagepolicy": "flux-system:shop"}\n`);
});
afterEach(() => rmSync(images, { recursive: true }));

const shop = (digit: string, tag = '1.4.2', name = 'shop'): string =>
  `registry.example.com/${name}:${tag}@sha256:${digit.repeat(64)}`;
const write = (name: string, text: string): void => writeFileSync(join(images, `${name}.yaml`), text);
const text = (name: string): string => readFileSync(join(images, `${name}.yaml`), 'utf8');
const run = (from: string, to: string, more: Partial<PromoteOptions> = {}): ReturnType<typeof promote> =>
  promote(from, to, { ...PROMOTE_DEFAULTS, images, ...more });

test('production gets what staging runs: one line changes, and remarks stay', () => {
  const { faults, changed, text: said } = run('staging', 'production');
  expect([faults, changed]).toEqual([[], true]);
  expect(text('production')).toBe(`# What customers run.\nimage: ${shop('b')} # {"$imagepolicy": "flux-system:shop"}\n`);
  expect(text('staging')).toBe(`image: ${shop('b')}\n`);
  expect(said).toContain(`production.yaml: ${shop('a')}\n  -> ${shop('b')}\n`);
  expect(said).toContain(`npx cdk8s-phoenix promote ${shop('a')} production\n  Migrations that have run stay`);
});

test('what runs there already changes nothing, however it is told', () => {
  run('staging', 'production');
  const before = text('production');
  for (const [from, more] of [
    ['staging', {}],
    [shop('b'), {}],
    [shop('b'), { build: '1' }],
  ] as const)
    expect(run(from, 'production', more)).toMatchObject({ faults: [], changed: false, text: expect.stringContaining('already') });
  expect(text('production')).toBe(before);
});

test('the former image comes back by its name', () => {
  run('staging', 'production');
  expect(run(shop('a'), 'production').faults).toEqual([]);
  expect(text('production')).toContain(`image: ${shop('a')} #`);
});

test('builds that are counted come in their order: one that was handed over, or an older one, changes nothing', () => {
  expect(run(shop('c'), 'staging', { build: '12' }).faults).toEqual([]);
  expect(text('staging')).toBe(`image: ${shop('c')}\nbuild: 12\n`);
  expect(run(shop('d'), 'staging', { build: '13' }).faults).toEqual([]);
  expect(text('staging')).toBe(`image: ${shop('d')}\nbuild: 13\n`);
  for (const build of ['12', '13', '9'])
    expect(run(shop('c'), 'staging', { build }).faults).toEqual([
      `[promote] '--build' must be above 13, the last build that was handed to staging, got ${build}; to go back, name the image without --build`,
    ]);
  // Whoever goes back by hand does not open the way for what was before.
  expect(run(shop('c'), 'staging').faults).toEqual([]);
  expect(run(shop('d'), 'staging', { build: '13' }).faults).toHaveLength(1);
  expect(text('staging')).toBe(`image: ${shop('c')}\nbuild: 13\n`);
});

const registry = "[promote] 'from' must";
test.each([
  ['stagin', 'production', /'from' must be an environment with a file in .*, got "stagin"; did you mean 'staging'\?$/],
  [
    'staging',
    'preview',
    /'to' must be an environment .*, got "preview"; write .*preview\.yaml first, with one line: image: <image>$/,
  ],
  ['staging', '../staging', /'to' must be an environment/],
  ['staging', 'staging', /'to' must be another one than 'from', got "staging"/],
  [shop('b').split('@')[0] ?? '', 'production', `${registry} name a digest, got "registry.example.com/shop:1.4.2"`],
  ['registry.example.com/shop', 'production', `${registry} name one version`],
  [
    `${shop('b')}0`,
    'production',
    `${registry} be an image reference whose digest is sha256: and 64 hex digits in lower case, not 65`,
  ],
  [`${shop('b')}\nbuild: 99`, 'production', `${registry} be an image reference`],
  [`$(id):${shop('b')}`, 'production', `${registry} be an image reference`],
  [
    shop('b', '1', 'other'),
    'production',
    `${registry} be an image of registry.example.com/shop, got "registry.example.com/other:1@`,
  ],
  [shop('b', '1', 'shop/evil'), 'production', `${registry} be an image of registry.example.com/shop`],
])('fails with %j for %s', (from, to, said) => {
  const before = [text('staging'), text('production')];
  const { faults, changed } = run(from, to);
  expect([faults.length, changed]).toEqual([1, false]);
  expect(faults[0]).toMatch(said);
  expect([text('staging'), text('production')]).toEqual(before);
});

test.each(['0', '-1', '1.5', '1e3', 'x', ''])('fails with the build %j', (build) => {
  expect(run(shop('b'), 'production', { build }).faults[0]).toContain("'--build' must be the number of a build");
});

test('fails where a file is none, or names no digest that others could get, and says no value that it may not know', () => {
  write('staging', 'image: registry.example.com/shop:1.4.2\n');
  expect(run('staging', 'production').faults[0]).toMatch(/^\[.*staging\.yaml\] 'image' must name a digest/);
  write('production', 'password: canary-5f1e\nimage: >-\n  canary-77aa\n');
  const { faults } = run(shop('b'), 'production');
  expect(faults.join('\n')).toContain("'password' must be 'image' or 'build'");
  expect(faults.join('\n')).not.toContain('canary');
});

test('the command changes the file, and ends with 1 where it did not', () => {
  const bundle = join(images, 'main.js');
  const build = ['lib/command/main.ts', '--bundle', '--platform=node', '--packages=external', '--loader:.json=copy'];
  spawnSync('node_modules/.bin/esbuild', [...build, '--log-level=warning', `--outfile=${bundle}`]);
  const command = (...words: string[]): readonly [number | null, string] => {
    const env = { ...process.env, NODE_PATH: join(process.cwd(), 'node_modules') };
    const { status, stdout, stderr } = spawnSync('node', [bundle, 'promote', ...words, '--images', images], {
      env,
      encoding: 'utf8',
    });
    return [status, `${stdout}${stderr}`];
  };
  expect(command('staging', 'production')).toEqual([0, expect.stringContaining('to go back')]);
  expect(text('production')).toContain(shop('b'));
  expect(command('staging', 'prod')).toEqual([1, expect.stringContaining('1 fault; nothing was written')]);
});
