import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../lib/command/check';
import { Folder, piped, rulesIn, shop } from './folder';

const home = process.cwd();
const folder = new Folder();
afterAll(() => folder.remove());

const config = (rest: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\n${rest}`;
const pod = (image: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec: {containers: [{name: web, image: "${image}"}]}\n`;

describe('paths that lead nowhere good', () => {
  test('are passed over, or told, where links lead back to themselves', () => {
    folder.write('loop/shop.yaml', config(''));
    symlinkSync('b.yaml', 'loop/a.yaml');
    symlinkSync('a.yaml', 'loop/b.yaml');
    expect(check(['loop'], {}).text).toContain(
      'note: passed over loop/a.yaml, loop/b.yaml: a link that leads back to itself\n0 errors',
    );
    expect(check(['loop/a.yaml'], {})).toMatchObject({ text: expect.stringContaining('leads back to itself'), code: 2 });
  });

  test('are told where the standard input is a folder', () => {
    const broken = (): never => {
      throw new Error('EISDIR: illegal operation on a directory, read');
    };
    expect(check(['-'], {}, broken)).toEqual({
      text: `- 'input' must be readable, got "EISDIR: illegal operation on a directory"; name a file, a folder, or - for the standard input\n1 fault; nothing was checked\n`,
      code: 2,
    });
  });

  test('are told where the file with the options is a folder', () => {
    mkdirSync('config');
    expect(piped(shop, { config: 'config' })).toEqual({
      text: `config '--config' must be a file that is there, got "config"; correct the path, or leave the option out\n1 fault; nothing was checked\n`,
      code: 2,
    });
  });
});

describe('texts that are nearly YAML', () => {
  test.each([
    ['{% for one in all %}\nkind: A\n{% endfor %}\n', "-:1:1 'YAML' must be rendered"],
    ['kind: A\na:\n  {%- if b %}\n  c: 1\n', "-:3:3 'YAML' must be rendered"],
    [
      pod('acme/shop:${TAG}'),
      `-:4:33 'spec.containers[0].image' must be filled in, got "acme/shop:\${TAG}"; fill it in first: envsubst | npx`,
    ],
    [pod('acme/shop:{{ tag }}'), "'spec.containers[0].image' must be filled in"],
    [config('').replace('shop', '<%= name %>'), "'metadata.name' must be filled in"],
  ])('%j is told with its place', (text, said) => {
    const told = piped(text);
    expect(told.text).toContain(said);
    expect(told.code).toBe(2);
  });

  test('keep words to themselves that may be a password', () => {
    const { text } = piped('kind: Secret\nstringData:\n  A: !hunter2-pass x\n');
    expect(text).toContain(`-:3:6 'YAML' must be readable, got "unknown scalar tag"; put the text into quotes`);
  });

  test('are no template where messages of alerts are named', () => {
    expect(piped(config(`data: {a: '{{ template "slack.title" . }} {{ define "x" }}'}\n`)).code).toBe(0);
  });

  test('may be put together of files that begin with the mark of UTF-8', () => {
    expect(piped(`\uFEFF${config('')}---\r\n\uFEFF${config('').replace('shop', 'web')}`).code).toBe(0);
  });
});

describe('objects of odd forms', () => {
  test('have names that every object of JavaScript has', () => {
    const { text } = piped('apiVersion: __proto__\nkind: constructor\nmetadata: {name: toString}\n');
    expect(text).toContain("constructor/toString 'kind' must be served");
  });

  test('are no twins where the API server makes their names', () => {
    const job = `apiVersion: batch/v1
kind: Job
metadata: {generateName: shop-migrate-}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: web, image: "acme/shop:1", command: [bin/shop, start]}]}}}
`;
    expect(rulesIn(`${job}---\n${job}`)).not.toContain('unique-objects');
    expect(piped(job).text).toContain('took shop-migrate-/web for a BEAM release');
  });

  test.each(['[]', 'null', ''])('are none in a list of %j', (items) => {
    expect(piped(`apiVersion: v1\nkind: List\nitems: ${items}\n`).text).toContain('passed over -:1: a list of nothing');
  });

  test('do nothing to a terminal', () => {
    const { text } = piped(config('').replace('shop', '"a\\e[31m\\0\\u2028b\\u202e"'));
    expect(text).toContain("ConfigMap/a?[31m? b? 'metadata.name'");
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
  });
});

describe('a file that says what is to be checked', () => {
  test('may say nothing, and is not checked itself', () => {
    folder.write('own/.cdk8s-phoenix.yaml', '# severity: error\n');
    folder.write('own/shop.yaml', config(''));
    expect(check(['own'], { config: 'own/.cdk8s-phoenix.yaml' }).text).toMatch(/^0 errors, 0 warnings in 1 object/);
  });

  test.each([
    ['kubernetes: 1.3', "kubernetes: '1.30'"],
    ['kubernetes: 1.33', "kubernetes: '1.33'"],
    ['namespace: 12', "namespace: '12'"],
  ])('with %s is told what to write', (line, meant) => {
    folder.write('number.yaml', `${line}\n`);
    expect(piped(shop, { config: 'number.yaml' }).text).toContain(`write it in quotes: ${meant}\n`);
  });
});

describe('the command', () => {
  const main = (args: string[], shell = '') => {
    const script = `node main.js check ${args.join(' ')} ${shell}`;
    const env = { ...process.env, NODE_PATH: join(home, 'node_modules') };
    return spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd: folder.path, env });
  };
  beforeAll(() => {
    const build = ['lib/command/main.ts', '--bundle', '--platform=node', '--loader:.json=copy', '--log-level=warning'];
    const bin = join(home, 'node_modules/.bin/esbuild');
    execFileSync(bin, [...build, '--external:cdk8s*', '--external:constructs', `--outfile=${join(folder.path, 'main.js')}`], {
      cwd: home,
    });
    folder.write('many.yaml', Array.from({ length: 200 }, (_, at) => shop.replaceAll('shop', `shop${at}`)).join('---\n'));
  });

  test('ends with 2 where nothing was judged: a misspelt option has found nothing', () => {
    expect([main(['--kuberentes 1.33 many.yaml']).status, main([]).status, main(['--help']).status]).toEqual([2, 2, 0]);
  });

  test('has nothing to say where nobody reads on', () => {
    const { stderr, stdout } = main(['many.yaml --format json --severity warning'], '| head -1');
    expect([stdout, stderr]).toEqual(['{\n', '']);
  });

  test('tells in a sentence where it cannot write', () => {
    const { stderr, status } = main(['many.yaml'], '> /dev/full');
    expect([stderr, status]).toEqual(['error: ENOSPC: no space left on device, write\n', 2]);
  });
});
