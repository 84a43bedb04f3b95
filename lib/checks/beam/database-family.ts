import { isIPv4, isIPv6 } from 'node:net';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, placeOf, valueOf } from '../world/beam';
import { addressIn, type DatabaseAddress } from '../world/databases';
import { fencing } from '../world/fences';
import { fencesOf } from '../world/network-policies';
import { type Inventory, inventoryOf } from '../world/inventory';
import { map, numberOr, scalar, specOf, texts } from '../world/values';

type Family = 'IPv4' | 'IPv6';

/** Ecto asks DNS for addresses of one family alone, and connects to no other. */
export const databaseFamily: Rule = {
  name: 'database-family',
  sentence: 'ECTO_IPV6 fits the addresses of the database: by its URL, its Service, the way through the fence.',
  why: 'The name of the database has no address of the family that is asked for, or the fence is closed to it: the Repo never connects.',
  source: 'https://hexdocs.pm/ecto_sql/Ecto.Adapters.Postgres.html#module-connection-options',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const server = addressIn(valueOf(beam, 'DATABASE_URL'));
      // What a Secret holds is not known.
      if (!server || (!beam.variables.byName.has('ECTO_IPV6') && !beam.variables.complete)) continue;
      const said = valueOf(beam, 'ECTO_IPV6');
      const asked: Family = said === 'true' || said === '1' ? 'IPv6' : 'IPv4';
      const { families, who } = addressesOf(server, beam, world) ?? {};
      if (!families || families.size === 0 || families.has(asked)) continue;
      const must = asked === 'IPv6' ? `not be set, as ${who}` : `be true, as ${who}`;
      const fix = "set 'ipv6' of the release as the addresses are, and leave ECTO_IPV6 to it";
      yield { ...placeOf(beam, 'ECTO_IPV6'), must, got: said, fix };
    }
  },
};

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
  return { families: new Set(known), who: `the fence lets the pods out to ${known[0]} alone on port ${port}` };
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
