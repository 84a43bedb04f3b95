import { imageFiles, type ImageSource, type PhoenixApplication } from '../../lib/index';
import { everything, fileOf, plain, shop, umbrella } from './built';

/** What is refused, without the path. */
function faultsOf(source: object, application: object = shop): readonly string[] {
  const { files, faults } = imageFiles({ ...application, source } as PhoenixApplication);
  expect(files.size).toBe(faults.length > 0 ? 0 : 2);
  return faults.map((fault) => fault.replace(/^\[app\] /, ''));
}

const hex = 'sha256:' + '0123456789abcdef'.repeat(4);

test('an application without a source has no files', () => {
  expect(imageFiles(shop)).toEqual({ files: new Map(), faults: [], assumed: [] });
});

test('an image whose bases have digests takes nothing for granted', () => {
  expect(imageFiles({ ...shop, source: everything() }).assumed).toEqual([]);
});

test('says which base may change, and how to find out what it is', () => {
  const source: ImageSource = { ...plain, assets: { node: '20.19.5' }, bases: { builder: { digest: hex } } };
  expect(imageFiles({ ...shop, source }).assumed).toEqual([
    expect.stringMatching(
      /^built from docker\.io\/library\/node:20\.19\.5-slim and docker\.io\/library\/debian:trixie-20260803-slim as .* node\.digest and runner\.digest$/,
    ),
  ]);
});

