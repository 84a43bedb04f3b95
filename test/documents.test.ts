import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { read } from './support/documents';
import { filesOf } from './support/pages';
import { blocks, compile, spans } from './support/snippets';

const ROOT = join(__dirname, '..');
const guides = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const texts = ['README.md', ...guides.map((file) => `docs/${file}`)].map((name) => ({ name, text: read(name) }));

test('every file of the repository that the documents name exists', () => {
  const named = texts.flatMap(({ name, text }) =>
    [...text.matchAll(/(?<![\w./-])(?:lib|docs|test|imports)\/[\w./-]*[\w/]/g)].map(([path]) => ({ name, path })),
  );
  // Files of the reader's own: Elixir, and what a page itself shows.
  const shown = new Set(texts.flatMap(({ name }) => [...filesOf(name).keys()]));
  const missing = named.filter(({ path }) => !path.endsWith('.ex') && !shown.has(path) && !existsSync(join(ROOT, path)));
  expect(named.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});

test('every piece of TypeScript in the documents compiles, but for names that the text explains', () => {
  const pieces = texts.flatMap(({ name, text }) => blocks(name, text, 'ts'));
  const wrong = compile(pieces).filter(([, errors]) => errors.length > 0);
  expect(pieces.length).toBeGreaterThan(40);
  expect(wrong.map(([{ at }, errors]) => [at, ...errors])).toEqual([]);
});

// Debian's packages erlang and elixir have them; nothing else here needs either.
describe.each([
  ['erlang', 'erlc', ['-Wall', '-Werror', 'forwarded.erl'], 'forwarded.erl'],
  ['elixir', 'elixirc', ['--warnings-as-errors', 'visitors.ex'], 'visitors.ex'],
])('the %s of operators.md', (language, compiler, options, file) => {
  const [piece, ...others] = blocks('docs/operators.md', read('docs/operators.md'), language);
  const isThere = spawnSync('sh', ['-c', `command -v ${compiler}`]).status === 0;

  test('is one module', () => expect([piece === undefined, others]).toEqual([false, []]));

  (isThere ? test : test.skip)('compiles without a warning', () => {
    const folder = mkdtempSync(join(tmpdir(), 'operators-'));
    writeFileSync(join(folder, file), piece?.code ?? '');
    const { status, stdout, stderr } = spawnSync(compiler, options, { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect([stdout, stderr, status]).toEqual(['', '', 0]);
  });
});

// A command that says no namespace works on the one that the reader happens to be in.
describe('commands of kubectl', () => {
  /** Those about objects of no namespace, about files that say theirs, and about no object. */
  const elsewhere = [
    /^(?:get|describe) (?:nodes?|storageclass|csidrivers|crd|clusterissuers?)\b/,
    /^(?:create|delete|get|label|annotate) (?:namespace|ns)\b/,
    /^(?:drain|cordon|uncordon|diff|version|proxy|config|explain|api-resources|auth whoami|kustomize)\b/,
    /^(?:apply|get|delete) (?:--[\w-]+(?:=\S+)? )*(?:-R )?(?:-l \S+ )?-f (?:dist\/|FOLDER|-|\S+\/namespace\.yaml\b)/,
  ];
  /** A name of a command, as a sentence speaks of it, does nothing: `kubectl apply -f`, `kubectl delete`. */
  const spokenOf =
    /^(?:(?:apply|get|create|delete|wait|edit|rollout|exec|debug|port-forward)(?: (?:secret|restart|status|-f|edit-last-applied|--[\w=-]+))*)?$/;

  const commands = texts.flatMap(({ name, text }) =>
    [...blocks(name, text, 'sh'), ...spans(name, text)].flatMap(({ at, code }) =>
      [...code.replaceAll('\\\n', ' ').matchAll(/\bkubectl((?: +(?:'[^']*'|[^'|;&\n#])+)?)/g)].map(([, rest = '']) => ({
        at,
        // The cluster is no namespace.
        command: rest
          .trim()
          .replaceAll(/\s+/g, ' ')
          .replace(/^--context \S+ /, ''),
      })),
    ),
  );
  const said = (command: string) => /(?:^|\s)(?:-n|--namespace|-A|--all-namespaces)\b/.test(command);

  test('name their namespace', () => {
    const without = commands.filter(
      ({ command }) => !said(command) && !spokenOf.test(command) && !elsewhere.some((pattern) => pattern.test(command)),
    );
    expect(commands.length).toBeGreaterThan(60);
    expect(without).toEqual([]);
  });

  test('take none for all of its kind', () => {
    expect(commands.filter(({ command }) => /\b(?:scale|delete|patch)\b.*--all\b/.test(command))).toEqual([]);
  });
});

describe('decisions', () => {
  const decisions = texts.filter(({ name }) => name.startsWith('docs/decisions/'));

  test('say what they rest on in words, not by a number', () => {
    expect(decisions.filter(({ text }) => /\brules? \d/.test(text)).map(({ name }) => name)).toEqual([]);
  });
});

test('what the documents call by its name in the code is there', () => {
  const sources = ['lib', 'test', 'imports'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== 'documents.test.ts')
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
  );
  const known = new Set(sources.join('\n').match(/[A-Za-z]\w*/g));
  // Fields of objects that are never written here: classes of storage, drivers, settings of controllers, what a status says.
  const others = new Set([
    ...['allowVolumeExpansion', 'fsGroupPolicy', 'mountOptions', 'enableAppProtocol', 'upgradeConfig'],
    ...['kubeContext', 'readTimeout', 'refreshTime', 'resourceVersion', 'longPollFallbackMs', 'allowedRoutes'],
    ...['lowerBound', 'upperBound'],
  ]);
  const named = texts.flatMap(({ name, text }) =>
    spans(name, text).flatMap(({ at, code }) =>
      /[<*$"]|^kubectl|^mix /.test(code)
        ? []
        : [...code.matchAll(/(?<![\w.@-])[a-z]+(?:[A-Z][a-z0-9]+)+(?!\w)/g)].map(([word]) => ({ at, word })),
    ),
  );
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter(({ word }) => !known.has(word) && !others.has(word))).toEqual([]);
});
