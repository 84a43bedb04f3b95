import type { FinishedObject } from '../model/world';
import { isSecretName } from '../checks/secrets/signs';
import { map, scalar } from '../model/values';
import { isKey } from '../support/forms';

/** Shorter values are words of any sentence. */
const SHORTEST = 6;
/** What many objects are called, and no password that is one. */
const NAME = /^[a-z][a-z_-]{0,15}$/;

/** Takes the values of Secrets out of a text: what is printed is read by more people than a Secret. */
export function maskOf(objects: readonly FinishedObject[]): (text: string) => string {
  const values = [...new Set(objects.flatMap(valuesOf))].filter((value) => value.length >= SHORTEST && !NAME.test(value));
  if (values.length === 0) return (text) => text;
  // There may be thousands: each is looked for only where its first letters are.
  const byStart = new Map<string, string[]>();
  for (const value of values.sort((one, other) => other.length - one.length)) {
    const start = value.slice(0, SHORTEST);
    const others = byStart.get(start);
    if (others) others.push(value);
    else byStart.set(start, [value]);
  }
  return (text) => masked(text, byStart);
}

function masked(text: string, byStart: ReadonlyMap<string, readonly string[]>): string {
  let [shown, from] = ['', 0];
  for (let at = 0; at + SHORTEST <= text.length; at += 1) {
    const value = byStart.get(text.slice(at, at + SHORTEST))?.find((one) => text.startsWith(one, at));
    if (value === undefined) continue;
    shown += `${text.slice(from, at)}<${value.length} characters>`;
    from = at + value.length;
    at = from - 1;
  }
  return shown + text.slice(from);
}

/** What a Secret holds, also where it has the form of one no more; of others what stands where a text should. */
function valuesOf({ manifest }: FinishedObject): string[] {
  if (manifest['kind'] !== 'Secret') return misshapen(manifest);
  const { apiVersion: _, kind: __, metadata: ___, type: ____, ...held } = manifest;
  const texts = [...Object.keys(held).filter((key) => !FIELDS.has(key)), ...scalarsIn(Object.values(held))];
  // `TOKEN=hunter2: ""` has its value in its key.
  const strange = [held['data'], held['stringData']].flatMap((part) => Object.keys(map(part)).filter((key) => !isKey(key)));
  return [...texts, ...strange].flatMap((text) => [text.trim(), Buffer.from(text, 'base64').toString().trim()]);
}

const FIELDS: ReadonlySet<string> = new Set(['data', 'immutable', 'stringData']);

function scalarsIn(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(scalarsIn);
  return [scalar(value) ?? []].flat();
}

/** A list or a mapping behind the name of a secret, and variables that are no list of names and values. */
function misshapen(value: unknown, of = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): string[] => {
    if (of === 'env') return variableIn(key, inner);
    if (isSecretName(key) && key === key.toUpperCase()) return scalarsIn(inner);
    return misshapen(inner, key);
  });
}

/** `DB_PASSWORD: ...` and `- DB_PASSWORD=...`, as compose files have them, and what stands beside a value. */
function variableIn(key: string, inner: unknown): string[] {
  const [, named, value] = typeof inner === 'string' ? (/^([^=]+)=(.*)$/s.exec(inner) ?? []) : [];
  if (named !== undefined && value !== undefined) return isSecretName(named) ? [value] : [];
  if (typeof inner !== 'object' || inner === null) return isSecretName(key) ? scalarsIn(inner) : [];
  const { name, valueFrom: _, ...others } = inner as Readonly<Record<string, unknown>>;
  return isSecretName(String(name)) ? scalarsIn(others) : [];
}
