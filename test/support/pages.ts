import { posix } from 'node:path';
import * as cdk8s from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import ts from 'typescript';
import * as library from '../../lib/index';
import { read } from './documents';
import { blocks, FILE } from './snippets';

/** The files that a document shows, by their names: blocks of TypeScript that begin with `// lib/application.ts`. */
export function filesOf(document: string): Map<string, string> {
  const named = blocks(document, read(document), 'ts').map(({ code }) => [FILE.exec(code)?.[1], code] as const);
  return new Map(named.flatMap(([name, code]) => (name === undefined ? [] : [[name, code] as const])));
}

/** What one of the files exports, run with those that it imports and with the library as it is here. */
export function exportsOf(files: ReadonlyMap<string, string>, name: string): Record<string, unknown> {
  const known: Readonly<Record<string, unknown>> = { cdk8s, 'cdk8s-plus-27': kplus, 'cdk8s-phoenix': library };
  const { outputText } = ts.transpileModule(files.get(name) ?? '', { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const exported: Record<string, unknown> = {};
  const load = (path: string): unknown =>
    path.startsWith('.') ? exportsOf(files, posix.join(posix.dirname(name), `${path}.ts`)) : known[path];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- it is our own document
  new Function('require', 'exports', outputText)(load, exported);
  return exported;
}
