import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { check } from '../../lib/command/check';
import { Folder, piped } from './folder';

const folder = new Folder();
afterAll(() => folder.remove());

const config = (name: string, rest = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${rest}`;
const json = (name: string) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}`;
const first = (text: string) => piped(text, { severity: 'error' }).text.split('\n')[0];

describe('documents are told apart as kubectl does it', () => {
  test.each([
    [`--- # one\n${config('a')}--- # two\n${config('b')}...\n---\n${config('c')}`, 3],
    [`${config('a')}---\r\n${config('b')}`.replaceAll(/\r?\n/g, '\r\n'), 2],
    [json('a') + json('b'), 2],
    [`${json('a')}\n\n${json('"}{\\"').replace('""', '"')}\n`, 2],
    [`{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {"name": "a\\/b"}\n}`, 1],
    ['---\n'.repeat(5) + config('a'), 1],
  ])('%j', (text, count) => {
    expect(piped(text).text).toContain(`in ${count} object${count === 1 ? '' : 's'};`);
  });

  test('JSON has places in each value', () => {
    expect(first(`${json('a')} ${json('b_')}\n${json('c_')}`)).toContain("-:1 ConfigMap/b_ 'metadata.name' must be");
    const { findings } = JSON.parse(piped(`${json('a')} ${json('b_')}\n`, { format: 'json' }).text) as {
      findings: { places: { line: number; column: number }[] }[];
    };
    expect(findings[0]?.places[0]).toMatchObject({ line: 1, column: 115 });
  });

  test.each([
    ['dots', `${config('a')}...\n${config('b')}`, 5],
    ['a separator with a value behind it', `${config('a')}--- ${json('b')}\n`, 4],
    ['line ends of old systems', `${config('a')}---\n${config('b')}`.replaceAll('\n', '\r'), 5],
  ])('a document behind %s is told: kubectl loses it', (_, text, line) => {
    expect(first(text)).toMatch(`-:${line}:`);
    expect(first(text)).toContain('\'YAML\' must be told apart, got "a second document"; write --- between them');
  });

  test('may begin with a directive', () => expect(piped(`%YAML 1.1\n---\n${config('a')}---\n${config('b')}`).code).toBe(0));
});

describe('values are read as kubectl does it', () => {
  test.each([
    ['line ends of old systems', config('a', 'data: {}\nbinaryData:\n  a: 1\n').replaceAll('\n', '\r'), '-:6 ConfigMap/a'],
    [
      'what is said to be bytes',
      config('a', 'binaryData:\n  a: !!binary aGVsbG8=\n'),
      '\'binaryData.a\' must be base64, got "hello"',
    ],
    ['switches that are names', config('a', 'data: {}\n"y": 1\ny: 2\n'), "-:6 ConfigMap/a 'true' must be a field"],
  ])('%s', (_, text, said) => expect(piped(text, { severity: 'warning' }).text).toContain(said));

  test('tags of YAML itself are no riddle', () => {
    expect(piped(config('a', 'data: {a: !!str 5, b: !!timestamp 2020-01-01, c: !!binary aGVsbG8=}\n')).code).toBe(0);
  });
});

describe('items of lists', () => {
  const list = (items: string) => `apiVersion: v1\nkind: List\nitems:\n- ${json('a')}\n- ${items}\n`;
  test.each([
    ['null', 'got nothing'],
    ['text', 'got "a string"'],
    ['{}', 'got "a mapping without apiVersion and kind"'],
    ['{metadata: {name: b}}', 'got "a mapping without apiVersion and kind"'],
    ['{apiVersion: v1, kind: List, items: [1]}', '\'items[1].items[0]\' must be an object, got "a number"'],
  ])('that are no objects are told: %s', (item, said) => {
    expect(first(list(item))).toMatch(/^-:5:/);
    expect(first(list(item))).toContain(said);
  });

  test('are wanted as a list', () => {
    expect(first('apiVersion: v1\nkind: List\nitems: {a: 1}\n')).toContain("-:3:1 'items' must be a list");
  });

  test('are of the kind that their list says', () => {
    expect(first('apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: B_}\n')).toContain('-:4 ConfigMap/B_');
  });
});

describe('what is no text', () => {
  test.each([
    ['utf16.yaml', Buffer.from(`\uFEFF${config('a')}`, 'utf16le'), `got "UTF-16, as PowerShell writes it"; save it as UTF-8`],
    [
      'latin.yaml',
      Buffer.from(config('a', 'data: {a: \xe9}\n'), 'latin1'),
      `latin.yaml:4:11 'content' must be text in UTF-8, got "bytes of`,
    ],
  ])('is called by its name: %s', (name, bytes, said) => {
    folder.write(name, bytes);
    expect(check([name], {})).toMatchObject({ text: expect.stringContaining(said), code: 2 });
  });

  test('may be no file: a named pipe would be waited for, and a device has no end', () => {
    execFileSync('mkfifo', ['pipe.yaml']);
    expect(check(['pipe.yaml'], {})).toEqual({
      text: `pipe.yaml 'input' must be a file or a folder, got "a named pipe"; read it as the standard input: npx cdk8s-phoenix check - < pipe.yaml\n1 fault; nothing was checked\n`,
      code: 2,
    });
    expect(check(['/dev/zero'], {}).text).toContain('got "a device"');
    expect(piped(config('a'), { config: 'pipe.yaml' }).text).toContain('got "a named pipe"');
    expect(check(['/dev/null'], {}).code).toBe(2);
  });

  test('may be a kustomization alone, with the folder to build', () => {
    mkdirSync('overlay');
    folder.write('overlay/kustomization.yaml', 'resources: [../base]\n');
    expect(check(['overlay'], {}).text).toContain(
      `got "passed over overlay/kustomization.yaml:1: read by kustomize"; kubectl kustomize overlay | npx cdk8s-phoenix check -\n`,
    );
  });

  test('may have no end', () => {
    const endless = spawnSync('bash', ['-c', 'yes "a: b" | head -c 21000000'], { maxBuffer: 30_000_000 }).stdout;
    expect(check(['-'], {}, () => endless).text).toContain(`- 'size' must be at most 20 MB, got "more than that"`);
  });
});

describe('names that mean something to whoever reads a log', () => {
  const hostile = config(String.raw`"x\u0007\n::error::y\u202e](http://z)"`);

  test('are no commands of a workflow', () => {
    folder.write('odd/::stop.yaml', hostile);
    process.chdir('odd');
    for (const format of ['text', 'github']) {
      const { text } = check(['.'], { format });
      const commands = text.split('\n').filter((line) => line.startsWith('::'));
      expect(commands.every((line) => line.startsWith('::error file=./%3A%3Astop.yaml,line=3'))).toBe(true);
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    process.chdir('..');
  });

  test('are no links, and no broken XML', () => {
    expect(piped(hostile, { format: 'sarif' }).text).not.toContain('](http');
    expect(piped(hostile, { format: 'junit' }).text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test('are not shown where a key of a Secret may be its value', () => {
    const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  "TOKEN=Xq9-hunter2": x\n`;
    for (const format of ['text', 'json', 'sarif', 'github', 'junit']) {
      const told = piped(text, { format, severity: 'warning' }).text;
      expect(told).toContain('17 characters');
      expect(told).not.toContain('hunter2');
    }
  });
});