describe('fails when', () => {
  test.each<[string, object, string]>([
    [
      'a version is not whole',
      { elixir: '1.17' },
      '\'application.source.elixir\' must be a whole version, of three numbers, got "1.17"',
    ],
    [
      'OTP is a number of a line',
      { otp: '26' },
      '\'application.source.otp\' must be a whole version, of two numbers or more, got "26"',
    ],
    [
      'Debian has no day',
      { debian: 'bookworm-slim' },
      "'application.source.debian' must be a release of Debian with the day of its image",
    ],
    ['Node is a line', { assets: { node: '20' } }, "'application.source.assets.node' must be a whole version"],
    [
      'a script is a command',
      { assets: { node: '20.19.5', script: 'run build' } },
      "'application.source.assets.script' must be the name of a script",
    ],
    [
      'a package holds two',
      { systemPackages: ['ffmpeg libvips42'] },
      "'application.source.systemPackages.0' must be the name of one package",
    ],
    [
      'a package holds a command',
      { buildPackages: ['git', 'make; curl'] },
      "'application.source.buildPackages.1' must be the name of one package",
    ],
    [
      'a package is there twice',
      { systemPackages: ['ffmpeg', 'ffmpeg'] },
      '\'application.source.systemPackages\' must name each once, got "ffmpeg"',
    ],
    ['an umbrella has no apps', { apps: [] }, "'application.source.apps' must name the applications of an umbrella"],
    ['an app is a folder', { apps: ['apps/shop', 'shop_web'] }, "'application.source.apps.0' must be the name of an application"],
    [
      'an app is there twice',
      { apps: ['shop', 'shop_web', 'shop'] },
      '\'application.source.apps\' must name each once, got "shop"',
    ],
    [
      'nobody knows which app has the endpoint',
      { apps: ['shop', 'storefront'] },
      "'application.source.web' must be given where not exactly one",
    ],
    ['several apps may have it', { apps: ['a_web', 'b_web'] }, "'application.source.web' must be given where not exactly one"],
    [
      'another app has it',
      { ...umbrella, web: 'shop_web' },
      '\'application.source.web\' must be one of the applications in apps, got "shop_web"',
    ],
    ['there is no umbrella', { web: 'shop_web' }, "'application.source.web' must be left out where there is no umbrella"],
    [
      'the source is somewhere on one machine',
      { context: '/home/ada/shop' },
      "'application.source.context' must be a path from the folder of the stack",
    ],
    [
      'a path leads out',
      { include: ['native/../../keys'] },
      "'application.source.include.0' must be a path in the application's source",
    ],
    [
      'a path is a pattern',
      { config: ['config/*.exs'] },
      "'application.source.config.0' must be a path in the application's source",
    ],
    ['a path is a flag', { include: ['--link'] }, "'application.source.include.0' must be a path in the application's source"],
    ['the source is a flag', { context: '-f' }, "'application.source.context' must be a path from the folder of the stack"],
    [
      'mix.exs reads what is not in the source',
      { mixFiles: ['../mix_shared.exs'] },
      "'application.source.mixFiles.0' must be a path in the application's source",
    ],
    [
      'what was ever committed is sent',
      { include: ['vendor/tax/.git'] },
      '\'application.source.include\' must be without .git, which has all that was ever committed, got "vendor/tax/.git"',
    ],
    ['mix.exs asks git', { mixFiles: ['.git/HEAD'] }, "'application.source.mixFiles' must be without .git"],
    [
      'a base is of a candidate of Elixir',
      { bases: { builder: { image: 'elixir:1.18.4-rc.1-slim' } } },
      "'application.source.bases.builder.image' must be of Elixir 1.18.4",
    ],
    [
      'a dependency lies elsewhere',
      { pathDependencies: ['../money'] },
      "'application.source.pathDependencies.0' must be a path in",
    ],
    [
      'a digest is short',
      { bases: { runner: { digest: 'sha256:abc' } } },
      "'application.source.bases.runner.digest' must be sha256: and 64 hex digits",
    ],
    [
      'a base has its digest twice',
      { bases: { builder: { image: `elixir:1.18.4@${hex}`, digest: hex } } },
      "'application.source.bases.builder.image' must be without its digest",
    ],
    [
      'a base has no tag',
      { bases: { runner: { image: 'registry.example.com/debian' } } },
      "'application.source.bases.runner.image' must name one version",
    ],
    [
      'a base is no image',
      { bases: { runner: { image: 'Debian Trixie' } } },
      "'application.source.bases.runner.image' must be an image reference",
    ],
    [
      'a base is of another Elixir',
      { bases: { builder: { image: 'registry.example.com/elixir:1.17.3-slim' } } },
      "'application.source.bases.builder.image' must be of Elixir 1.18.4",
    ],
    [
      'Node has a base and builds nothing',
      { bases: { node: { digest: hex } } },
      "'application.source.bases.node' must be left out where Node builds nothing",
    ],
    [
      'a label is written by itself',
      { labels: { 'org.opencontainers.image.revision': 'abc' } },
      "'application.source.labels.org.opencontainers.image.revision' must be left out",
    ],
    ['a label is no name', { labels: { 'My Label': 'x' } }, "'application.source.labels' must be a name of lower-case letters"],
    [
      'a label has two lines',
      { labels: { 'com.example.note': 'a\nUSER root' } },
      "'application.source.labels.com.example.note' must be one line",
    ],
    [
      'a prop is misspelt',
      { systemPackage: ['ffmpeg'] },
      "'application.source.systemPackage' must be a prop that is known, got [\"ffmpeg\"]; did you mean 'systemPackages'?",
    ],
    [
      'static files are built by a word',
      { assets: 'webpack' },
      "'application.source.assets' must be 'esbuild' or 'none' or an object",
    ],
  ])('%s', (_name, given, fault) => {
    expect(faultsOf({ ...plain, ...given })).toEqual([expect.stringContaining(fault)]);
  });

  test('it runs on two systems, or on none', () => {
    const [both] = faultsOf({ ...plain, alpine: '3.22.1' });
    expect(both).toContain("'application.source' must be one of debian, alpine");
    expect(faultsOf({ elixir: '1.18.4', otp: '27.3.4' })).toHaveLength(1);
  });

  test('nobody knows how the release is built', () => {
    const release = { ...shop.release, build: undefined };
    expect(faultsOf(plain, { ...shop, release })).toEqual([
      expect.stringContaining(
        '\'application.source\' must be left out where it is not known how the release is built, got "book_shop"',
      ),
    ]);
  });
});

