import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { className } from './classes';
import type { PropType } from './shape';

/** What to write in place of a value of the wrong type, in TypeScript: `Duration.minutes(10), or OptOut.because('...')`. */
export function whatToWrite(
  got: unknown,
  allowed: readonly PropType[],
  words: readonly string[] = [],
  object = '{ ... }',
): string {
  const ways = allowed
    .filter((type) => type !== undefined)
    .map((type) => (type === 'object' ? `an object, ${object}` : way(got, type)));
  if (words.length > 0) ways.unshift(words.length === 1 ? `'${words[0]}'` : `one of the ${words.length} words`);
  return `write ${ways.join(', or ')}`;
}

function way(got: unknown, type: Exclude<PropType, undefined>): string {
  if (typeof type === 'string') return WORDS[type](got);
  if (type === Duration) return `Duration.${duration(got)}`;
  if (type === Size) return `Size.${size(got)}`;
  if (type === Cpu) return `Cpu.${cpu(got)}`;
  return EXAMPLES[className(type)] ?? `what ${className(type)} makes`;
}

/** Of our own classes: how most of them are made. */
const EXAMPLES: Readonly<Record<string, string>> = {
  OptOut: "OptOut.because('...') with the reason",
  Probe: "Probe.http({ path: '/health' })",
  Resources: 'Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(512) })',
};

const WORDS: Readonly<Record<Exclude<PropType, undefined | object>, (got: unknown) => string>> = {
  string: (got) => (typeof got === 'number' ? `it in quotes, '${got}'` : "a text, '...'"),
  number: (got) => (isNumeric(got) ? `${Number(got)} without quotes` : 'a number'),
  boolean: (got) => (got === 'true' || got === 'false' ? `${got} without quotes` : 'true or false'),
  array: (got) => (typeof got === 'string' ? `it as a list, ['${got}']` : 'a list, [...]'),
  object: () => 'an object, { ... }',
  function: () => 'a function',
};

function isNumeric(got: unknown): boolean {
  return typeof got === 'string' && got.trim() !== '' && Number.isFinite(Number(got));
}

const DURATIONS: Readonly<Record<string, string>> = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days' };

function duration(got: unknown): string {
  const [, amount = '10', unit] = /^\s*(\d+)\s*([smhd])?/.exec(text(got)) ?? [];
  // Nobody knows which unit a bare number was meant in; the YAML has seconds.
  if (unit === undefined && /\d/.test(text(got))) return `seconds(${amount}) or Duration.minutes(${amount})`;
  return `${DURATIONS[unit ?? 'm']}(${amount})`;
}

const SIZES: Readonly<Record<string, string>> = { K: 'kibibytes', M: 'mebibytes', G: 'gibibytes', T: 'tebibytes' };

function size(got: unknown): string {
  const [, amount = '512', unit = 'M'] = /^\s*(\d+)\s*([KMGT]?)/.exec(text(got)) ?? [];
  return `${SIZES[unit] ?? 'mebibytes'}(${amount})`;
}

/** As in the YAML, `250m` are thousandths; nobody asks for 250 cores. */
function cpu(got: unknown): string {
  const [, amount = '250', unit = ''] = /^\s*(\d+)(m?)/.exec(text(got)) ?? [];
  return unit === 'm' || Number(amount) > 64 ? `millis(${amount})` : `units(${amount})`;
}

function text(got: unknown): string {
  return typeof got === 'string' || typeof got === 'number' ? String(got) : '';
}
