import * as fc from 'fast-check';
import { FAILSAFE_SCHEMA, NOT_RESOLVED, boolYaml11Tag, floatCoreTag, intYaml11Tag, load, mergeTag, nullYaml11Tag } from 'js-yaml';
import { readPlainYaml } from '../../lib/support/plain-yaml';
import { readYaml } from '../../lib/support/read-yaml';
import { yaml } from '../../lib/support/yaml';
import { objectsOf } from './environments';
import { development, production, staging } from './stack';

const SCALARS = [nullYaml11Tag, boolYaml11Tag, intYaml11Tag, floatCoreTag];
const schema = FAILSAFE_SCHEMA.withTags(...SCALARS, mergeTag);

function scalar(text: string): unknown {
  const values = SCALARS.map((tag) => tag.resolve(text, false, tag.tagName)).filter((value) => value !== NOT_RESOLVED);
  return values.length === 0 ? text : values[0];
}

/** What the library makes of a document; undefined where it is none. */
function library(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: load(text, { schema }) };
  } catch {
    return undefined;
  }
}

/** Pieces of lines, of which many stop a plain reader, or should. */
const PIECES = [
  'a: b', 'b: c', 'c:', '- a', '-', '- a: b', '- b:', '- - a', '- - a: b', 'a: |', 'b: |-', 'c: |+', '- |', 'a: >', 'a: |2',
  'text', '# c', '', ' ', '    ', "a: 'x''y'", "a: 'x'y'", 'a: "x\\ny"', 'a: "x" y', 'a: "\\x41"', 'a: "\\ud800"', 'b: "é"', 'a: b # c', 'a: b#c', 'a: #c',
  'a: - b', 'a: -b', 'a: -', 'a: ?b', 'a: ? b', '? a', 'a: &x b', 'b: *x', '<<: {}', 'a: <<', 'on: yes', 'y: n', 'NULL: a', '1: 2', '1a: 2', '0o14: a', 'a: 0o14', 'a: 014',
  'a: 1e3', 'a: .5', 'a: .inf', 'a: 1:30', 'a: 0x1F', 'a: 1_000', 'a: 2001-01-01', 'a: ~', 'a: null', 'a: =', 'a: {}', 'a: []', 'a: { b: c }', 'a: [b]', 'a: !x b',
  'a:  b', 'a: b ', 'a : b', 'a:b', 'a: b:', 'a: b: c', 'a: http://x:1/y', '---', '...', '--- a', 'a: ---', 'a: `', 'a: @b', 'a: %b', 'a: a, b', 'a: a]', 'a: a{b}',
  '__proto__: a', 'constructor: a', '"a": b', "'a': b", 'a.b/c-d: e', 'a b: c', '\ta: b', 'a: b\tc', 'a: b\u2028c', 'a: \u00e9', '%YAML 1.1', 'a: \u{1f600}', '- # c', 'a: | # c', 'a: b\r',
]; // prettier-ignore

const documents = fc
  .array(fc.tuple(fc.nat({ max: 3 }), fc.constantFrom(...PIECES)), { minLength: 1, maxLength: 7 })
  .map((lines) => lines.map(([depth, piece]) => '  '.repeat(depth) + piece).join('\n'));

/** Objects as manifests have them, with texts that a writer must quote or fold. */
const words = fc.oneof(
  fc.constantFrom(
    'yes',
    '~',
    '0o14',
    '1e3',
    '012',
    '<<',
    '- a',
    'a: b',
    ' a',
    'a ',
    '#',
    'a #b',
    '|',
    '',
    'a\nb\n',
    '\n a\n',
    'a\n\n',
    '1:30',
  ),
  fc.string({ maxLength: 8 }),
);
const { object } = fc.letrec<{ object: object; value: unknown }>((tie) => ({
  object: fc.dictionary(fc.stringMatching(/^[a-z][\w./-]{0,6}$/), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 4 },
    words,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
}));

describe('a document in the plain style', () => {
  it('is read as the library reads it, or left to the library', () => {
    let plain = 0;
    fc.assert(
      fc.property(documents, fc.boolean(), (lines, ended) => {
        const text = ended ? `${lines}\n` : lines;
        const read = readPlainYaml(text, scalar);
        if (read === undefined) return;
        plain += 1;
        expect(library(text)).toStrictEqual({ value: read });
      }),
      { numRuns: 20000 },
    );
    expect(plain).toBeGreaterThan(200);
  });

  it('holds what the writer was given', () => {
    fc.assert(
      fc.property(object, (written) => {
        expect(readYaml(yaml([written]))).toEqual([written]);
        expect(readPlainYaml(yaml([written]), scalar) ?? written).toEqual(written);
      }),
      { numRuns: 2000 },
    );
  });

  it('is what the stack writes, all of it', () => {
    const documents = [development, staging, production].flatMap((environment) =>
      objectsOf(environment).map((object) => yaml([object])),
    );
    expect(documents.length).toBeGreaterThan(20);
    for (const document of documents) expect(readPlainYaml(document, scalar)).toStrictEqual(library(document)?.value);
  });

  it.each([
    ['an anchor', 'a: &x b\nb: *x\n', [{ a: 'b', b: 'b' }]],
    ['a flow mapping', 'a: { b: c }\n', [{ a: { b: 'c' } }]],
    ['a folded text', 'a: >\n  b\n  c\n', [{ a: 'b c\n' }]],
    ['a remark behind a value', 'a: b # c\n', [{ a: 'b' }]],
    ['a text over two lines', 'a: b\n  c\n', [{ a: 'b c' }]],
    ['two documents', '---\na: 1\n---\nb: yes\n', [{ a: 1 }, { b: true }]],
    ['a directive', '%YAML 1.1\n---\na: b\n', [{ a: 'b' }]],
  ])('leaves %s to the library', (_, text, objects) => {
    expect(readYaml(text).filter((one) => one !== undefined && one !== null)).toEqual(objects);
  });

  it('leaves to the library to say what is wrong', () => {
    expect(() => readYaml('a: b\n c: d\n')).toThrow();
    expect(() => readYaml('a: b\na: c\n')).toThrow(/duplicated/);
    expect(() => readYaml(`${'- '.repeat(5000)}a\n`)).toThrow(/nesting/);
  });
});