test('tells all faults at once', () => {
  expect(faultsOf({ ...plain, elixir: '1.18', otp: '27', systemPackages: ['A'] })).toHaveLength(3);
});

describe('takes', () => {
  test.each<[string, object]>([
    ['candidates', { elixir: '1.20.0-rc.1', otp: '29.0-rc2' }],
    ['versions of OTP with four numbers', { otp: '26.2.5.11' }],
    ['packages of one version', { systemPackages: ['libvips42=8.16.1-1', 'ffmpeg=7:7.1.1-1+b1'] }],
    ['names with signs', { buildPackages: ['g++', 'libstdc++-14-dev', 'python3.13'] }],
    ['files at the top, hidden ones and folders of folders', { include: ['.tool-versions', 'native/nif/src', 'VERSION'] }],
    ['the folder of the stack itself', { context: '.' }],
    ['a folder of another repository', { context: '../../services/shop-1.x' }],
    ['Debian that is not slim', { debian: 'bookworm-20240101' }],
    ['an umbrella whose endpoint is in an app of another name', { apps: ['shop', 'storefront'], web: 'storefront' }],
    ['an umbrella without static files', { apps: ['shop', 'shop_api'], assets: 'none' }],
    ['a base in a registry with a port', { bases: { builder: { image: 'registry.local:5000/ci/elixir:1.18.4-otp-27' } } }],
    ['files of git that are not its folder', { include: ['.gitattributes', 'docs/git'] }],
    ['a base of the same candidate', { elixir: '1.20.0-rc.1', bases: { builder: { image: 'elixir:1.20.0-rc.1-slim' } } }],
    ['a base whose own name ends like that of Elixir', { bases: { builder: { image: 'registry.example.com/ci-elixir:3.2.1' } } }],
    ['a base whose tag names no Elixir', { bases: { builder: { image: 'registry.example.com/ci:2026-11' } } }],
  ])('%s', (_name, given) => {
    expect(faultsOf({ ...plain, ...given })).toEqual([]);
  });
});

test('a file that is called like a secret is sent where it is named', () => {
  const lines = fileOf(
    { ...shop, source: { ...plain, include: ['priv/apple/auth.key', 'native'] } },
    'Dockerfile.dockerignore',
  ).split('\n');
  expect(lines.lastIndexOf('!priv/apple/auth.key')).toBeGreaterThan(lines.indexOf('**/*.key'));
  expect(lines.lastIndexOf('!native')).toBeLessThan(lines.indexOf('**/*.key'));
});

test('a file in a folder that is made elsewhere is sent where it is named', () => {
  const include = ['apps/book_shop/test/fixtures', 'apps/book_shop_web/priv/static/assets/font.woff2', 'apps/book_shop/tests'];
  const lines = fileOf({ ...shop, source: { ...umbrella, include } }, 'Dockerfile.dockerignore').split('\n');
  expect(lines.slice(lines.indexOf("# Named in 'include'") + 1).filter(Boolean)).toEqual([
    '!apps/book_shop/test/fixtures',
    '!apps/book_shop_web/priv/static/assets/font.woff2',
  ]);
});

test('nothing is sent that a build on the machine has made, in whatever folder it is sent', () => {
  const source: ImageSource = { ...plain, include: ['native'], pathDependencies: ['vendor/money'] };
  const lines = fileOf({ ...shop, source }, 'Dockerfile.dockerignore').split('\n');
  for (const made of ['**/_build', '**/native/*/target', 'vendor/money/deps', '**/node_modules'])
    expect(lines.lastIndexOf(made)).toBeGreaterThan(lines.indexOf('!vendor/money'));
});

test("TypeScript of a stack in the application's own folder is not sent", () => {
  const text = fileOf({ ...shop, source: { ...plain, context: '.' } }, 'Dockerfile.dockerignore');
  expect(text).toMatch(/^lib\/environments$/m);
  expect(fileOf({ ...shop, source: plain }, 'Dockerfile.dockerignore')).not.toContain('lib/environments');
});
