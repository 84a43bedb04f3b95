/** Of these characters a line can be read as it stands: no tab, no escape, no other kind of line break. */
const OUTSIDE = /[^\n\x20-\x7e\xa1-\u1fff\u3000-\ud7ff\uf900-\ufefe]/;
const BLANK = /^ *(?:#.*)?$/;
/** An entry of a mapping, or of a list: the key with its colon or the dash, and what follows. */
const ENTRY = /^(?:(\w[\w./-]{0,200}):|-)(?: +(.*))?$/;
const DOUBLE_QUOTED = /^"(?:[^"\\]|\\["\\bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"$/;
const SINGLE_QUOTED = /^'(?:[^']|'')*'$/;
/** Text that starts like nothing else, and holds nothing that ends it. */
const PLAIN = /^(?![-?:](?: |$))(?!.*(?:: | #|:$| $))[^\s,[\]{}#&*!|>'"%@`]/;
/** What may be a number, a switch, nothing or a merge: the library says. */
const AMBIGUOUS = /^(?:[-+.=<\d].*|~|null|true|false|yes|no|on|off|y|n)$/i;

/** Whoever writes further to the right than this does not write for people. */
const DEEPEST = 200;

/**
 * The object of a document in the style that our writer and most tools write: block mappings and lists, scalars of one line,
 * literal blocks. It is most of what a plan reads, and takes a sixth of the time of a reader of all of YAML.
 *
 * @param scalar reads plain text that may be something else than text
 * @returns undefined where anything is of another style, and for the library then
 */
export function readPlainYaml(text: string, scalar: (text: string) => unknown): object | undefined {
  return OUTSIDE.test(text) ? undefined : new PlainDocument(text, scalar).read();
}

class PlainDocument {
  private readonly lines: string[];
  /** The line that is read next; never a blank one. */
  private at = 0;
  private isPlain = true;

  constructor(
    text: string,
    private readonly scalar: (text: string) => unknown,
  ) {
    this.lines = text.split('\n');
  }

  read(): object | undefined {
    this.skipBlank();
    const { indent } = this;
    const value = indent < 0 ? this.leave() : this.block(indent);
    return value !== null && this.isPlain && this.at >= this.lines.length ? value : undefined;
  }

  /** The line that is read next; empty behind the last one. */
  private get line(): string {
    return this.lines[this.at] ?? '';
  }

  /** How far it is indented; -1 behind the last one. */
  private get indent(): number {
    return this.line.search(/[^ ]/);
  }

  private skipBlank(): void {
    while (this.at < this.lines.length && BLANK.test(this.line)) this.at += 1;
  }

  /** Gives the document up: nothing of it is read any more. */
  private leave(): null {
    this.isPlain = false;
    this.at = this.lines.length;
    return null;
  }

  /** A mapping or a list whose entries begin at a column. */
  private block(column: number): object {
    if (column > DEEPEST) this.leave();
    return this.line[column] === '-' ? this.list(column) : this.mapping(column);
  }

  private list(column: number): unknown[] {
    const items: unknown[] = [];
    while (this.indent === column) {
      const { key, rest } = this.entry(column);
      if (key !== undefined) break;
      items.push(ENTRY.test(rest) ? this.behindDash(rest) : this.value(rest, column));
    }
    return items;
  }

  /** What stands behind a dash is read as if it stood alone in its line. */
  private behindDash(rest: string): object {
    const start = this.line.length - rest.length;
    this.lines[this.at] = ' '.repeat(start) + rest;
    return this.block(start);
  }

  private mapping(column: number): object {
    const values: Record<string, unknown> = {};
    while (this.indent === column) {
      const { key, rest } = this.entry(column);
      if (key === undefined || key in values || this.plain(key) !== key) this.leave();
      else values[key] = this.value(rest, column, true);
    }
    return values;
  }

  private entry(column: number): { readonly key?: string; readonly rest: string } {
    const entry = ENTRY.exec(this.line.slice(column));
    if (!entry) this.leave();
    const [, key, rest = ''] = entry ?? [];
    return { key, rest };
  }

  /** What an entry holds: on its line, or on those below it. */
  private value(rest: string, column: number, ofMapping = false): unknown {
    this.at += 1;
    if (rest === '|') return this.literal(column, '\n');
    if (rest === '|-') return this.literal(column, '');
    this.skipBlank();
    if (rest !== '') return this.inline(rest);
    const { indent } = this;
    const isBelow = indent > column || (ofMapping && indent === column && this.line[column] === '-');
    return isBelow ? this.block(indent) : null;
  }

  private inline(text: string): unknown {
    if (text === '{}') return {};
    if (text === '[]') return [];
    if (DOUBLE_QUOTED.test(text)) return JSON.parse(text);
    if (SINGLE_QUOTED.test(text)) return text.slice(1, -1).replaceAll("''", "'");
    return PLAIN.test(text) ? this.plain(text) : this.leave();
  }

  private plain(text: string): unknown {
    return AMBIGUOUS.test(text) ? this.scalar(text) : text;
  }

  /** The lines of `|`, whose first one says how far all are indented. */
  private literal(column: number, end: string): string | null {
    let first = this.at;
    while (/^ *$/.test(this.lines[first] ?? 'end')) first += 1;
    const indent = (this.lines[first] ?? '').search(/[^ ]/);
    if (indent <= column) return this.leave();
    const margin = ' '.repeat(indent);
    const text: string[] = [];
    for (; this.at < this.lines.length; this.at += 1) {
      const isBlank = /^ *$/.test(this.line);
      if (isBlank && this.line.length > indent) return this.leave();
      if (!isBlank && !this.line.startsWith(margin)) break;
      text.push(this.line.slice(indent));
    }
    this.skipBlank();
    return text.join('\n').replace(/\n*$/, end);
  }
}
