import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { dump, load, YAML11_SCHEMA } from 'js-yaml';
import { parseDocument } from 'yaml';
import { yaml } from '../../lib/support/yaml';
import { readYaml } from '../../lib/support/read-yaml';

// What was written before: the same bytes come of our own writer, or a few more quotes.
const before = (value: unknown): string => dump(value, { lineWidth: -1, noRefs: true, quoteStyle: 'double' });

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  'js-yaml, 1.2': (text) => load(text),
  'js-yaml, 1.1': (text) => load(text, { schema: YAML11_SCHEMA }),
  'yaml, 1.2': (text) => parse(text, '1.2'),
  'yaml, 1.1': (text) => parse(text, '1.1'),
  'what reads the previous output': (text) => readYaml(text).find((one) => one !== undefined),
};

function parse(text: string, version: '1.1' | '1.2'): unknown {
  const read = parseDocument(text, { version, maxAliasCount: 0 } as never);
  expect([...read.errors, ...read.warnings]).toEqual([]);
  return read.toJS() as unknown;
}

// prettier-ignore
const words = [
  '', '~', 'null', 'Null', 'NULL', 'y', 'Y', 'yes', 'Yes', 'YES', 'yEs', 'n', 'N', 'no', 'on', 'off', 'OFF', 'true', 'True', 'TRUE', 'tRue', 'false',
  '0', '-0', '+1', '012', '0o14', '-0o14', '+0o14', '0b11', '-0b1_1', '0x1F', '-0x1F', '0xg', '1_000', '_1', '1_', '08', '09', '1e3', '1E3', '1e+3', '1.e+3', '.5', '+.5',
  '-.5e1', '5.', '..', '...', '+', '-', '--', '---', '--- a', '... b', '._1', '1._', '.inf', '-.INF', '+.Inf', '.nan', '.NaN', 'nan', 'Infinity', '1:30',
  '190:20:30.15', '1:60', '-1:30', '1:2:', '12:30:45', '2001-01-01', '2001-01-01T00:00:00Z', '2001-01-01 00:00:00.5 -5', '2001-12-14t21:59:43.10-05:00', '2001-01',
  '=', '<<', '<', '<<<', '==', '=a', '!', '!a', '&', '&a', '*', '*a', '@a', '`a', '%a', '|', '|-', '>', '> a', '[', '[]', ']', '{', '{}', '}', ',', ', a', '?', '? a', '?a',
  ':', ': a', ':a', '::', '::1', 'a:', 'a: b', 'a:b', 'a :b', '- a', '-a', '-1a', '#', '#a', 'a#', 'a #b', 'a# b', 'a:#b', "'", "'a'", '"', '"a"', 'a"b', "a'b", '\\', '\\n',
  ' ', '  ', ' a', 'a ', 'a  b', '\t', '\ta', 'a\t', 'a\tb', '\n', '\n\n', ' \n', '\n ', 'a\n', 'a\n\n', 'a\n\n\n', 'a\nb', 'a\nb\n', '\na', '\n\na\n', ' a\nb', '\n a\n', '  a\n  b\n',
  'a\n b\nc', 'a \nb', 'a\n\nb', 'a\n \nb', 'a\n\t\nb', '\ta\nb', 'a\r', 'a\r\nb', '\r', '---\na', 'a\n---\nb\n', '#a\nb', 'a\n#b', 'a\n\n ', '- a\n- b\n',
  '\0', '\x07', '\b', '\x1B', '\x1f', '\x7f', '\x80', '\x85', '\xA0', 'a\x85b', 'a\xA0b', 'a\xA0\nb', '\u2028', '\u2029', 'a\u2028b', 'a\u2028\nb', '\uFEFF', '\uFEFFa', 'a\uFEFF\nb',
  '\uFFFE', '\uFFFF', '\uFFFD', '\uE000', 'é', '日本', '\u3000', '\u3000a', 'a\u3000', '\u200B', '😀', '😀\n😀\n', 'x'.repeat(300), 'word '.repeat(60).trim(), 'k'.repeat(1025),
];

