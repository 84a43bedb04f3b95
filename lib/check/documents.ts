import type { Manifest } from '../support/edit';
import { partsOf, readDocument, yamlFault, type YamlPart } from '../support/read-yaml';
import type { Fault } from './fault';
import type { InputFile, Skipped } from './input';
import { Lines, Places } from './places';

/** A document as it was read, and where. */
export interface ReadDocument {
  readonly file: string;
  readonly value: unknown;
  /** The line that it begins in. */
  readonly line: number;
  /** The place of a field, or of the nearest one around it. */
  readonly placeOf: (steps: readonly string[]) => { readonly line: number; readonly column: number };
}

/** What a file holds. */
export interface ReadFile {
  readonly documents: readonly ReadDocument[];
  readonly faults: readonly Fault[];
  readonly skipped: readonly Skipped[];
}

/** What helm's templates say and nothing else does: alerts and Secrets have braces of their own. */
const HELM = /\{\{-?\s*(?:\$?\.(?:Values|Release|Chart|Capabilities|Files|Template)\b|(?:include|template|define|toYaml|tpl)\s)/;

/** The documents of a file, as kubectl reads them. */
export function readDocuments({ file, text, named }: InputFile): ReadFile {
  const documents: ReadDocument[] = [];
  const faults: Fault[] = [];
  const skipped: Skipped[] = [];
  const template = HELM.exec(text);
  if (template) return { documents, skipped, faults: [unrendered(file, text, template.index)] };
  for (const part of partsOf(text)) {
    try {
      const read = readPart(file, part);
      documents.push(...read);
      faults.push(...read.flatMap(unfilled));
    } catch (error) {
      // Of a file of another program nobody has said that it must be YAML.
      if (named || /^\s*["']?(?:apiVersion|kind)["']?\s*:/m.test(part.text)) faults.push(unreadable(file, part, error));
      else skipped.push({ file, line: part.line + 1, why: 'no Kubernetes object, and not readable' });
    }
  }
  return { documents, faults, skipped };
}

function readPart(file: string, part: YamlPart): ReadDocument[] {
  const [places, lines] = [new Places(part.text), new Lines(part.text)];
  const placeAt = (offset: number) => {
    const { line, column } = lines.positionOf(offset);
    return { line: line + part.line, column };
  };
  const documents = readDocument(part.text);
  const [{ line }] = [placeAt(Math.max(part.text.search(/^[ \t]*[^\s#]/m), 0))];
  return documents.map((value, index) => ({
    file,
    value,
    // Where several are parsed together, as behind a directive, the first one shows where they are.
    line,
    placeOf: (steps) => placeAt(places.offsetOf(index, steps)),
  }));
}

/** A name that another program is to fill in: no name of Kubernetes has a dollar or a brace in it. */
function unfilled({ file, value, placeOf }: ReadDocument): readonly Fault[] {
  return itemsIn(value).flatMap(({ manifest, at }) => {
    const { name, namespace } = Object(manifest['metadata']) as Manifest;
    const [field, got] =
      Object.entries({ name, namespace }).find(([, text]) => /\$[A-Za-z_{(]|\{\{/.test(String(text ?? ''))) ?? [];
    if (field === undefined) return [];
    const fix = String(got).includes('{{') ? UNRENDERED.fix : `fill it in first: envsubst < ${file} | npx cdk8s-phoenix check -`;
    return [
      { file, ...placeOf([...at, 'metadata', field]), prop: `metadata.${field}`, must: 'be filled in', got: String(got), fix },
    ];
  });
}

function unrendered(file: string, text: string, offset: number): Fault {
  const { line, column } = new Lines(text).positionOf(offset);
  return { file, line, column, ...UNRENDERED };
}

function unreadable(file: string, { text, line: before }: YamlPart, error: unknown): Fault {
  const { reason, line = 1, column } = yamlFault(error);
  // Braces of a template open a mapping, and the parser notices far behind them.
  const braces = /^\s*(?:[\w-]+: *|- *)?\{\{/m.exec(text);
  if (braces) {
    const opening = new Lines(text).positionOf(braces.index + braces[0].indexOf('{{'));
    return { file, ...opening, line: opening.line + before, ...UNRENDERED };
  }
  const place = { file, line: line + before, column };
  // A password that begins with a star looks like an alias, and is no word for a sentence.
  const got = reason.replace(/ ".*"/s, '');
  return { ...place, prop: 'YAML', must: 'be readable', got, fix: remedy(reason, text) };
}

const UNRENDERED = {
  prop: 'YAML',
  must: 'be rendered',
  got: 'a template',
  fix: 'render it first: helm template <chart> | npx cdk8s-phoenix check -',
};

function remedy(reason: string, text: string): string {
  if (/^ *\t/m.test(text)) return 'indent by spaces: YAML takes no tab';
  if (reason.includes('duplicated')) return 'keep one of the two';
  return 'mend the line, or the one above it';
}

/** The objects of a document, with their places in it: a list is taken apart, as kubectl does. */
export function itemsIn(value: unknown, at: readonly string[] = []): readonly { manifest: Manifest; at: readonly string[] }[] {
  const { kind, items } = Object(value) as Manifest;
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items))
    return items.flatMap((item: unknown, index) => itemsIn(item, [...at, 'items', String(index)]));
  return isObject(value) ? [{ manifest: value, at }] : [];
}

/** Whether it says what it is, or has the form of an object that forgot to. */
function isObject(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { apiVersion, kind, metadata, spec } = value as Manifest;
  return (apiVersion ?? kind) !== undefined || (metadata !== undefined && spec !== undefined);
}
