import type { Manifest } from '../../support/edit';
import { parseImage, type Version, versionIn } from '../../support/image';
import type { Finding } from '../rule';
import { databaseIn, type Engine } from '../../model/databases';
import { map, text } from '../../model/values';
import { eachKept, groupKind } from './changes';
import { onlyInLiteral, remedy } from '../../model/remedy';

export const databaseMajorVersion = eachKept({
  name: 'database-major-version',
  sentence: 'No database gets an image whose version cannot read its files.',
  why: 'The old server is stopped, the new one refuses its files and restarts for ever: the outage lasts until the image is taken back.',
  source: 'https://www.postgresql.org/docs/current/upgrading.html',
  *each({ object, before }) {
    const kind = groupKind(object.manifest);
    if (kind === 'postgresql.cnpg.io/Cluster') {
      yield* ofCluster(before, object.manifest);
    } else if (kind === 'apps/StatefulSet' || kind === 'apps/Deployment') {
      yield* ofServer(before, object.manifest);
    }
  },
});

const MOVE = remedy`take the change back, or dump with the old version, restore into a new database under another name and move the release${onlyInLiteral(': docs/database.md')}`;

function* ofServer(before: Manifest, now: Manifest): Iterable<Omit<Finding, 'object'>> {
  const [was, is] = [databaseIn(before), databaseIn(now)];
  if (!was?.version || !is?.version) return;
  const field = `spec.template.spec.containers[${is.index}].image`;
  if (was.engine !== is.engine) {
    yield { field, must: `stay an image of ${was.engine}: the volume holds its files`, got: is.image, ...MOVE };
    return;
  }
  const fault = stepFault(was.engine, was.version, is.version);
  if (fault) yield { field, must: fault.must, got: is.image, ...(fault.fix === undefined ? MOVE : { fix: fault.fix }) };
}

/** CloudNativePG runs pg_upgrade where the version goes up, since 1.26, and refuses to go down. */
function* ofCluster(before: Manifest, now: Manifest): Iterable<Omit<Finding, 'object'>> {
  const [was, is] = [majorOf(map(before['spec'])), majorOf(map(now['spec']))];
  if (!was || !is || is.major >= was.major) return;
  const must = `stay at PostgreSQL ${was.major} or go up: the files are of that version`;
  yield { field: is.field, must, got: is.got, ...MOVE };
}

function majorOf({ imageName, imageCatalogRef }: Manifest): { major: number; field: string; got: unknown } | undefined {
  const { major } = map(imageCatalogRef);
  if (typeof major === 'number') return { major, field: 'spec.imageCatalogRef.major', got: major };
  const tag = parseImage(text(imageName) ?? '')?.tag;
  const [number] = tag === undefined ? [] : (versionIn(tag) ?? []);
  return number === undefined ? undefined : { major: number, field: 'spec.imageName', got: imageName };
}

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
