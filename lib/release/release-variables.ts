import { bytes } from '../support/quantity';
import type { Resources } from '../pod/resources';
import type { DatabaseLink } from '../database/database-link';
import type { PhoenixApplication } from './application';
import type { ClusterNode } from './cluster-node';

/** What the variables of a release are made from. */
export interface ReleaseSettings {
  readonly application: PhoenixApplication;
  readonly host: string;
  readonly database?: DatabaseLink;
  readonly cluster?: ClusterNode;
  readonly poolSize: number;
  readonly ipv6: boolean;
  readonly erlangFlags: readonly string[];
}

/** What a pod of a release does: it answers requests, it works without being asked, or it runs one command and ends. */
export type Role = 'server' | 'worker' | 'task';

/** Variables of a pod of a release. None is secret. */
export function releaseVariables(settings: ReleaseSettings, resources: Resources, role: Role): Record<string, string> {
  const { application, host, database, poolSize, ipv6 } = settings;
  return {
    PHX_HOST: host,
    PORT: `${application.port}`,
    ...(database ? { ...database.config, POOL_SIZE: `${poolSize}` } : {}),
    ...(database && ipv6 ? { ECTO_IPV6: 'true' } : {}),
    ...application.release.variables,
    ...roleVariables(settings, role),
    ERL_FLAGS: erlangFlags(settings, resources, role),
    ...crashDump(resources),
    HOME: '/tmp',
    TMPDIR: '/tmp',
  };
}

function roleVariables({ application, cluster }: ReleaseSettings, role: Role): Readonly<Record<string, string>> {
  const { serverVariables, taskVariables, alone } = application.release;
  if (role === 'task') return taskVariables;
  return { ...(role === 'server' ? serverVariables : {}), ...(cluster?.config ?? alone.variables) };
}

/** One string for all: whichever of several was exported last would replace the others. */
function erlangFlags(settings: ReleaseSettings, { schedulers }: Resources, role: Role): string {
  const { application, cluster, erlangFlags: added } = settings;
  const { flags, alone } = application.release;
  const distribution = role === 'task' ? [] : (cluster?.flags ?? alone.flags);
  return [`+S ${schedulers}:${schedulers}`, ...flags, ...distribution, ...added].join(' ');
}

/** A dump may take 10 seconds and half of `/tmp`; unbounded, it delays the restart and evicts the pod. */
function crashDump({ scratch }: Resources): Record<string, string> {
  return {
    ERL_CRASH_DUMP: '/tmp/erl_crash.dump',
    ERL_CRASH_DUMP_SECONDS: '10',
    ERL_CRASH_DUMP_BYTES: `${Math.floor(bytes(scratch) / 2)}`,
  };
}
