import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root';
import { edits } from './starter-edits';
import { ENVIRONMENTS, type StarterOptions, type Edit } from './starter-options';
import { manifestOf, README, WORKFLOW } from './starter-files';

/** The files of a project, by their paths. */
export interface Starter {
  readonly files: ReadonlyMap<string, string>;
  /** Passages that the package's own files do not have: it is broken then. */
  readonly missed: readonly string[];
}

/** Names of the example in the package's own stack, and what stands in their place. */
function names({ name, release, module }: StarterOptions): readonly (readonly [RegExp, string])[] {
  return [
    [/kube_native_umbrella/g, release],
    [/kube_native/g, name.replaceAll('-', '_')],
    [/kube-native/g, name],
    [/KubeNative/g, module],
  ];
}

/**
 * The files of a project of one's own, by their paths. They are the package's own stack, with other names: what it shows is
 * what everybody has.
 */
export function starter(options: StarterOptions): Starter {
  const missed: string[] = [];
  const root = packageRoot(__dirname);
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Parameters<typeof manifestOf>[0];
  const { environments } = options;
  const sources = readdirSync(join(root, 'lib/environments')).filter((file) => {
    const name = file.replace('.ts', '');
    return file.endsWith('.ts') && (environments.some((one) => one === name) || !ENVIRONMENTS.some((one) => one === name));
  });
  const paths = [
    'main.ts',
    'lib/application.ts',
    'test/stack/environments.test.ts',
    ...readdirSync(join(root, 'images'))
      .filter((file) => environments.some((one) => `${one}.yaml` === file))
      .map((file) => `images/${file}`),
    ...sources.map((file) => `lib/environments/${file}`),
  ];
  const files = paths.map((path): [string, string] => {
    const source = readFileSync(join(root, path), 'utf8').replace(
      /'(?:\.\.\/\.\.\/lib|\.\/lib|\.\.|\.)\/index'/,
      "'cdk8s-phoenix'",
    );
    const text = edited(source, edits(path, options), (passage) => missed.push(`${path} ${String(passage)}`));
    return [path.replace('test/stack/', 'test/'), names(options).reduce((before, [from, to]) => before.replace(from, to), text)];
  });
  const written = new Map([
    ...files,
    ['cdk8s.yaml', readFileSync(join(root, 'cdk8s.yaml'), 'utf8').replace(/# Where the types in imports[^]*/, '')],
    ['tsconfig.json', readFileSync(join(root, 'tsconfig.json'), 'utf8').replace(', "imports"', '')],
    ['package.json', manifestOf(own, options)],
    ['.gitignore', 'node_modules/\ndist/\n'],
    ['.github/workflows/ci.yaml', WORKFLOW],
    ['.github/workflows/plan.yaml', readFileSync(join(root, '.github/workflows/plan.yaml'), 'utf8')],
    ['README.md', README(options.name, environments[0] ?? 'production')],
  ]);
  return { files: written, missed };
}

/** Replaces passages, and tells those that are not there. */
function edited(text: string, changes: readonly Edit[], missed: (passage: RegExp) => void): string {
  return changes.reduce((before, [passage, replacement]) => {
    if (!passage.test(before)) missed(passage);
    return before.replace(passage, () => replacement);
  }, text);
}
