import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { block, documents, expected, read } from './support/documents';

const README = read('README.md');

test.each(Object.keys(documents))('%s says what the code says', (name) => {
  expect(read(name)).toBe(expected(name));
});

test('the example of the README compiles', () => {
  const file = join(__dirname, 'readme-example.ts');
  const { ES2022: target } = ts.ScriptTarget;
  const options = { strict: true, noEmit: true, skipLibCheck: true, target, module: ts.ModuleKind.Node20, types: ['node'] };
  const host = ts.createCompilerHost(options);
  const example = ts.createSourceFile(file, block(README, 'ts').replace("'cdk8s-phoenix'", "'../lib/index'"), target);
  const disk = { ...host };
  host.fileExists = (name) => name === file || disk.fileExists(name);
  host.getSourceFile = (name, ...rest) => (name === file ? example : disk.getSourceFile(name, ...rest));
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host));
  expect(diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
});

test('every npm script that the README names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...README.matchAll(/npm run ([a-z:]+)/g)].map(([, script]) => script ?? '');
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
});

test('nothing under lib/ reads the environment, the clock or chance', () => {
  const folder = join(__dirname, '../lib');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const reads = /process\.(env|cwd|argv)|Date\.now|new Date\(|Math\.random|randomUUID|randomBytes/;
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => reads.test(readFileSync(join(folder, file), 'utf8')))).toEqual([]);
});
