import { partsOf, readDocument, yamlFault, type YamlPart } from '../support/read-yaml';
import type { Fault } from './fault';
import type { InputFile, Skipped } from './input';
import { lostIn } from './items';
import { valuesApart } from './json-parts';
import { Lines } from './lines';
import { Places } from './places';
import { unfilledIn, UNRENDERED } from './unfilled';

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

/** What helm's templates say and nothing else does: alerts, their messages and Secrets have braces of their own. */
const HELM = /\{\{-?\s*(?:\$?\.(?:Values|Release|Chart|Capabilities|Files|Template)\b|(?:include|toYaml|tpl)\s)/;

/** The documents of a file, as kubectl reads them. */
export function readDocuments({ file, text, named }: InputFile): ReadFile {
  const documents: ReadDocument[] = [];
  const faults: Fault[] = [];
  const skipped: Skipped[] = [];
  const template = HELM.exec(text);
  if (template) return { documents, skipped, faults: [unrendered(file, text, template.index)] };
  for (const part of partsOf(text).flatMap(valuesApart)) {
    try {
      const read = readPart(file, part);
      documents.push(...read);
      faults.push(...unseparated(part, read), ...read.flatMap((one) => [...unfilledIn(one), ...lostIn(one)]));
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
  const { line } = placeAt(Math.max(part.text.search(/^[ \t]*[^\s#]/m), 0));
  return documents.map((value, index) => ({
    file,
    value,
    // Where several are parsed together, as behind a directive, the first one shows where they are.
    line,
    placeOf: (steps) => placeAt(places.offsetOf(index, steps)),
  }));
}

/** What kubectl loses of a file, and says nothing: it takes lines of three dashes apart, and reads one document in each part. */
function unseparated({ text }: YamlPart, [, second]: readonly ReadDocument[]): readonly Fault[] {
  if (!second || /^%/m.test(text)) return [];
  const fix =
    'write --- between them, alone in its line, which ends with a line feed: kubectl applies the first one, and no more';
  return [{ file: second.file, ...second.placeOf([]), prop: 'YAML', must: 'be told apart', got: 'a second document', fix }];
}

function unrendered(file: string, text: string, offset: number): Fault {
  const { line, column } = new Lines(text).positionOf(offset);
  return { file, line, column, ...UNRENDERED };
}

function unreadable(file: string, { text, line: before }: YamlPart, error: unknown): Fault {
  const { reason, line = 1, column } = yamlFault(error);
  // Braces of a template open a mapping, and the parser notices far behind them.
  const braces = /^\s*(?:[\w-]+: *|- *)?\{[{%]/m.exec(text);
  if (braces) {
    const opening = new Lines(text).positionOf(braces.index + braces[0].indexOf('{'));
    return { file, ...opening, line: opening.line + before, ...UNRENDERED };
  }
  const place = { file, line: line + before, column };
  // A password that begins with a star looks like an alias, with a ! like a tag, and is no word for a sentence.
  const got = reason.replace(/ ".*"| !<.*>/s, '');
  return { ...place, prop: 'YAML', must: 'be readable', got, fix: fixOf(reason, text) };
}

function fixOf(reason: string, text: string): string {
  if (/^ *\t/m.test(text)) return 'indent by spaces: YAML takes no tab';
  if (/\btag\b|alias$/.test(reason)) return 'put the text into quotes, where it is one: * and ! are signs of YAML';
  if (reason.includes('duplicated')) return 'keep one of the two';
  return 'mend the line, or the one above it';
}
