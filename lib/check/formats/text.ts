import { grouped } from '../../model/values';
import { at } from '../fault';
import { countOf, wordsOf, type Problem, type Report } from '../problem';
import type { Settings } from '../settings';

/** What was found, for people: a line each, and a last one that counts. */
export function asText(report: Report, { severity }: Pick<Settings, 'severity'>): string {
  const { problems, notes } = report;
  const told = severity === undefined ? shortened(problems) : problems.map((problem) => lineOf(problem));
  return `${[...told, ...notes.map((note) => `note: ${note}`), lastLine(report)].map(printable).join('\n')}\n`;
}

/** What a log shows where findings go to a file. */
export function asideOf(report: Report): string {
  return `${[...report.notes.map((note) => `note: ${note}`), lastLine(report)].map(printable).join('\n')}\n`;
}

/** A line that is no more than that: what YAML writes as an escape could move a terminal's cursor, or colour what follows. */
export function printable(line: string): string {
  return line.replaceAll(/[\r\n\u0085\u2028\u2029]+/g, ' ').replaceAll(CONTROL, '?');
}

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Errors one by one; of warnings of one rule the first, and of matters of policy the rules alone, so that what hurts is not lost. */
function shortened(problems: readonly Problem[]): string[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  const pressing = byRule(warnings.filter((one) => !one.policy));
  const first = pressing.flatMap(([one, ...others]) => (one ? [lineOf(one, others.length)] : []));
  const policy = byRule(warnings.filter((one) => one.policy));
  return [...errors.map((problem) => lineOf(problem)), ...first, ...missing(pressing.flat()), ...policyLine(policy)];
}

function byRule(problems: readonly Problem[]): readonly (readonly Problem[])[] {
  return [...grouped(problems, ({ rule }) => rule).values()];
}

/** What to say once for all that is somewhere else. */
function missing(problems: readonly Problem[]): readonly string[] {
  const names = new Set(problems.flatMap(({ fix }) => /--provide [\w./-]+$/.exec(fix)?.[0] ?? []));
  return names.size < 2 ? [] : [`where these are in the cluster: ${[...names].join(' ')}`];
}

function policyLine(rules: readonly (readonly Problem[])[]): readonly string[] {
  const counts = rules.map((problems) => {
    const places = problems.reduce((sum, one) => sum + one.places.length, 0);
    return `${problems[0]?.rule} ${places}`;
  });
  return counts.length === 0 ? [] : [`policy, by the number of places: ${counts.join(', ')}; --severity warning tells each`];
}

/** `k8s/web.yaml:34 Deployment/shop 'spec.replicas' must be 2, got 1; raise it (rule)`. */
function lineOf(problem: Problem, others = 0): string {
  const { places, rule, severity } = problem;
  const [place, ...more] = places;
  if (!place) return '';
  const elsewhere = more.slice(0, 3).map(({ file, line }) => at({ file, line }));
  const also = more.length === 0 ? '' : ` and ${more.length} more (${elsewhere.join(', ')}${more.length > 3 ? ', ...' : ''})`;
  const rest = others === 0 ? '' : `, and ${others} more of this rule`;
  const where = `${at({ file: place.file, line: place.line })} ${place.object} '${place.field}'${also}`;
  return `${where} ${wordsOf(problem)} (${severity === 'error' ? '' : 'warning: '}${rule}${rest})`;
}

/** `2 errors, 14 warnings in 7 objects; took shop/web for a BEAM release`, or that nothing was judged. */
export function lastLine({ problems, objects, releases, untold = 0, unread = false }: Report): string {
  if (unread) return `${counted(problems.length, 'fault')}; nothing was checked`;
  const warnings = untold > 0 ? `${counted(untold, 'warning')} not told` : counted(countOf(problems, 'warning'), 'warning');
  const counts = [counted(countOf(problems, 'error'), 'error'), warnings].join(', ');
  const taken = releases.length > 1 ? `${listed(releases)} for BEAM releases` : `${listed(releases)} for a BEAM release`;
  const none = 'nothing for a BEAM release: --beam <name> says what is one';
  return `${counts} in ${counted(objects, 'object')}; took ${releases.length === 0 ? none : taken}`;
}

function listed(names: readonly string[]): string {
  if (names.length > 5) return `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join('');
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
