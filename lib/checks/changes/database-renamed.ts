import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { map, maps, scalar } from '../world/values';
import { changesOf, groupKind } from './changes';
import { databaseIn } from '../world/databases';

/** The variables that tell a server what to create: ours, and those of the official images. */
const NAMES = [
  ...['DATABASE_NAME', 'DATABASE_OWNER', 'POSTGRES_DB', 'POSTGRES_USER', 'MYSQL_DATABASE', 'MYSQL_USER'],
  ...['MARIADB_DATABASE', 'MARIADB_USER'],
];

/** A server creates its database once; the name that is written later is that of another one. */
export const databaseRenamed: Rule = {
  name: 'database-renamed',
  sentence: 'A database and its owner keep the names that they were created with.',
  why: 'The data stay in the old database; the application finds none of the new name, or an empty one, and migrates that.',
  source: 'https://github.com/docker-library/docs/blob/master/postgres/README.md#environment-variables',
  *find(world: World): Iterable<Finding> {
    for (const { object, before } of changesOf(world).kept) {
      const [was, is] = [namesIn(before), namesIn(object.manifest)];
      for (const [key, { field, name }] of is) {
        const old = was.get(key)?.name;
        if (old === undefined || old === name) continue;
        const fix = 'take the change back, or rename it in the server by hand and leave the rule out for one release';
        yield { object, field, must: `stay "${old}", which the server was created with`, got: name, fix };
      }
    }
  },
};

interface Named {
  readonly field: string;
  readonly name: string;
}

/** What a server is told to create, by what it is. */
function namesIn(manifest: Manifest): ReadonlyMap<string, Named> {
  switch (groupKind(manifest)) {
    case 'postgresql.cnpg.io/Cluster':
      return inCluster(manifest);
    case 'apps/StatefulSet':
    case 'apps/Deployment':
      return inVariables(manifest);
    default:
      return new Map();
  }
}

/** However it began: a restored database has the names of the one that was lost. */
function inCluster({ spec }: Manifest): ReadonlyMap<string, Named> {
  const found = new Map<string, Named>();
  for (const [way, settings] of Object.entries(map(map(spec)['bootstrap']))) {
    for (const key of ['database', 'owner']) {
      const name = scalar(map(settings)[key]);
      if (name !== undefined) found.set(key, { field: `spec.bootstrap.${way}.${key}`, name });
    }
  }
  return found;
}

function inVariables(manifest: Manifest): ReadonlyMap<string, Named> {
  const found = new Map<string, Named>();
  const server = databaseIn(manifest);
  for (const [index, variable] of maps(server?.container['env']).entries()) {
    const [key, name] = [scalar(variable['name']) ?? '', scalar(variable['value'])];
    const field = `spec.template.spec.containers[${server?.index}].env[${index}].value`;
    if (name !== undefined && NAMES.includes(key)) found.set(key, { field, name });
  }
  return found;
}
