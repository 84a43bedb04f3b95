import { eachBeam, eachPod, placesOnce } from '../each';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, isMixRelease, placeOf, rootOf } from '../../model/beam';
import { once } from '../../model/values';

export const variableOrder = eachPod({
  name: 'variable-order',
  sentence: 'A variable refers only to variables above it, and one in a ConfigMap to none.',
  why: 'The text "$(POD_IP)" becomes part of the node\'s name as it stands, and the pod crashes or never finds another node.',
  source: 'https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/',
  *each({ containers, spec: pod }) {
    const linked = pod['enableServiceLinks'] !== false;
    for (const { variables } of containers) {
      for (const { name, object, field, value, secret, dangling } of variables.byName.values()) {
        if (object.manifest['kind'] === 'ConfigMap') {
          const [reference] = /\$\([A-Za-z_]\w*\)/.exec(value ?? '') ?? [];
          if (reference === undefined) continue;
          const fix = `write ${name} into the container's env, below ${reference.slice(2, -1)}: what a ConfigMap holds is not looked into`;
          yield { object, field, must: 'refer to no variable', got: reference, fix };
        }
        for (const other of dangling) {
          const below = variables.byName.has(other);
          if (secret !== undefined || (!below && (!variables.complete || (linked && SERVICE_LINK.test(other))))) continue;
          const fix = `${below ? 'put' : 'define'} ${other} above ${name}, or write $$(${other}) for the text itself`;
          yield { object, field, must: 'refer only to variables above it', got: `$(${other})`, fix };
        }
      }
    }
  },
});

/** Variables that Kubernetes itself makes from Services. */
const SERVICE_LINK = /_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)/;
/** What a generated config/runtime.exs raises without, whatever is started. */
const NEEDED = ['SECRET_KEY_BASE', 'DATABASE_URL'];

export const sameBoot = eachBeam({
  name: 'same-boot',
  sentence: 'All that runs one release gets the variables that it cannot boot without, from the same place.',
  why: 'config/runtime.exs runs before every command and raises: the migration or the worker ends before it begins.',
  source: 'https://hexdocs.pm/phoenix/releases.html#runtime-configuration',
  *each(beam, world) {
    for (const name of NEEDED) {
      const { variables } = beam;
      const other = variables.complete ? firstWith(world).get(placeIn(beam, name)) : undefined;
      if (!other || other === beam) continue;
      const [wanted, own] = [other, beam].map((one) => one.variables.byName.get(name));
      const beside = `${other.workload.kind} ${other.workload.name}, which runs the same image`;
      const apart = wanted?.secret !== undefined && own?.secret !== undefined && own.secret !== wanted.secret;
      if (!own) {
        const fix = 'give it the same variables: config/runtime.exs reads them before every command';
        yield { variable: name, must: `be set as in ${beside}`, got: undefined, fix };
      } else if (apart && name !== 'DATABASE_URL') {
        const fix = `use the key ${wanted.secret}: what one pod signs, the others must accept`;
        yield { variable: name, must: `come from the same key as in ${beside}`, got: own.secret, fix };
      }
    }
  },
});

/** The first container of each image that has a variable. */
const firstWith = once((world: World) => {
  const first = new Map<string, BeamContainer>();
  for (const beam of beamContainers(world))
    for (const name of NEEDED.filter((one) => beam.variables.byName.has(one) && !first.has(placeIn(beam, one))))
      first.set(placeIn(beam, name), beam);
  return first;
});

function placeIn({ spec }: BeamContainer, name: string): string {
  return `${name} ${String(spec['image'])}`;
}

/** Names that the scripts of old releases read as settings of their own. */
const DISTILLERY = ['NAME', 'COOKIE', 'VMARGS_PATH', 'SYS_CONFIG_PATH', 'ERL_OPTS', 'EXTRA_OPTS'];

export const reservedVariables: Rule = {
  name: 'reserved-variables',
  sentence: 'No variable takes from the boot script of a release a setting of its own, or gives it a value that stops it.',
  why: 'The scripts build folders, the name of the node and the command line from them: "ping" asks another node, or the VM does not start.',
  source: 'https://hexdocs.pm/mix/Mix.Tasks.Release.html#module-environment-variables',
  *find(world: World): Iterable<Finding> {
    yield* placesOnce(beamContainers(world).flatMap((beam) => [...misused(beam)]));
  },
};

function* misused(beam: BeamContainer): Iterable<Finding> {
  const { byName } = beam.variables;
  // A field of the pod is given on purpose, by those who make the name of the node from it.
  if (byName.has('HOSTNAME') && !/^<(?:status|spec|metadata)\./.test(byName.get('HOSTNAME')?.value ?? '')) {
    const must = 'be left to Kubernetes, which sets it to the name of the pod';
    const fix = 'remove it, or rename it: PHX_HOST is the public host name';
    yield { ...placeOf(beam, 'HOSTNAME'), must, got: 'HOSTNAME', fix };
  }
  for (const name of byName.has('REPLACE_OS_VARS') ? DISTILLERY : []) {
    const fix = `rename it, for example APP_${name}`;
    const must = 'not be set: the scripts of Distillery read it as theirs';
    if (byName.has(name)) yield { ...placeOf(beam, name), must, got: name, fix };
  }
  if (!isMixRelease(beam)) return;
  for (const [name, judge] of BOOT_VARIABLES) {
    const { value, secret } = byName.get(name) ?? {};
    // What comes from the cluster is known there alone; an empty value is none to the scripts.
    if (value === undefined || value === '' || value.includes('<')) continue;
    const misuse = judge(value, beam);
    if (misuse) yield { ...placeOf(beam, name), got: secret === undefined ? value : 'a value from a Secret', ...misuse };
  }
}

/** What is wrong with the value of a variable that the boot script reads. */
type Misuse = Pick<Finding, 'must' | 'fix'>;

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
const BOOT_VARIABLES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
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
