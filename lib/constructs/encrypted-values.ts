import { createHash } from 'node:crypto';

/** What stands where an encrypted value ought to. Never the value: it may be the secret itself. */
export function described(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? `${value.length} characters` : `a ${typeof value}`;
}

/** Changes with encrypted values, whose hash tells nobody what they are. */
export function hashOf(encrypted: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(encrypted).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 10);
}
