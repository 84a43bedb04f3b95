import { isLocal, serviceOf } from '../../support/addresses';
import { knownPooler, type KnownPooler } from '../../support/known-poolers';
import { isBeam } from '../each';
import type { Finding, Rule, World } from '../rule';
import { commandOf, valueOf } from '../../model/beam';
import { addressIn, type DatabaseAddress } from '../../model/databases';
import { inventoryOf } from '../../model/inventory';
import type { Container, Pod } from '../../model/pods';
import { map, maps, nameOf, namespaceOf, scalar, scalars, specOf } from '../../model/values';
import { leftOut, onlyInLiteral, remedy, type Remedy } from '../../model/remedy';

export const migrationsPastPoolers: Rule = {
  name: 'migrations-past-poolers',
  sentence: 'Migrations, and what waits for them, connect to the server and not to a pooler in front of it.',
  why: 'A pooler gives each transaction another connection: locks and settings of a migration are gone in the middle, two may run at once, and prepared statements fail.',
  source: 'https://www.pgbouncer.org/features.html',
  *find(world: World): Iterable<Finding> {
    for (const workload of inventoryOf(world).pods) {
      // Who waits in the same pod has the same variables.
      const told = new Set<string>();
      for (const container of workload.containers) {
        if (!migrates(container, workload, isBeam(container, world))) continue;
        const { address, variable } = addressOf(container, world) ?? {};
        const known = address && poolerAt(address, workload, world);
        if (!known || !variable || isDeclared(address, world) || hasAnother(container, variable)) continue;
        const place = `${variable} ${address.host}:${address.port}`;
        if (told.has(place)) continue;
        told.add(place);
        const { object, field, secret } = container.variables.byName.get(variable) ?? {};
        const must = `lead to the server where migrations run, and this looks like ${known.what}`;
        const way = remedy`write ${known.server}; ${BOTH}where it is the server, or keeps sessions, say so: ${leftOut('migrations-past-poolers')}`;
        // Of what a Secret holds nothing is shown.
        const got = secret === undefined ? `${address.host}:${address.port}` : `an address in the Secret ${secret}`;
        yield { object: object ?? workload.object, field: field ?? `${container.path}.env.${variable}`, must, got, ...way };
      }
    }
  },
};

const BOTH = onlyInLiteral(
  'for pods that keep the pooler, declare both with ManagedPostgres and pooler: { host, port, mode, namedStatements, clients }; ',
);

/** The script that `mix phx.gen.release` adds. */
const SCRIPT = /(?:^|\/)bin\/migrate\b/;
const MIGRATES = /\b(?:migrate|rollback)\b|Ecto\.Migrator/;
const NAMED = /\bmigrat(?:e|ions?)\b/;

/** Whether a container of a release migrates, or waits until someone did: by its command, or by its name where it ends. */
function migrates(container: Container, { kind, name }: Pod, beam: boolean): boolean {
  const command = commandOf(container).join(' ');
  if (SCRIPT.test(command)) return true;
  if (!beam) return false;
  const names = container.endsFirst ? [container.spec['name']] : kind === 'Job' ? [container.spec['name'], name] : [];
  return MIGRATES.test(command) || names.some((one) => NAMED.test(String(one)));
}

/** Variables of images that want host and port one by one. */
const PARTS = [
  ['DATABASE_HOST', 'DATABASE_PORT'],
  ['DB_HOST', 'DB_PORT'],
  ['PGHOST', 'PGPORT'],
] as const;

interface Found {
  readonly variable: string;
  readonly address: DatabaseAddress;
}

/** The server of PostgreSQL that a container is told, by its URL or by its parts, or that is declared for a URL in a Secret. */
function addressOf(container: Container, world: World): Found | undefined {
  const { byName } = container.variables;
  if (byName.has('DATABASE_URL')) {
    const variable = 'DATABASE_URL';
    const declared = world.backingServices?.find((one) => one.variable === variable);
    const { host, ports: [port] = [] } = declared?.address ?? {};
    if (declared) return host === undefined || port === undefined ? undefined : { variable, address: { host, port, scheme: '' } };
    const address = addressIn(valueOf(container, variable));
    return address && /^(?:ecto|postgres|postgresql|postgis)$/.test(address.scheme) ? { variable, address } : undefined;
  }
  for (const [variable, port] of PARTS) {
    const host = valueOf(container, variable);
    if (host !== undefined) return { variable, address: { host, port: Number(valueOf(container, port) ?? 5432), scheme: '' } };
  }
  return undefined;
}

/** How a pooler in the pod shares its connections, as its variables or its command have it; PgBouncer by itself keeps sessions. */
const MODE = /pool[_-]?mode\W{1,4}(session|transaction|statement)\b/i;

/** How the container of a pod that listens at an address in it pools; undefined where none says so. */
function modeInPod({ host, port }: DatabaseAddress, { containers }: Pod): { name: string; mode: string } | undefined {
  if (!isLocal(host)) return undefined;
  const there = containers.find(({ spec }) => maps(spec['ports']).some(({ containerPort }) => Number(containerPort) === port));
  if (!there) return undefined;
  const { spec, variables } = there;
  const told = [...variables.byName.values()].map(({ name, value = '' }) => `${name}=${value}`);
  const [, mode] = MODE.exec([...told, ...scalars(spec['command']), ...scalars(spec['args'])].join('\n')) ?? [];
  return mode === undefined ? undefined : { name: scalar(spec['name']) ?? 'a container', mode: mode.toLowerCase() };
}

/** A pooler, and where the server behind it is. */
interface KnownThere extends Pick<KnownPooler, 'what'> {
  readonly server: string | Remedy;
}

/** The pooler at an address that keeps no session: one in the pod, a provider's, or a Pooler of CloudNativePG in the environment. */
function poolerAt(address: DatabaseAddress, workload: Pod, world: World): KnownThere | undefined {
  const { host, port } = address;
  const { namespace } = workload;
  const inPod = modeInPod(address, workload);
  if (inPod) {
    const server = remedy`the server's own host${onlyInLiteral(", which PodPooler.pgBouncer as 'pooler' of ManagedPostgres does by itself")}`;
    return inPod.mode === 'session' ? undefined : { what: `the pooler ${inPod.name} in the pod`, server };
  }
  const known = knownPooler(host, port);
  if (known) return known.sessions ? undefined : known;
  const service = serviceOf(host, namespace);
  const pooler = inventoryOf(world)
    .ofKind('Pooler')
    .find(({ manifest }) => nameOf(manifest) === service?.name && namespaceOf(manifest) === service?.namespace);
  if (!pooler || map(specOf(pooler)['pgbouncer'])['poolMode'] !== 'transaction') return undefined;
  const cluster = scalar(map(specOf(pooler)['cluster'])['name']) ?? '<cluster>';
  return { what: `the Pooler ${service?.name}`, server: `the Service ${cluster}-rw` };
}

/** Whether whoever declared the server said why it is no pooler, or why there is no other way. */
function isDeclared({ host, port }: DatabaseAddress, { databases }: World): boolean {
  return databases.some((one) => one.throughPooler === true && one.host === host && one.port === port);
}

/** Whether a container has a direct address beside the pooled one, by the names that providers and frameworks give to it. */
function hasAnother({ variables }: Container, variable: string): boolean {
  return [...variables.byName.keys()].some(
    (name) =>
      name !== variable &&
      /(?:DIRECT|MIGRAT|UNPOOLED|NON_POOLING)/.test(name) &&
      /(?:URL|HOST|URI|NON_POOLING|UNPOOLED)/.test(name),
  );
}
