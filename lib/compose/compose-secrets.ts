import { WRITTEN } from '../image/written';

/** The variable of a Secret's key, `<name>/<key>`. The Secret's name keeps it apart from what a shell has for other purposes. */
export function secretVariable(key: string): string {
  return key.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
}

/** The file that Compose reads variables from. */
export function environmentFile(values: ReadonlyMap<string, string>, environment: string): string {
  const lines = [...values].map(([name, value]) => `${name}=${quoted(value)}`);
  return [
    WRITTEN,
    `# The literal secrets of ${environment}, for compose.yaml beside it. Those of other environments are nowhere.`,
    ...lines,
    '',
  ].join('\n');
}

/** Single quotes keep all but themselves, and a backslash before them; in double ones the rest is told apart by a backslash. */
function quoted(value: string): string {
  if (!/['\\]/.test(value)) return `'${value}'`;
  return `"${value.replaceAll(/["\\$]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/** A text as compose.yaml has it, where `$` begins the name of a variable. */
export function escaped(value: string): string {
  return value.replaceAll('$', '$$$$');
}

/** A text as one word of a shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
