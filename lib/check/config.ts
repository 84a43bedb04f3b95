import { isMap } from '../support/is-map';
import { didYouMean } from '../support/nearest';
import type { Refusal } from '../support/reject';
import { readDocuments, type ReadDocument } from './documents';
import type { Fault, Place } from './fault';
import type { InputFile } from './input';
import type { Given, LeaveOut, Said } from './settings';

const TEXTS = ['kubernetes', 'namespace', 'previous', 'format', 'severity'] as const;
const LISTS = ['provide', 'beam'] as const;
const KEYS: readonly string[] = [...TEXTS, ...LISTS, 'leaveOut'];

/** What a file says. */
export interface Config {
  readonly given: Given;
  readonly faults: readonly Fault[];
}

/** Reads what is said of a check in a file: the options of the command line, by their names. */
export function configIn(input: InputFile): Config {
  const { documents, faults } = readDocuments(input);
  const [document] = documents;
  // All of it may be commented out.
  if (!document && faults.length === 0) return { given: NOTHING, faults };
  if (!document || documents.length > 1 || !isMap(document.value ?? {})) {
    const fix = `write ${KEYS.join(', ')}, each with what it is`;
    const wrong = { file: input.file, line: 1, prop: 'config', must: 'be one mapping', got: 'something else', fix };
    return { given: NOTHING, faults: faults.length > 0 ? faults : [wrong] };
  }
  const read = new ConfigReader(document, (document.value ?? {}) as Values);
  return { given: read.given(), faults: read.faults };
}

export const NOTHING: Given = { leaveOut: [], provide: [], beam: [] };

type Values = Readonly<Record<string, unknown>>;

class ConfigReader {
  readonly faults: Fault[] = [];

  constructor(
    private readonly document: ReadDocument,
    private readonly values: Values,
  ) {
    for (const key of Object.keys(values).filter((one) => !KEYS.includes(one))) {
      const fix = didYouMean(key, KEYS, `write one of ${KEYS.join(', ')}`);
      this.refuse([key], { prop: key, must: 'be one that is known', got: key, fix });
    }
  }

  given(): Given {
    const [provide, beam] = LISTS.map((key) => this.list(key));
    const texts = Object.fromEntries(TEXTS.flatMap((key) => (key in this.values ? [[key, this.text(key)]] : [])));
    return { ...texts, leaveOut: this.leaveOut(), provide: provide ?? [], beam: beam ?? [] };
  }

  private text(key: string): Said | undefined {
    const value = this.values[key];
    if (typeof value === 'string') return { text: value, prop: key, place: this.placeOf([key]) };
    // 1.30 without quotes is the number 1.3.
    const meant = key === 'kubernetes' && /^1\.[1-9]$/.test(String(value)) ? `${value}0` : String(value);
    const isPlain = typeof value === 'number' || typeof value === 'boolean';
    const fix = isPlain ? `write it in quotes: ${key}: '${meant}'` : 'write one, or leave the line out';
    this.refuse([key], { prop: key, must: 'be a text', got: value, fix });
    return undefined;
  }

  private list(key: string): readonly Said[] {
    const value = this.values[key] ?? [];
    if (isTexts(value))
      return value.map((text, index) => ({ text, prop: `${key}[${index}]`, place: this.placeOf([key, String(index)]) }));
    const strange = Array.isArray(value) ? value.findIndex((one) => typeof one !== 'string') : -1;
    const [place, prop] = strange < 0 ? [[key], key] : [[key, String(strange)], `${key}[${strange}]`];
    const must = strange < 0 ? 'be a list of texts' : 'be a text';
    const got: unknown = strange < 0 ? value : (value as unknown[])[strange];
    this.refuse(place, { prop, must, got, fix: strange < 0 ? `write ${key}: [...]` : 'write it in quotes' });
    return [];
  }

  /** A reason for each rule; or several, each with the objects that it is for. */
  private leaveOut(): readonly LeaveOut[] {
    const value = this.values['leaveOut'] ?? {};
    if (isMap(value))
      return Object.entries(value).flatMap(([rule, one]) =>
        Array.isArray(one) ? one.flatMap((said, index) => this.excuse(rule, said, index) ?? []) : (this.excuse(rule, one) ?? []),
      );
    const fix = 'write the reason behind the name of the rule: image-digest: "the tag is the commit, and never moves"';
    this.refuse(['leaveOut'], { prop: 'leaveOut', must: 'be a mapping', got: value, fix });
    return [];
  }

  private excuse(rule: string, said: unknown, index?: number): LeaveOut | undefined {
    const steps = ['leaveOut', rule, ...(index === undefined ? [] : [String(index)])];
    const prop = `leaveOut.${rule}${index === undefined ? '' : `[${index}]`}`;
    const place = this.placeOf(steps);
    if (typeof said === 'string') return { rule, reason: said, prop, place };
    const { reason, objects, ...others } = isMap(said) ? said : {};
    if (typeof reason === 'string' && isTexts(objects) && Object.keys(others).length === 0)
      return { rule, reason, objects, prop, place };
    const fix = 'write the reason, or { reason: ..., objects: [Deployment/shop] }, or a list of those';
    this.refuse(steps, { prop, must: 'say why', got: said, fix });
    return undefined;
  }

  private placeOf(steps: readonly string[]): Place {
    return { file: this.document.file, ...this.document.placeOf(steps) };
  }

  private refuse(steps: readonly string[], refusal: Refusal): void {
    this.faults.push({ ...this.placeOf(steps), ...refusal });
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
