import { OPERATORS, type OperatorName, type Operators, type Release } from '../support/operators';
import { nearest } from '../support/nearest';
import { isBefore } from '../support/versions';
import type { Finding } from '../model/finding';
import { originOf } from './fields';
import type { Table } from './grammar';
import { groups } from './groups';
import { either, leftOut, remedy, type Remedy } from '../model/remedy';

/** What the objects ask of one operator. */
interface Asked {
  readonly release: Release;
  readonly because?: string;
}

/** Follows which releases of operators know the objects that a walk goes through. */
export class Releases {
  readonly needed = new Map<OperatorName, Asked>();
  private operator: OperatorName | undefined;

  constructor(private readonly declared: Operators) {}

  /** Begins with an object. Says since when its kind is there, where that is later than the release declared. */
  enter(apiVersion: unknown, kind: unknown): Release | undefined {
    const origin = originOf(apiVersion, kind);
    this.operator = origin?.operator;
    if (!origin) return undefined;
    const { operator, oldest, since } = origin;
    if (!this.needed.has(operator)) this.needed.set(operator, { release: oldest });
    return since !== undefined && this.lacks(since, () => `${apiVersion} ${kind}`) ? since : undefined;
  }

  /** Whether the release declared is earlier than the one that brought something. */
  lacks(since: Release, what: () => string): boolean {
    const { operator } = this;
    if (operator === undefined) return false;
    const before = this.needed.get(operator);
    if (!before || isBefore(before.release, since)) this.needed.set(operator, { release: since, because: what() });
    const declared = this.declared[operator];
    return declared !== undefined && isBefore(declared, since);
  }

  /** The operator of the object, and what to write, as a rule says it. */
  sentence(since: Release): Remedy & { must: string } {
    const { operator } = this;
    const title = operator === undefined ? 'its operator' : `${OPERATORS[operator]} ${this.declared[operator]}`;
    return { must: `be known to ${title}`, ...cameWith(since, operator) };
  }
}

/** What to do about something that came later than the release that is declared. */
function cameWith(since: Release, operator: string | undefined): Remedy {
  const raise = either('have the cluster run that release', `raise operators['${operator}'] of the environment`);
  return remedy`it came with ${since}: take it out, or ${raise}`;
}

type Unserved = Omit<Finding, 'object'>;

/** Why an operator does not serve a kind under an `apiVersion`; undefined where it does, and where nothing is known of the group. */
export function unserved(apiVersion: string, kind: string, operators: Operators): Unserved | undefined {
  const [group = '', version = ''] = apiVersion.split('/');
  const table = Object.hasOwn(groups, group) ? groups[group]?.() : undefined;
  if (!table) return misspelt(group, kind);
  const project = table.project as OperatorName | undefined;
  const declared = project && operators[project];
  const newest = table.releases?.at(-1);
  // What a later release than the newest known has more is not known here.
  if (declared !== undefined && newest !== undefined && isBefore(newest, declared)) return undefined;
  const title = project === undefined ? group : `${OPERATORS[project]}${declared === undefined ? '' : ` ${declared}`}`;
  const must = `be served by ${title}`;
  const span = spanOf(table, `${version}/${kind}`);
  const others = versionsOf(table, kind).map((one) => `${group}/${one}`);
  if (!span) {
    if (others.length > 0) return { field: 'apiVersion', must, got: apiVersion, fix: `write ${others.join(' or ')}` };
    const meant = nearest(kind, kindsOf(table));
    const provide = either('say --provide CustomResourceDefinition/<its name>', 'declare it as provided');
    const elsewhere = remedy`where the cluster has it all the same, put its CustomResourceDefinition beside it, or ${provide}`;
    return { field: 'kind', must, got: `${apiVersion} ${kind}`, ...(meant ? { fix: `write kind: ${meant}` } : elsewhere) };
  }
  if (span.gone !== undefined && (declared === undefined || !isBefore(declared, span.gone))) {
    const older = either(leftOut('api-version').fix, `operators: { '${project}': ... }`);
    const known = project === undefined ? '' : remedy`, or say ${older} where the cluster has an older release`;
    const way = remedy`it is gone since ${span.gone}: write ${others.join(' or ') || 'another kind'}${known}`;
    return { field: 'apiVersion', must, got: `${apiVersion} ${kind}`, ...way };
  }
  if (span.since === undefined || declared === undefined || !isBefore(declared, span.since)) return undefined;
  return { field: 'apiVersion', must, got: `${apiVersion} ${kind}`, ...cameWith(span.since, project) };
}

interface Span {
  readonly since?: Release;
  readonly gone?: Release;
}

/** When a version of a kind is served; of those that the table describes the walk through their fields knows it. */
function spanOf(table: Table, key: string): Span | undefined {
  if (Object.hasOwn(table.kinds, key)) return {};
  const text = table.others && Object.hasOwn(table.others, key) ? table.others[key] : undefined;
  if (text === undefined) return undefined;
  const [since, gone] = text.split('-').map((release) => (release === '' ? undefined : (release as Release)));
  return { since, gone };
}

/** The versions of a kind that the newest release serves. */
function versionsOf(table: Table, kind: string): string[] {
  return keysOf(table).flatMap((key) => (key.endsWith(`/${kind}`) ? [key.slice(0, key.indexOf('/'))] : []));
}

function kindsOf(table: Table): Set<string> {
  return new Set(keysOf(table).map((key) => key.slice(key.indexOf('/') + 1)));
}

function keysOf({ kinds, others = {} }: Table): string[] {
  const served = Object.keys(others).filter((key) => !others[key]?.includes('-'));
  return [...Object.keys(kinds), ...served];
}

/** A group that is one or two letters away from a known one which has the very kind. */
function misspelt(group: string, kind: string): Unserved | undefined {
  const meant = nearest(group, Object.keys(groups), 2);
  const table = meant === undefined ? undefined : groups[meant]?.();
  const [version] = table ? versionsOf(table, kind) : [];
  if (meant === undefined || version === undefined) return undefined;
  return { field: 'apiVersion', must: `name a group that serves ${kind}`, got: group, fix: `write ${meant}/${version}` };
}
