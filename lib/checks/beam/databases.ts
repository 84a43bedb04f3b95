import { isIPv4, isIPv6 } from 'node:net';
import { knownPooler } from '../../support/known-poolers';
import { eachBeam, placesOnce } from '../each';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, placeOf, valueOf } from '../../model/beam';
import { addressIn, type DatabaseAddress, serverOf } from '../../model/databases';
import { fencing } from '../../model/fences';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { fencesOf } from '../../model/network-policies';
import { grouped, map, numberOr, scalar, specOf, texts } from '../../model/values';
import { either, leftOut, remedy } from '../../model/remedy';

export const oneDatabase: Rule = {
  name: 'one-database',
  sentence: 'All that runs one release uses one database: what migrates, what serves, what works through queues.',
  why: 'The migration changes a database that nobody serves from: pods run against tables without the new columns, or jobs wait in a queue that nobody reads.',
  source: 'https://12factor.net/backing-services',
  *find(world: World): Iterable<Finding> {
    for (const beams of byImage(world).values()) {
      if (new Set(beams.map((beam) => valueOf(beam, VARIABLE))).size < 2) continue;
      const way = remedy`write it once for all; a read replica has a variable of its own; where two databases are meant, say so: ${leftOut('one-database')}`;
      const found = apart(beams.flatMap((beam) => databaseOf(beam, world) ?? [])).map(({ used, other }) => {
        const { kind, name } = other.beam.workload;
        const must = `lead to the database of ${kind} ${name}, which runs the same image: ${other.shown}`;
        return { ...placeOf(used.beam, VARIABLE), must, got: used.shown, ...way };
      });
      yield* placesOnce(found);
    }
  },
};

const VARIABLE = 'DATABASE_URL';

/** The containers that know where their database is, by what they run. */
function byImage(world: World): ReadonlyMap<string, readonly BeamContainer[]> {
  const known = beamContainers(world).filter(({ variables }) => variables.byName.has(VARIABLE));
  return grouped(known, ({ workload, spec }) => `${workload.namespace} ${String(spec['image'])}`);
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

type Family = 'IPv4' | 'IPv6';

export const databaseFamily = eachBeam({
  name: 'database-family',
  sentence: 'ECTO_IPV6 fits the addresses of the database: by its URL, its Service, the way through the fence.',
  why: 'The name of the database has no address of the family that is asked for, or the fence is closed to it: the Repo never connects.',
  source: 'https://hexdocs.pm/ecto_sql/Ecto.Adapters.Postgres.html#module-connection-options',
  *each(beam, world) {
    const server = addressIn(valueOf(beam, 'DATABASE_URL'));
    // What a Secret holds is not known.
    if (!server || (!beam.variables.byName.has('ECTO_IPV6') && !beam.variables.complete)) return;
    const said = valueOf(beam, 'ECTO_IPV6');
    const asked: Family = said === 'true' || said === '1' ? 'IPv6' : 'IPv4';
    const { families, who } = addressesOf(server, beam, world) ?? {};
    if (!families || families.size === 0 || families.has(asked)) return;
    const must = asked === 'IPv6' ? `not be set, as ${who}` : `be true, as ${who}`;
    const inLiteral = "set 'ipv6' of the release as the addresses are, and leave ECTO_IPV6 to it";
    yield { variable: 'ECTO_IPV6', must, got: said, ...either('set ECTO_IPV6 as the addresses are', inLiteral) };
  },
});

interface Addresses {
  readonly families: ReadonlySet<Family>;
  readonly who: string;
}

/** The families of the server's addresses, and what tells; undefined where nothing does. */
function addressesOf({ host, port }: DatabaseAddress, beam: BeamContainer, world: World): Addresses | undefined {
  if (isIPv4(host) || isIPv6(host)) {
    const family: Family = isIPv4(host) ? 'IPv4' : 'IPv6';
    return { families: new Set([family]), who: `the URL has ${host}` };
  }
  const service = serviceOf(host, beam, inventoryOf(world));
  if (service) return service;
  const families = fencing(fencesOf(world), beam.workload, 'Egress').flatMap(({ rules }) =>
    rules.Egress.flatMap(({ peers, ports }): (Family | 'any')[] => {
      const open = ports === undefined || ports.some(({ port: one, endPort }) => includes(one, endPort, port));
      if (!open) return [];
      return (peers ?? [{}]).map(({ ipBlock }) => {
        const cidr = scalar(map(ipBlock)['cidr']);
        return cidr === undefined ? 'any' : cidr.includes(':') ? 'IPv6' : 'IPv4';
      });
    }),
  );
  // Peers by labels may be of either family.
  if (families.includes('any')) return undefined;
  const known = families.filter((family) => family !== 'any');
  return { families: new Set(known), who: `a NetworkPolicy lets the pods out to ${known[0]} alone on port ${port}` };
}

function includes(first: unknown, last: unknown, port: number): boolean {
  return typeof first !== 'number' || (first <= port && port <= numberOr(first, last));
}

function serviceOf(host: string, beam: BeamContainer, inventory: Inventory): Addresses | undefined {
  const [name = '', namespace = beam.workload.namespace, kind = 'svc'] = host.split('.');
  const found = kind === 'svc' ? inventory.find('Service', name, namespace) : undefined;
  if (!found) return undefined;
  const { ipFamilies, ipFamilyPolicy = 'SingleStack', type } = found.object ? specOf(found.object) : {};
  const families = texts(ipFamilies).filter((one): one is Family => one === 'IPv4' || one === 'IPv6');
  if (families.length > 0) return { families: new Set(families), who: `the Service ${name} has ${families[0]} alone` };
  if (type === 'ExternalName') return undefined;
  // A Service that names no family has the first one of its Kubernetes cluster, as pods have.
  if (ipFamilyPolicy !== 'SingleStack' || !callsByIpv6(beam)) return undefined;
  return {
    families: new Set(['IPv6']),
    who: `the Service ${name} has IPv6 alone like the pods, whose nodes are told -proto_dist inet6`,
  };
}

/** Whether the nodes of a mesh call each other by IPv6; that they do not is not known, as the image may say it. */
function callsByIpv6({ flagSources }: BeamContainer): boolean {
  return flagSources.some(({ text }) => /-proto_dist\s+inet6_(?:tcp|tls)\b/.test(text));
}
