import { type BeamContainer, rootOf } from '../world/beam';

/** What is wrong with the value of a variable that the boot script reads. */
export interface Misuse {
  readonly must: string;
  readonly fix: string;
}

/** What a boot script makes of a value; undefined where that works. */
type Judge = (value: string, beam: BeamContainer) => Misuse | undefined;

/** Folders of the system's programs. Images of Nix and Guix have them elsewhere. */
const SYSTEM = /^(?:\/bin|\/usr\/bin|\/busybox|\/(?:nix|gnu)\/.+|\/run\/current-system\/.+)\/?$/;

/**
 * Variables that the scripts of `mix release` take for their own, and what breaks there. Seen with releases of Elixir 1.14,
 * and the same in the templates since: an empty value counts as none; what they set in any case (`BINDIR`, `ROOTDIR`, `EMU`,
 * `PROGNAME`, `RELEASE_COMMAND`) does no harm.
 *
 * @see https://github.com/elixir-lang/elixir/blob/main/lib/mix/lib/mix/tasks/release.init.ex
 */
export const BOOT_VARIABLES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['PATH', ofPath],
  ['RELEASE_VSN', never('which starts the release in releases/<RELEASE_VSN>', 'rename it, for example APP_VERSION')],
  ['RELEASE_ROOT', ofRoot],
  ['ERL_ROOTDIR', ofRoot],
  ['RELEASE_NAME', ofName],
  ['RELEASE_MODE', oneOf('embedded', 'interactive')],
  ['RELEASE_DISTRIBUTION', oneOf('name', 'sname', 'none')],
  ['RELEASE_BOOT_SCRIPT', ofBootScript],
  ['RELEASE_BOOT_SCRIPT_CLEAN', ofBootFile],
  ['RELEASE_SYS_CONFIG', ofSysConfig],
  ['RUN_ERL_PIPE', never('which then starts a daemon and ends', 'remove it: a container runs its program in the foreground')],
  ['ELIXIR_CLI_DRY_RUN', never('which then prints its command, with the cookie, and ends', 'remove it')],
]);

function never(what: string, fix: string): Judge {
  return () => ({ must: `be left to the boot script, ${what}`, fix });
}

function oneOf(...values: readonly string[]): Judge {
  const fix = `use ${values.join(' or ')}, or rename the variable where it is for something else`;
  return (value) => (values.includes(value) ? undefined : { must: `be ${values.join(' or ')} to the boot script`, fix });
}

function ofPath(value: string): Misuse | undefined {
  if (value.split(':').some((folder) => SYSTEM.test(folder))) return undefined;
  const must = 'hold the folders of the system, where the boot script finds readlink, cut and sed';
  const fix = 'remove it, or write all of /usr/local/bin:/usr/bin:/bin behind your own: nothing replaces $PATH here';
  return { must, fix };
}

/** The script works out where it is; a value that says otherwise is nothing but wrong. */
function ofRoot(value: string, beam: BeamContainer): Misuse | undefined {
  const root = rootOf(beam);
  if (root === undefined || value.replace(/(.)\/+$/, '$1') === root) return undefined;
  return { must: `be left to the boot script, which finds it out: ${root}`, fix: 'remove it, or rename it' };
}

/** Without a name of its own, the node is called as the release is. */
function ofName(value: string, { variables, node }: BeamContainer): Misuse | undefined {
  const named = variables.byName.has('RELEASE_NODE') || node.distribution === 'none';
  if (named || /^[A-Za-z][\w-]*$/.test(value)) return undefined;
  const fix = 'rename it, for example APP_NAME, or set RELEASE_NODE';
  return { must: 'be letters, digits, "_" or "-": the boot script names the node by it', fix };
}

function ofBootFile(value: string): Misuse | undefined {
  if (!/\/|\.boot$/.test(value)) return undefined;
  const fix = 'write its name alone, such as start, or remove it';
  return { must: 'name a file beside that of the release, without folder and .boot, which the script adds', fix };
}

function ofBootScript(value: string, beam: BeamContainer): Misuse | undefined {
  const starts = !beam.workload.task && !beam.endsFirst;
  if (!starts || value !== 'start_clean') return ofBootFile(value);
  return { must: 'start the application, which start_clean does not', fix: 'remove it' };
}

function ofSysConfig(value: string): Misuse | undefined {
  if (!value.endsWith('.config')) return undefined;
  return { must: 'end before .config, which the boot script adds', fix: `write ${value.slice(0, -'.config'.length)}` };
}
