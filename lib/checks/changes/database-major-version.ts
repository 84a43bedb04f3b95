import type { Manifest } from '../../support/edit';
import { parseImage, versionIn } from '../../support/image';
import type { Finding, Rule, World } from '../rule';
import { map, text } from '../world/values';
import { changesOf, groupKind } from './changes';
import { databaseIn } from '../world/databases';
import { stepFault } from './database-versions';

/** The files of a database are those of its version: few programs read those of another. */
export const databaseMajorVersion: Rule = {
  name: 'database-major-version',
  sentence: 'No database gets an image whose version cannot read its files.',
  why: 'The old server is stopped, the new one refuses its files and restarts for ever: the outage lasts until the image is taken back.',
  source: 'https://www.postgresql.org/docs/current/upgrading.html',
  *find(world: World): Iterable<Finding> {
    for (const { object, before } of changesOf(world).kept) {
      const kind = groupKind(object.manifest);
      if (kind === 'postgresql.cnpg.io/Cluster') {
        for (const fault of ofCluster(before, object.manifest)) yield { object, ...fault };
      } else if (kind === 'apps/StatefulSet' || kind === 'apps/Deployment') {
        for (const fault of ofServer(before, object.manifest)) yield { object, ...fault };
      }
    }
  },
};

const MOVE =
  'take the change back, or dump with the old version, restore into a new database under another name and move the release: docs/database.md';

function* ofServer(before: Manifest, now: Manifest): Iterable<Omit<Finding, 'object'>> {
  const [was, is] = [databaseIn(before), databaseIn(now)];
  if (!was?.version || !is?.version) return;
  const field = `spec.template.spec.containers[${is.index}].image`;
  if (was.engine !== is.engine) {
    yield { field, must: `stay an image of ${was.engine}: the volume holds its files`, got: is.image, fix: MOVE };
    return;
  }
  const fault = stepFault(was.engine, was.version, is.version);
  if (fault) yield { field, must: fault.must, got: is.image, fix: fault.fix ?? MOVE };
}

/** CloudNativePG runs pg_upgrade where the version goes up, since 1.26, and refuses to go down. */
function* ofCluster(before: Manifest, now: Manifest): Iterable<Omit<Finding, 'object'>> {
  const [was, is] = [majorOf(map(before['spec'])), majorOf(map(now['spec']))];
  if (!was || !is || is.major >= was.major) return;
  const must = `stay at PostgreSQL ${was.major} or go up: the files are of that version`;
  yield { field: is.field, must, got: is.got, fix: MOVE };
}

function majorOf({ imageName, imageCatalogRef }: Manifest): { major: number; field: string; got: unknown } | undefined {
  const { major } = map(imageCatalogRef);
  if (typeof major === 'number') return { major, field: 'spec.imageCatalogRef.major', got: major };
  const tag = parseImage(text(imageName) ?? '')?.tag;
  const [number] = tag === undefined ? [] : (versionIn(tag) ?? []);
  return number === undefined ? undefined : { major: number, field: 'spec.imageName', got: imageName };
}
