import type { Version } from '../../support/image';
import type { Engine } from '../world/databases';

/** Why a server of one version cannot take over the files of another, as it continues after "must". */
export interface StepFault {
  readonly must: string;
  /** What to do. @default - dump and restore */
  readonly fix?: string;
}

/** What is wrong with a step from one version to another on the same files; undefined where nothing is. */
export function stepFault(engine: Engine, was: Version, is: Version): StepFault | undefined {
  switch (engine) {
    case 'PostgreSQL':
      return postgres(was, is);
    case 'MySQL':
      return mysql(was, is);
    case 'MariaDB':
      return compare(series(is), series(was)) < 0 ? back(engine, was) : undefined;
  }
}

/** Every major version has files of its own; before 10, the second number belonged to it. */
function postgres(was: Version, is: Version): StepFault | undefined {
  const major = (version: Version): Version => (version[0] < 10 ? series(version) : [version[0]]);
  if (compare(major(was), major(is)) === 0) return undefined;
  return { must: `stay at PostgreSQL ${major(was).join('.')}: the files are of that version` };
}

/** https://dev.mysql.com/doc/refman/9.7/en/upgrade-paths.html */
const LONG_TERM: readonly Version[] = [
  [5, 7],
  [8, 0],
  [8, 4],
  [9, 7],
];

/** The server upgrades its files itself, up to the next release with long support and no further; back it never goes. */
function mysql(was: Version, is: Version): StepFault | undefined {
  const [old, now] = [series(was), series(is)];
  // Of the 8.0 releases, none reads the files of a later one.
  const within = compare(old, now) === 0 && compare(old, [8, 0]) === 0 && was.length > 2 && is.length > 2;
  if (compare(now, old) < 0 || (within && compare(is, was) < 0)) return back('MySQL', was);
  const next = LONG_TERM.find((version) => compare(version, old) > 0);
  if (!next || compare(now, next) <= 0) return undefined;
  const step = next.join('.');
  return {
    must: `be ${step} first: the server upgrades the files of ${old.join('.')} no further`,
    fix: `go to ${step}, then on`,
  };
}

function back(engine: Engine, was: Version): StepFault {
  return { must: `stay at ${engine} ${was.join('.')} or go up: an older server does not read newer files` };
}

/** What counts as one version: `8.0` of `8.0.40`, and `11` of `11` where no more is written. */
function series([first, second]: Version): Version {
  return second === undefined ? [first] : [first, second];
}

/** Below 0 where `one` is older; numbers that only one of them has are not looked at. */
function compare(one: Version, other: Version): number {
  for (const [index, number] of one.entries()) {
    const against = other[index];
    if (against !== undefined && number !== against) return number - against;
  }
  return 0;
}
