import { bytes } from '../support/quantity';
import type { Resources } from '../pod/resources';
import type { DatabaseLink } from '../database/database-link';
import type { PhoenixApplication } from './application';

/** What the variables of a release are made from. */
export interface ReleaseSettings {
  readonly application: PhoenixApplication;
  readonly host: string;
  readonly database?: DatabaseLink;
  readonly poolSize: number;
  readonly ipv6: boolean;
  readonly erlangFlags: readonly string[];
}

/** Variables of every pod of a release, whatever it runs. None is secret. */
export function releaseVariables(settings: ReleaseSettings, resources: Resources): Record<string, string> {
  const { application, host, database, poolSize, ipv6 } = settings;
  return {
    PHX_HOST: host,
    PORT: `${application.port}`,
    ...(database ? { ...database.config, POOL_SIZE: `${poolSize}` } : {}),
    ...(database && ipv6 ? { ECTO_IPV6: 'true' } : {}),
    ...application.release.variables,
    ERL_FLAGS: erlangFlags(settings, resources),
    ...crashDump(resources),
    HOME: '/tmp',
    TMPDIR: '/tmp',
  };
}

/** One string for all: whichever of several was exported last would replace the others. */
function erlangFlags({ application, erlangFlags: added }: ReleaseSettings, { schedulers }: Resources): string {
  return [`+S ${schedulers}:${schedulers}`, ...application.release.flags, ...added].join(' ');
}

/** A dump may take 10 seconds and half of `/tmp`; unbounded, it delays the restart and evicts the pod. */
function crashDump({ scratch }: Resources): Record<string, string> {
  return {
    ERL_CRASH_DUMP: '/tmp/erl_crash.dump',
    ERL_CRASH_DUMP_SECONDS: '10',
    ERL_CRASH_DUMP_BYTES: `${Math.floor(bytes(scratch) / 2)}`,
  };
}
