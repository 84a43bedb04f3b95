import type { LeaveOut } from './settings';

/** What rules say to somebody who writes literals, and how that is done on a command line. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/Checks\.of\(app\)\.provide\(\{ kind: '([^']+)', name: '([^']+)' \}\)/g, '--provide $1/$2'],
  [/Checks\.of\(app\)\.provide\(\{ kind: '([^']+)', name \}\)/g, '--provide $1/<name>'],
  [/Checks\.of\(app\)\.leaveOut\('([^']+)', OptOut\.because\('\.\.\.'\)\)/g, '--leave-out $1=<reason>'],
  [/declare it with (--provide \S+)/g, 'say $1'],
  [/, by 'singleton: true' of a role/g, ''],
  [/raise the environment's Kubernetes version/g, 'say a newer --kubernetes'],
  [/where an operator makes the pods, leave the rule out here/g, 'where an operator makes the pods, --leave-out this rule'],
  [/, or pass its link in 'databases' of the release/g, ''],
  [/, or (?:, where nobody connects there, )?(?:write|name) [^;]*backingServices[^;]*/g, ''],
  [/or, where nobody connects there, write backingServices:[^;]*/g, ''],
];

/** A remedy in the words of whoever has the YAML alone. */
export function remedyOf(fix: string): string {
  return WORDS.reduce((text, [pattern, words]) => text.replace(pattern, words), fix);
}

/** The words for something left out. */
export function leftOutText({ rule, reason }: LeaveOut, count: number): string {
  return `left out: ${rule}, ${count === 1 ? 'found once' : `found ${count} times`}: ${reason}`;
}
