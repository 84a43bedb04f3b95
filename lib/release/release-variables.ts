import type { Mount } from '../pod/mount';
import type { Resources } from '../pod/resources';
import { roomInTmp } from '../pod/volumes';
import { DEFAULT_POOL, MIGRATION_POOL } from '../support/connection-counts';
import { bytes } from '../support/quantity';
import { newerThan } from '../support/otp';
import type { DatabaseLink } from '../pod/database-link';
import type { PhoenixApplication } from './application';
import type { ClusterNode } from './cluster-node';
import { isRead, SERVE_ENDPOINTS } from './reads';
import { connectionVariables, type Connection } from './connection';
import type { NamedDatabase } from './repo';
import { httpsVariables, urlVariables, type PublicAddress } from './public-url';

/** How the pods of a role use the database. */
export interface DatabaseUse {
  readonly database?: DatabaseLink;
  /** By which address. */
  readonly connection: Connection;
  /** Connections of each pod. */
  readonly poolSize: number;
  /** Whether they are told of the read replicas. */
  readonly readUrl: boolean;
}

/** What the variables of a release are made from; how the database is used is how the web pods do. */
export interface ReleaseSettings extends DatabaseUse {
  readonly application: PhoenixApplication;
  readonly address: PublicAddress;
  /** The databases of further repositories. */
  readonly others: readonly NamedDatabase[];
  /** Connections of each pod to them, by variable. */
  readonly pools: Readonly<Record<string, string>>;
  readonly cluster?: ClusterNode;
  readonly ipv6: boolean;
  readonly erlangFlags: readonly string[];
  /** Files of every pod. */
  readonly mounts: readonly Mount[];
}

/** What a pod of a release does: it answers requests, it works without being asked, or it runs one command and ends. */
export type Role = 'server' | 'worker' | 'task';

/** Variables of a pod of a release. None is secret. */
export function releaseVariables(settings: ReleaseSettings, resources: Resources, role: Role): Record<string, string> {
  const { application, address } = settings;
  return {
    ...urlVariables(address),
    PORT: `${application.port}`,
    ...databaseVariables(settings, role),
    ...otherVariables(settings, role),
    ...application.release.variables,
    ...roleVariables(settings, role),
    ...erlangFlags(settings, resources, role),
    ...crashDump(resources, settings.mounts),
    HOME: '/tmp',
    TMPDIR: '/tmp',
  };
}

/** Migrations lock and listen: only pods that were said to bear it go by way of a pooler, the web pods here. */
function databaseVariables(
  { database, connection, poolSize, readUrl, ipv6 }: ReleaseSettings,
  role: Role,
): Readonly<Record<string, string>> {
  if (!database) return {};
  const own = role === 'server' ? connection : 'direct';
  // What a pooler's many clients come to is too much for the server.
  const direct = own === connection ? poolSize : Math.min(poolSize, DEFAULT_POOL);
  // One connection works, and one holds the lock of migrations.
  const pool = role === 'task' ? MIGRATION_POOL : direct;
  const { readOnly } = database;
  return {
    ...connectionVariables(database.config, database, own),
    ...(readUrl && readOnly && role !== 'task' ? { DATABASE_READ_URL: readOnly.url } : {}),
    POOL_SIZE: `${pool}`,
    ...(ipv6 ? { ECTO_IPV6: 'true' } : {}),
  };
}

/** How pods find the databases of further repositories: at the servers themselves. */
function otherVariables({ others, pools }: ReleaseSettings, role: Role): Readonly<Record<string, string>> {
  const sizes = role === 'task' ? Object.fromEntries(Object.keys(pools).map((name) => [name, `${MIGRATION_POOL}`])) : pools;
  return Object.assign({}, ...others.map(({ link }) => link.config), sizes) as Record<string, string>;
}

function roleVariables({ application, address, cluster }: ReleaseSettings, role: Role): Readonly<Record<string, string>> {
  const { serverVariables, taskVariables, alone } = application.release;
  if (role === 'task') return taskVariables;
  const serving = startedByFlag(application) ? without(serverVariables, 'PHX_SERVER') : serverVariables;
  // Where the image names its node, it would not listen to a name.
  const { variables } = alone;
  const own = application.nodeVariables ? without(variables, 'RELEASE_DISTRIBUTION', 'RELEASE_NODE') : variables;
  return {
    ...(role === 'server' ? { ...serving, ...httpsVariables(address) } : {}),
    ...(cluster?.config ?? own),
  };
}

function without(variables: Readonly<Record<string, string>>, ...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !names.includes(name)));
}

/** Whether the endpoint has to be started by a flag, because the application does not read the variable. */
function startedByFlag({ reads, release }: PhoenixApplication): boolean {
  return 'PHX_SERVER' in release.serverVariables && !isRead(reads, 'PHX_SERVER');
}

/**
 * The VM reads `ERL_AFLAGS`, the image's `vm.args`, then `ERL_FLAGS`. Of an emulator flag (`+S`) it takes the last, of a
 * parameter that its application has no default for (`-kernel inet_dist_listen_min`) the first: each stands where it wins.
 */
function erlangFlags(settings: ReleaseSettings, { schedulers }: Resources, role: Role): Readonly<Record<string, string>> {
  const { application, cluster, erlangFlags: added } = settings;
  const { flags, alone } = application.release;
  const first = role === 'task' ? [] : (cluster ?? alone).firstFlags;
  const ofNode = role === 'task' ? [] : (cluster?.flags ?? []);
  const serving = role === 'server' && startedByFlag(application) ? [SERVE_ENDPOINTS] : [];
  // What came later than the Erlang of the image: it would refuse to start.
  const known = flags.filter(
    (flag) => newerThan((application.image ?? application.source)?.otp, flag.split(' ')[0] ?? '') === undefined,
  );
  return {
    ...(first.length > 0 ? { ERL_AFLAGS: first.join(' ') } : {}),
    ERL_FLAGS: [`+S ${schedulers}:${schedulers}`, ...known, ...ofNode, ...serving, ...added].join(' '),
  };
}

/** A dump may take 10 seconds and half of `/tmp`; unbounded, it delays the restart and evicts the pod. */
function crashDump(resources: Resources, mounts: readonly Mount[]): Record<string, string> {
  return {
    ERL_CRASH_DUMP: '/tmp/erl_crash.dump',
    ERL_CRASH_DUMP_SECONDS: '10',
    ERL_CRASH_DUMP_BYTES: `${Math.floor(bytes(roomInTmp(resources, mounts)) / 2)}`,
  };
}
