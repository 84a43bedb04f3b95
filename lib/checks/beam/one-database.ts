import { knownPooler } from '../../support/known-poolers';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, placeOf, valueOf } from '../world/beam';
import { addressIn, serverOf } from '../world/databases';
import { inventoryOf } from '../world/inventory';

/** One variable in two places, of which one was changed. */
export const oneDatabase: Rule = {
  name: 'one-database',
  sentence: 'All that runs one release uses one database: what migrates, what serves, what works through queues.',
  why: 'The migration changes a database that nobody serves from: pods run against tables without the new columns, or jobs wait in a queue that nobody reads.',
  source: 'https://12factor.net/backing-services',
  *find(world: World): Iterable<Finding> {
    for (const beams of byImage(world).values()) {
      if (new Set(beams.map((beam) => valueOf(beam, VARIABLE))).size < 2) continue;
      const told = new Set<string>();
      for (const { used, other } of apart(beams.flatMap((beam) => databaseOf(beam, world) ?? []))) {
        const place = placeOf(used.beam, VARIABLE);
        const key = `${place.object.construct.node.path} ${place.field}`;
        if (told.has(key)) continue;
        told.add(key);
        const { kind, name } = other.beam.workload;
        const must = `lead to the database of ${kind} ${name}, which runs the same image: ${other.shown}`;
        const fix =
          'write it once for all; a read replica has a variable of its own; where two databases are meant, say so: ' +
          "Checks.of(app).leaveOut('one-database', OptOut.because('...'))";
        yield { ...place, must, got: used.shown, fix };
      }
    }
  },
};

const VARIABLE = 'DATABASE_URL';

/** The containers that know where their database is, by what they run. */
function byImage(world: World): ReadonlyMap<string, readonly BeamContainer[]> {
  const found = new Map<string, BeamContainer[]>();
  for (const beam of beamContainers(world)) {
    if (!beam.variables.byName.has(VARIABLE)) continue;
    const key = `${beam.workload.namespace} ${String(beam.spec['image'])}`;
    const known = found.get(key);
    if (known) known.push(beam);
    else found.set(key, [beam]);
  }
  return found;
}

/** The database of a container. */
interface Used {
  readonly beam: BeamContainer;
  readonly server: string;
  readonly database: string;
  readonly shown: string;
  /** Whether it may be another way to the server of another one: a pooler, by its name. */
  readonly pooled: boolean;
  /** Whether someone declared the host, as that of a server or of a pooler in front of it. */
  readonly declared: boolean;
}

function databaseOf(beam: BeamContainer, world: World): Used | undefined {
  const url = valueOf(beam, VARIABLE);
  const { host, port } = addressIn(url?.replace(/^(\w+)\+\w+:/, '$1:')) ?? {};
  const [, database] = /^[^?#]*:\/\/[^/?#]*\/([^/?#]+)/.exec(url ?? '') ?? [];
  // What a part of the pod stands for is known in the cluster alone.
  if (host === undefined || port === undefined || database === undefined || /[<$]/.test(host + database)) return undefined;
  const { server, inside } = serverOf(host, beam.workload.namespace, inventoryOf(world));
  const pooled = knownPooler(host, port) !== undefined || POOLER.test(host);
  const declared = world.databases.some((one) => one.host === host);
  return {
    beam,
    database,
    pooled,
    declared,
    server: inside ? server : `${server}:${port}`,
    shown: `${host}:${port}/${database}`,
  };
}

/** What poolers are called that no provider runs. */
const POOLER = /pool|bouncer|pgcat|odyssey|proxy/i;

/** What serves from a database that nothing migrates, or migrates one that nobody serves from: two tenants of one image, each with both, are none. */
function apart(all: readonly Used[]): { used: Used; other: Used }[] {
  const serving = all.filter(({ beam }) => !beam.workload.task && !beam.endsFirst);
  const others = all.filter((one) => !serving.includes(one));
  if (others.length > 0 && serving.length > 0) {
    const sides = [serving.flatMap((used) => elsewhere(used, others)), others.flatMap((used) => elsewhere(used, serving))];
    const [first = [], second = []] = sides.filter((side) => side.length > 0);
    // Of two halves that agree among themselves the smaller one was changed.
    return second.length > 0 && second.length < first.length ? second : first;
  }
  // Without migrations in the YAML only names tell what belongs together.
  return serving.flatMap((used) => {
    const first = serving.find(({ beam }) => belongs(beam, used.beam));
    return first && first !== used ? elsewhere(used, [first]) : [];
  });
}

function elsewhere(used: Used, wanted: readonly Used[]): { used: Used; other: Used }[] {
  const [other] = wanted;
  return other && !wanted.some((one) => isSame(one, used)) ? [{ used, other }] : [];
}

function isSame(one: Used, other: Used): boolean {
  if (one.database !== other.database) return false;
  return one.server === other.server || one.pooled || other.pooled || (one.declared && other.declared);
}

const NAME = 'app.kubernetes.io/name';

function belongs({ workload: one }: BeamContainer, { workload: other }: BeamContainer): boolean {
  return one === other || (one.labels[NAME] !== undefined && one.labels[NAME] === other.labels[NAME]);
}