// A point or an exponent alone is NaN to one parser of 1.1, and a text to Kubernetes' own and all others.
const POINT = /^[-+]?[._]*(?:[eE][-+]?[0-9]+)?$/;
const pieces = fc.array(
  fc.oneof(
    { arbitrary: fc.constantFrom(...words), weight: 3 },
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.constantFrom('\n', ' ', ':', '#', '-', '1', 'e', '_', '.'),
  ),
  { minLength: 1, maxLength: 5 },
);
// A last line of spaces alone is lost by one parser, of a block that begins with a space.
const LAST_SPACES = /^\n* [^]*\n +$/;
const text = fc
  .oneof(
    fc.constantFrom(...words),
    pieces.map((some) => some.join('')),
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[-+]?[0-9_.:eE+xob]{1,9}$/),
  )
  .filter((one) => (one === '' || !POINT.test(one)) && !LAST_SPACES.test(one) && one !== '__proto__');
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e21, -1e21, 1.5e300, 1e-7, 2 ** 53),
);
const { object } = fc.letrec<{ object: Record<string, unknown>; list: unknown[]; value: unknown }>((tie) => ({
  object: fc.dictionary(fc.oneof(text, fc.stringMatching(/^[a-z]{1,5}$/)), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  list: fc.array(tie('value'), { maxLength: 4 }),
  value: fc.oneof({ maxDepth: 4 }, text, text, number, fc.boolean(), fc.constant(null), tie('list'), tie('object')),
}));
// What Kubernetes applies has plain keys at the top.
const documents = fc.record({ kind: text, spec: fc.oneof(object, fc.array(object)), data: object });

/** A text that is quoted now, and was not: what is no date and no number after all. */
function sameButForQuotes(now: string, then: string): boolean {
  const lines = then.split('\n');
  return now
    .split('\n')
    .every(
      (line, index) =>
        line === lines[index] ||
        line.replace(/"([-+]?[0-9.][-+0-9_.:eETtZxob ]*)"/g, '$1') ===
          lines[index]?.replace(/"([-+]?[0-9.][-+0-9_.:eETtZxob ]*)"/g, '$1'),
    );
}

describe('YAML of finished objects', () => {
  it.each(words.map((word) => [JSON.stringify(word).slice(0, 60), word]))(
    'holds %s as a value, in a list and as a key',
    (_, word) => {
      const objects = [
        { a: word },
        { a: word, b: 'c' },
        { a: [word, word], b: { [word]: 'c' } },
        { a: [{ b: word }, { c: [[word]] }] },
        { a: { [word]: [{ [word]: word }, {}] } },
      ];
      for (const one of objects) {
        expect(yaml([one])).toBe(before(one));
        for (const [name, read] of Object.entries(readers))
          expect({ name, value: read(yaml([one])) }).toEqual({ name, value: one });
      }
    },
  );

  it('has the bytes that js-yaml writes, and is read alike by parsers of 1.1 and 1.2', () => {
    fc.assert(
      fc.property(documents, (one) => {
        const now = yaml([one]);
        if (now !== before(one)) expect({ now, same: sameButForQuotes(now, before(one)) }).toEqual({ now, same: true });
        for (const [name, read] of Object.entries(readers)) expect({ name, value: read(now) }).toEqual({ name, value: one });
      }),
      { numRuns: 400 },
    );
  });

  it('has the bytes that js-yaml writes, wherever a snapshot has YAML', () => {
    const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.snap'));
    const snapshots = files.flatMap((file) => {
      const exported: Record<string, string> = {};
      // A file of snapshots is a program that gives them names.
      runInNewContext(readFileSync(`test/${file}`, 'utf8'), { exports: exported });
      return Object.values(exported);
    });
    let seen = 0;
    for (const document of snapshots.flatMap((snapshot) => snapshot.replace(/^\n"?|"?\n$/g, '').split(/^(?:---|# .*)$/m))) {
      if (!document.trim().startsWith('apiVersion: ')) continue;
      const [one] = readYaml(`${document.trim()}\n`);
      expect(yaml([one])).toBe(before(one));
      seen += 1;
    }
    expect(seen).toBeGreaterThan(200);
  });

  it.each([
    [Number.NaN, '.nan'],
    [Number.POSITIVE_INFINITY, '.inf'],
    [Number.NEGATIVE_INFINITY, '-.inf'],
  ])('writes %p as %s', (value, written) => {
    expect(yaml([{ a: value }])).toBe(`a: ${written}\n`);
    expect(yaml([{ a: value }])).toBe(before({ a: value }));
  });

  it('leaves out what is undefined, but not its place in a list', () => {
    const some = { a: undefined, b: { c: undefined }, d: [undefined, 1], e: [], f: [[], [[]]] };
    expect(yaml([some])).toBe('b: {}\nd:\n  - null\n  - 1\ne: []\nf:\n  - []\n  - - []\n');
    expect(yaml([some])).toBe(before(some));
    expect(yaml([{}, {}])).toBe('{}\n---\n{}\n');
  });

  it('closes a document whose last text keeps its line breaks', () => {
    const some = { a: [{ b: 'c\n\n' }] };
    expect(yaml([some, some])).toBe('a:\n  - b: |+\n      c\n\n...\n---\na:\n  - b: |+\n      c\n\n...\n');
    expect(yaml([some])).toBe(before(some));
  });

  it('quotes a few words more than js-yaml, which are numbers and dates but for what they come to', () => {
    for (const word of ['0b_', '2001-1-1', '2001-02-30', '1e400', '9'.repeat(400)])
      expect(yaml([{ a: word }])).toBe(`a: "${word}"\n`);
  });

  it.each([
    ['\uD800', 'half of a character'],
    ['a\nb\uDC00', 'half of a character'],
  ])('refuses %j', (value, said) => {
    expect(() => yaml([{ a: value }])).toThrow(said);
    expect(() => yaml([{ [value]: 'a' }])).toThrow(said);
  });

  it.each([[Symbol('a')], [() => 1], [10n], [new Date(0)], [new Map()], [new Uint8Array()]])(
    'refuses %p, which is no plain data',
    (value) => {
      expect(() => yaml([{ a: value }])).toThrow('unacceptable kind of an object to dump [object ');
    },
  );
});
