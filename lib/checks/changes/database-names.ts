import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { databaseIn, type DatabaseUse, databaseUses } from '../../model/databases';
import { map, maps, nameOf, namespaceOf, once, scalar } from '../../model/values';
import { changesOf, eachKept, groupKind } from './changes';
import { onlyInLiteral, remedy } from '../../model/remedy';

/** The variables that tell a server what to create: ours, and those of the official images. */
const NAMES = [
  ...['DATABASE_NAME', 'DATABASE_OWNER', 'POSTGRES_DB', 'POSTGRES_USER', 'MYSQL_DATABASE', 'MYSQL_USER'],
  ...['MARIADB_DATABASE', 'MARIADB_USER'],
];

export const databaseRenamed = eachKept({
  name: 'database-renamed',
  sentence: 'A database and its owner keep the names that they were created with.',
  why: 'The data stay in the old database; the application finds none of the new name, or an empty one, and migrates that.',
  source: 'https://github.com/docker-library/docs/blob/master/postgres/README.md#environment-variables',
  *each({ object, before }) {
    const [was, is] = [namesIn(before), namesIn(object.manifest)];
    for (const [key, { field, name }] of is) {
      const old = was.get(key)?.name;
      if (old === undefined || old === name) continue;
      const fix = 'take the change back, or rename it in the server by hand and leave the rule out for one release';
      yield { field, must: `stay "${old}", which the server was created with`, got: name, fix };
    }
  },
});

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

export const databaseMoved: Rule = {
  name: 'database-moved',
  sentence: 'An application keeps the database server, and the database in it, that it had.',
  why: 'The migrations run through an empty database, the application serves it, and what users write from then on is in the wrong place.',
  source: 'https://12factor.net/backing-services',
  *find(world: World): Iterable<Finding> {
    if (world.previous.length === 0) return;
    const [was, is] = [databaseUses(formerWorld(world)), databaseUses(world)];
    const [known, used] = [new Set(was.map(keyOf)), new Set(is.map(keyOf))];
    const gone = goneServers(world);
    const told = new Set<string>();
    for (const use of is) {
      const key = keyOf(use);
      // A server that was used before, such as one behind a pooler, has the data.
      if (known.has(key) || told.has(key)) continue;
      const former = was.find((one) => one.variable === use.variable && !used.has(keyOf(one)));
      if (!former || gone.has(former.server) || isRenamed(former, use, world)) continue;
      told.add(key);
      const { object, field } = use;
      // One name may lead elsewhere than before: to another StatefulSet, out of the cluster.
      const [place, got] = former.shown === use.shown ? [former.server, use.server] : [former.shown, use.shown];
      const way = remedy`take the change back, or move the data first and leave the rule out for one release, with the reason${onlyInLiteral(': docs/changes.md')}`;
      yield { object, field, must: `lead to ${place}, where the data are`, got, ...way };
    }
  },
};

function keyOf({ server, database }: DatabaseUse): string {
  return `${server} ${database}`;
}

/** The objects of before, as rules read them. */
const formerWorld = once((world: World): World => {
  const [{ construct } = {}] = world.objects;
  return { ...world, previous: [], objects: construct ? world.previous.map((manifest) => ({ construct, manifest })) : [] };
});

/** Servers of the cluster that are gone themselves, which is said of them. */
function goneServers(world: World): ReadonlySet<string> {
  const servers = changesOf(world).gone.filter(({ kind }) => kind === 'Service' || kind === 'Cluster' || kind === 'StatefulSet');
  return new Set(servers.map((manifest) => `${namespaceOf(manifest)}/${nameOf(manifest)}`));
}

/** Of a database that its own server creates under another name, the server tells. */
function isRenamed(former: DatabaseUse, use: DatabaseUse, world: World): boolean {
  return former.server === use.server && [...databaseRenamed.find(world)].length > 0;
}
