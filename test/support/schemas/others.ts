import type { CustomKind } from './crds';
import type { Release } from './custom-tables';

/** What is known of the names in a group. */
interface Names {
  readonly newest: readonly CustomKind[];
  /** From the oldest to the newest. */
  readonly releases: readonly Release[];
  /** What the table describes, by `version/kind`. */
  readonly described: Readonly<Record<string, string>>;
  /** What the table of before named. */
  readonly before?: Readonly<Record<string, string>>;
}

/** Kinds and versions of a group that are served and not described: since which release, and until which. */
export function othersOf(group: string, { newest, releases, described, before = {} }: Names): Record<string, string> {
  const served = releases.map(({ name, found }) => ({ name, keys: keysOf(group, found) }));
  const keys = new Set([...Object.keys(before), ...keysOf(group, newest), ...served.flatMap((release) => [...release.keys])]);
  const others = [...keys].filter((key) => !Object.hasOwn(described, key)).sort();
  return Object.fromEntries(others.map((key) => [key, spanOf(key, served) ?? before[key] ?? '']));
}

function keysOf(group: string, found: readonly CustomKind[]): ReadonlySet<string> {
  const served = found.filter((one) => one.group === group && one.served);
  return new Set(served.map(({ version, kind }) => `${version}/${kind}`));
}

/** `1.2-1.4`: it came with the first, and was gone with the second. */
function spanOf(
  key: string,
  releases: readonly { readonly name: string; readonly keys: ReadonlySet<string> }[],
): string | undefined {
  const has = releases.map(({ keys }) => keys.has(key));
  const [first, last] = [has.indexOf(true), has.lastIndexOf(true)];
  if (first < 0) return undefined;
  const gone = releases[last + 1]?.name;
  return `${first > 0 ? releases[first]?.name : ''}${gone === undefined ? '' : `-${gone}`}`;
}
