import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { init } from '../../lib/command/init';
import { DATABASES, ROUTES } from '../../lib/command/starter-options';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'init-')), 'shop');
});
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true });
});

const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
/** What the compiler says of the TypeScript in a project, its types aside. */
function misspelt(): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return files.flatMap((path) => {
    const { diagnostics = [] } = ts.transpileModule(text(path), { reportDiagnostics: true });
    return diagnostics.map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}

test('a project has the names of its application, imports the package, and knows nothing of the example', () => {
  const options = { name: 'book-shop', release: 'book_shop', module: 'BookShop', port: '4040' };
  const { faults, files } = init(folder, options);
  expect(faults).toEqual([]);
  expect([...files].sort()).toEqual([
    ...[
      '.github/workflows/ci.yaml',
      '.github/workflows/plan.yaml',
      '.gitignore',
      'README.md',
      'cdk8s.yaml',
      'images/production.yaml',
      'images/staging.yaml',
      'lib/application.ts',
      'lib/environments/development.ts',
    ],
    ...['lib/environments/images.ts', 'lib/environments/index.ts', 'lib/environments/production.ts', 'lib/environments/route.ts'],
    ...['lib/environments/staging.ts', 'main.ts', 'package.json', 'test/environments.test.ts', 'tsconfig.json'],
  ]);
  expect(text('lib/application.ts')).toContain("mixRelease({ release: 'book_shop', module: 'BookShop.Release' })");
  expect(text('lib/application.ts')).toContain('port: 4040,');
  expect(text('lib/application.ts').match(/\breads: .*/g)).toEqual(["reads: [...phxNew.single, 'PGSSLROOTCERT'],"]);
  expect(text('lib/application.ts')).not.toContain('umbrella');
  expect(text('lib/application.ts')).toMatch(/source: \{ elixir: '[\d.]+', otp: '[\d.]+', debian: '[\w-]+' \}/);
  expect(text('lib/environments/production.ts')).toContain("host: 'book-shop.example.com'");
  for (const path of files) {
    expect(`${path}: ${text(path)}`).not.toMatch(/kube.native/i);
    expect(`${path}: ${text(path)}`).not.toMatch(/'(?:\.\.?\/)+(?:lib\/)?index'/);
  }
  const { dependencies, scripts } = JSON.parse(text('package.json')) as Record<string, Record<string, string>>;
  expect(dependencies?.['cdk8s-phoenix']).toMatch(/^\^\d/);
  expect(Object.keys(scripts ?? {})).toEqual(['synth', 'needs', 'environments', 'plan', 'types', 'test']);
});

test.each(DATABASES.flatMap((database) => ROUTES.map((route) => [database, route])))(
  'with %s and %s it is well formed',
  (database, route) => {
    const environments = 'staging,production,preview';
    const options = {
      name: 'shop',
      database,
      route,
      environments,
      umbrella: route === 'nginx-inc',
      package: 'file:../cdk8s-phoenix.tgz',
    };
    expect(init(folder, options).faults).toEqual([]);
    expect(misspelt()).toEqual([]);
    expect(text('package.json')).toContain('"cdk8s-phoenix": "file:../cdk8s-phoenix.tgz"');
    expect(existsSync(join(folder, 'lib/environments/development.ts'))).toBe(false);
    expect(text('lib/environments/index.ts')).toContain('environments: { staging, production }');
    expect(text('lib/environments/production.ts').includes(`    ${database}: {`)).toBe(true);
    expect(text('lib/environments/production.ts').includes('route: publicRoute')).toBe(route !== 'none');
  },
);

test.each(DATABASES)('staging has the database that it is told, whatever production has: %s', (stagingDatabase) => {
  for (const database of DATABASES) {
    expect(init(folder, { name: 'shop', database, stagingDatabase }).faults).toEqual([]);
    expect(misspelt()).toEqual([]);
    const [staging, production] = [text('lib/environments/staging.ts'), text('lib/environments/production.ts')];
    expect(DATABASES.filter((one) => new RegExp(`\\b${one}: \\{`).test(staging))).toEqual([stagingDatabase]);
    expect(DATABASES.filter((one) => new RegExp(`\\b${one}: \\{`).test(production))).toEqual([database]);
    const known = new Set(staging.match(/\b(?:Cpu|Duration|OptOut|Resources|Size|postgres|publicRoute)\b/g));
    const imported = staging.match(/^import [^;]*;$/gm)?.join(' ') ?? '';
    // Nothing is imported for nothing, and nothing is missing.
    for (const name of known) expect([name, staging.split(name).length > 2, imported.includes(name)]).toEqual([name, true, true]);
    const verified = database !== 'single' || stagingDatabase !== 'single';
    expect(text('lib/application.ts').includes("'PGSSLROOTCERT'")).toBe(verified);
    rmSync(folder, { recursive: true });
  }
});

test('a database of an environment that is left out is refused', () => {
  expect(init(folder, { name: 'shop', stagingDatabase: 'managed', environments: 'production' }).faults).toEqual([
    '[init] \'--staging-database\' must be left out without staging, got "managed"; add staging to --environments, or remove it',
  ]);
  expect(init(folder, { name: 'shop', database: 'single', environments: 'staging' }).faults).toEqual([
    '[init] \'--database\' must be left out without production, got "single"; add production to --environments, or remove it',
  ]);
  expect(init(folder, { name: 'shop', environments: 'development' }).faults).toEqual([]);
});

test('what is wrong is said at once, and nothing is written', () => {
  const options = { name: 'Shop!', port: '80000', database: 'manged', environments: 'staging,prodution' };
  expect(init(folder, options)).toEqual({
    faults: [
      '[init] \'--port\' must be a port, from 1 to 65535, got "80000"; write the one of your endpoint, such as 4000',
      "[init] '--name' must be lower-case letters, digits and '-', got \"Shop!\"; write it like shop-web",
      "[init] '--database' must be one of managed, single, cloudNativePg, got \"manged\"; did you mean 'managed'?",
      "[init] '--environments' must be one of development, staging, production, preview, got \"prodution\"; did you mean 'production'?",
    ],
    files: [],
  });
  expect(init(folder, { name: 'shop', stagingDatabase: 'cloudNativePG' }).faults).toEqual([
    "[init] '--staging-database' must be one of managed, single, cloudNativePg, got \"cloudNativePG\"; did you mean 'cloudNativePg'?",
  ]);
  expect(existsSync(folder)).toBe(false);
  expect(init(folder, { name: 'shop', release: 'my shop' }).faults).toEqual([
    '[init] \'--release\' must be the name of a release, got "my shop"; write it as in mix.exs: shop',
  ]);
});

test('a folder that has files is left alone', () => {
  const home = join(folder, '..');
  writeFileSync(join(home, 'notes.txt'), 'mine');
  expect(init(home, { name: 'shop' }).faults).toEqual([
    '[init] \'folder\' must be empty, or not there, got "notes.txt"; name another folder, or remove what is in it',
  ]);
  expect(readdirSync(home)).toEqual(['notes.txt']);
});

test('an umbrella is built from its two applications', () => {
  init(folder, { name: 'book-shop', umbrella: true });
  expect(text('lib/application.ts')).toMatch(/source: \{ .*, apps: \['book_shop', 'book_shop_web'\] \}/);
});
