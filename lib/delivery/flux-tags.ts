import type { IConstruct } from 'constructs';
import { reject } from '../support/reject';

/** Which tags count, and what of them is compared. */
export interface FluxTags {
  /** Regular expression of Go that a tag must match: `'^main-[a-f0-9]+-(?P<time>[0-9]+)$'`. `filterTags.pattern`. */
  readonly pattern: string;
  /** What is compared of it, by the names of its groups: `'$time'`. `filterTags.extract`. @default - the whole tag */
  readonly extract?: string;
}

/**
 * Which tag of a repository is the newest: the highest version in a range, or the last one by number or alphabet.
 *
 * @write { semver: '>=1.0.0' }, or { newest: 'numerical', tags: { pattern: '^main-(?P<run>[0-9]+)$', extract: '$run' } }
 */
export type FluxImagePolicy =
  | {
      /** Versions that count: `'1.4.x'`, `'>=1.0.0 <2.0.0'`. `policy.semver.range`. */
      readonly semver: string;
      /** Which tags are looked at. @default - all that are versions */
      readonly tags?: FluxTags;
    }
  | {
      /** How they are compared. The highest is the newest: `policy.numerical`, `policy.alphabetical`. */
      readonly newest: 'numerical' | 'alphabetical';
      /** Which tags are looked at: of all, `latest` would be among them. */
      readonly tags: FluxTags;
    };

/** A policy as an ImagePolicy has it. */
export function policySpec(policy: FluxImagePolicy): Readonly<Record<string, unknown>> {
  const { tags } = policy;
  const order = { order: 'asc' };
  return {
    ...(tags ? { filterTags: { pattern: tags.pattern, ...(tags.extract === undefined ? {} : { extract: tags.extract }) } } : {}),
    policy: 'semver' in policy ? { semver: { range: policy.semver } } : { [policy.newest]: order },
  };
}

// The grammar of https://github.com/Masterminds/semver, which Flux compares by.
const X = '(?:\\d+|[xX*])';
const VERSION = `v?${X}(?:\\.${X}){0,2}(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?`;
const ONE = `(?:(?:=|==|!=|>|<|>=|=>|<=|=<|~|~>|\\^)?\\s*${VERSION})`;
const ALL = `(?:${VERSION}\\s+-\\s+${VERSION}|${ONE}(?:(?:\\s*,\\s*|\\s+)${ONE})*)`;
const RANGE = new RegExp(`^\\s*${ALL}(?:\\s*\\|\\|\\s*${ALL})*\\s*$`);

/** Refuses what Flux would not read, and a filter that lets `latest` through, which no environment runs. */
export function requirePolicy(scope: IConstruct, policy: FluxImagePolicy): void {
  if ('semver' in policy && !RANGE.test(policy.semver)) {
    const fix = "write it as '1.4.x', '^1.4', or '>=1.0.0 <2.0.0'";
    reject(scope, { prop: 'policy.semver', must: 'be a range of versions', got: policy.semver, fix });
  }
  if (policy.tags) requireTags(scope, policy.tags, 'newest' in policy && policy.newest === 'numerical');
}

function requireTags(scope: IConstruct, { pattern, extract }: FluxTags, areNumbers: boolean): void {
  const prop = 'policy.tags.pattern';
  const read = regular(pattern);
  if (!read) {
    const fix = "write it as '^main-(?P<run>[0-9]+)$': Go looks neither ahead nor back, and refers to no group";
    reject(scope, { prop, must: 'be a regular expression of Go', got: pattern, fix });
    return;
  }
  if (!pattern.startsWith('^') || !pattern.endsWith('$')) {
    reject(scope, { prop, must: 'be about the whole tag', got: pattern, fix: 'begin it with ^ and end it with $' });
  } else if (read.test('latest')) {
    const fix = 'match what your builds push, such as ^main-(?P<run>[0-9]+)$: what "latest" is changes without a review';
    reject(scope, { prop, must: 'leave out the tag latest', got: pattern, fix });
  }
  const groups = [...pattern.matchAll(/\(\?P?<(\w+)>/g)].map(([, name = '']) => name);
  const wanted = [...(extract ?? '').matchAll(/\$(?:\{(\w+)\}|(\w+))/g)].map(([, one, other]) => one ?? other ?? '');
  const count = (pattern.replace(/\\./g, '').match(/\((?!\?:)/g) ?? []).length;
  const lost = wanted.find((name) => !groups.includes(name) && !(/^\d+$/.test(name) && Number(name) <= count));
  if (extract !== undefined && (wanted.length === 0 || lost !== undefined)) {
    const fix =
      groups.length > 0 ? `write one of ${groups.map((name) => `$${name}`).join(', ')}` : 'name a group: (?P<run>[0-9]+)';
    reject(scope, { prop: 'policy.tags.extract', must: 'name groups of the pattern', got: extract, fix });
  } else if (areNumbers && extract === undefined && /[A-Za-z]/.test(pattern.replace(/\\[a-zA-Z]/g, ''))) {
    const fix = "write extract: '$run' with the group (?P<run>[0-9]+) in the pattern";
    reject(scope, { prop: 'policy.tags.extract', must: 'name what is a number in the tag', got: extract, fix });
  }
}

/** What is the same in Go and JavaScript, but for the P of a named group; undefined where Go would not read it. */
export function regular(pattern: string): RegExp | undefined {
  if (/\(\?(?:=|!|<=|<!)|\\[1-9]|\\k</.test(pattern)) return undefined;
  try {
    return new RegExp(pattern.replace(/\(\?P</g, '(?<'));
  } catch {
    return undefined;
  }
}
