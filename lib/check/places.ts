import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import { readScalar } from '../support/read-yaml';

/** Where something stands in a text: an offset from 0. */
interface Node {
  readonly start: number;
  /** The entries of a mapping, each with the place of its key. */
  readonly entries?: ReadonlyMap<string, { readonly key: number; readonly value: Node }>;
  /** The items of a list. */
  readonly items?: readonly Node[];
  /** The text of a scalar. */
  readonly text?: string;
}

/** Finds where fields stand in a text of YAML: what a parser has thrown away. */
export class Places {
  private documents: readonly Node[] | undefined;

  constructor(private readonly text: string) {}

  /**
   * The offset of a field, or of the nearest one around it that is there.
   *
   * @param index which document of the text, from 0
   * @param steps the names and numbers of the field
   */
  offsetOf(index: number, steps: readonly string[]): number {
    this.documents ??= documentsIn(this.text);
    const node = this.documents[index];
    return node ? offsetIn(node, steps, node.start) : 0;
  }
}

function offsetIn({ entries, items }: Node, steps: readonly string[], around: number): number {
  const [step, ...rest] = steps;
  if (step === undefined) return around;
  if (items) {
    // A variable is called by its name: `env.PORT`.
    const item = /^\d+$/.test(step) ? items[Number(step)] : items.find((one) => one.entries?.get('name')?.value.text === step);
    return item ? offsetIn(item, rest, item.start) : around;
  }
  // A key may have dots of its own.
  for (let length = 1; entries && length <= steps.length; length += 1) {
    const entry = entries.get(steps.slice(0, length).join('.'));
    if (entry) return offsetIn(entry.value, steps.slice(length), entry.key);
  }
  return around;
}

/** The text of a scalar; of a plain one what it is read as, which a field is called by: the key y is the switch true. */
function keyOf(text: string, event: Parameters<typeof getScalarValue>[1]): string {
  const value = getScalarValue(text, event);
  return event.style === SCALAR_STYLE.PLAIN ? String(readScalar(value)) : value;
}

function documentsIn(text: string): readonly Node[] {
  const events = parseEvents(text, {});
  const documents: Node[] = [];
  let at = 0;
  const read = (): Node => {
    const event = events[at];
    at += 1;
    if (!event) return { start: 0 };
    if (event.type === EVENT_ID.SCALAR) return { start: Math.max(event.valueStart, 0), text: keyOf(text, event) };
    if (event.type === EVENT_ID.ALIAS) return { start: event.anchorStart };
    const start = 'start' in event ? event.start : 0;
    const inner: Node[] = [];
    while (events[at] && events[at]?.type !== EVENT_ID.POP) inner.push(read());
    at += 1;
    if (event.type !== EVENT_ID.MAPPING) return { start, items: inner };
    const entries = new Map<string, { key: number; value: Node }>();
    for (let index = 0; index + 1 < inner.length; index += 2) {
      const [key, value] = [inner[index], inner[index + 1]];
      if (key?.text !== undefined && value) entries.set(key.text, { key: key.start, value });
    }
    return { start, entries };
  };
  while (at < events.length) {
    const isDocument = events[at]?.type === EVENT_ID.DOCUMENT;
    const { items: [first] = [] } = read();
    if (isDocument) documents.push(first ?? { start: 0 });
  }
  return documents;
}
