import {
  boolYaml11Tag,
  defineScalarTag,
  FAILSAFE_SCHEMA,
  floatCoreTag,
  intYaml11Tag,
  loadAll,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  YAMLException,
  type Schema,
} from 'js-yaml';
import { readPlainYaml } from './plain-yaml';

/**
 * The values of YAML 1.1 as Kubernetes' parser takes them: `yes` is a switch and `0o14` a text, while `1e3` is a number and a date
 * is no more than its text.
 */
const SCALARS = [nullYaml11Tag, boolYaml11Tag, intYaml11Tag, floatCoreTag];
/** What is said to be bytes is the text that they are. */
const binary = defineScalarTag('tag:yaml.org,2002:binary', {
  identify: () => false,
  resolve: (source) => (/[^\w+/=\s]/.test(source) ? NOT_RESOLVED : Buffer.from(source, 'base64').toString()),
});
const timestamp = defineScalarTag('tag:yaml.org,2002:timestamp', { identify: () => false, resolve: (source) => source });
const KUBERNETES: Schema = FAILSAFE_SCHEMA.withTags(...SCALARS, binary, timestamp, mergeTag);

/** The documents of a file, as Kubernetes reads them. Throws where it is no YAML, or none that its parser takes. */
export function readYaml(text: string): unknown[] {
  return documentsOf(text).flatMap(readDocument);
}

/** A part of a file that is parsed by itself: mostly one document. */
export interface YamlPart {
  readonly text: string;
  /** How many lines stand before it. */
  readonly line: number;
}

/** The parts of a file, for {@link readDocument}. */
export function partsOf(text: string): YamlPart[] {
  let line = 0;
  return documentsOf(text).flatMap((part) => {
    const before = line;
    line += part.match(LINE_END)?.length ?? 0;
    return part.trim() === '' ? [] : [{ text: part, line: before }];
  });
}

/** The end of a line, of whichever system. */
export const LINE_END = /\r\n?|\n/g;

/** Why a text is no YAML, in the parser's words, and where it noticed: lines and columns from 1. */
export function yamlFault(error: unknown): { readonly reason: string; readonly line?: number; readonly column?: number } {
  if (!(error instanceof YAMLException)) return { reason: error instanceof Error ? error.message : String(error) };
  const { reason, mark } = error;
  return mark ? { reason, line: mark.line + 1, column: mark.column + 1 } : { reason };
}

/** A reader that parses each document once: two outputs of one stack have most of them in common. */
export function onceEach(): typeof readYaml {
  const known = new Map<string, unknown[]>();
  return (text) =>
    documentsOf(text).flatMap((document) => {
      const objects = known.get(document) ?? readDocument(document);
      known.set(document, objects);
      return objects;
    });
}

function documentsOf(text: string): string[] {
  // A directive is about the document behind it.
  return /^%/m.test(text) ? [text] : text.split(SEPARATOR);
}

/** What kubectl takes for the end of a document: a line of its own, in which a comment may stand, and no other kind of line. */
const SEPARATOR = /(?<![^\n])---[ \t]*(?:#[^\n]*)?\r?(?![^\n])/;

/** The documents of one part. Throws as {@link readYaml} does. */
export function readDocument(text: string): unknown[] {
  const plain = readPlainYaml(text, readScalar);
  return plain ? [plain] : untangled(text, loadAll(text, { schema: KUBERNETES }));
}

/** Documents of which each alias ends. */
function untangled(text: string, documents: unknown[]): unknown[] {
  // Without an alias there is nothing that stands in two places.
  const alias = text.includes('&') ? text.search(/(?<=[\s[{,:-])\*[^\s]/) : -1;
  if (alias < 0) return documents;
  const size = sizeOf(documents, new Map());
  if (Number.isNaN(size)) YAMLException.throwAt(text, alias, 'an alias of a value that it stands in itself');
  if (size > MOST) YAMLException.throwAt(text, alias, `aliases that stand for more than ${MOST} values`);
  return documents;
}

/** So many values may come of aliases; Kubernetes' own parser gives up at about as many. */
const MOST = 400_000;

/** How many values there are once each alias is written out; no number where one contains itself. */
function sizeOf(value: unknown, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  known.set(value, Number.NaN);
  const size = Object.values(value).reduce<number>((sum, inner) => sum + sizeOf(inner, known), 1);
  known.set(value, size);
  return size;
}

/** The value of plain text, which may be a number or a switch. */
export function readScalar(text: string): unknown {
  for (const tag of SCALARS) {
    const value = tag.resolve(text, false, tag.tagName);
    if (value !== NOT_RESOLVED) return value;
  }
  return text;
}
