import type { Finding, Rule, World } from '../rule';
import { type DatabaseUse, databaseUses } from '../world/databases';
import { nameOf, namespaceOf, once } from '../world/values';
import { changesOf } from './changes';
import { databaseRenamed } from './database-renamed';

/** Another address is another database, and an empty one answers like any other. */
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
      const fix =
        'take the change back, or move the data first and leave the rule out for one release, with the reason: docs/changes.md';
      yield { object, field, must: `lead to ${place}, where the data are`, got, fix };
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
