import { type Duration, Size } from 'cdk8s';
import type { Mount } from '../pod/mount';
import { atoms, ECTO_SCRIPTS, running, type Told } from './ecto-scripts';
import { ALONE_PORTS } from './cluster-node';
import { distilleryBuild, exrmBuild, mixBuild, type ReleaseBuild } from './release-build';
import { furtherIn, furtherRefusals, type FurtherMigrations } from './further-migrations';
import type { ScriptFiles } from './scripts';
import { secondsOf } from '../support/quantity';
import { wrongProps } from '../support/props';
import type { Refusal } from '../support/reject';

/**
 * How the image's release is started, and what its boot script reads. Made by {@link mixRelease},
 * {@link distilleryRelease} or {@link exrmRelease}.
 */
export interface ReleaseTool {
  /** Name of the release, as in `mix.exs`. */
  readonly release: string;
  /** Starts the server in the foreground. */
  readonly start: readonly string[];
  /** Runs the migrations once. */
  readonly migrate: readonly string[];
  /** Plants the seeds once. */
  readonly seed: readonly string[];
  /** Plants the seeds unless the database says that they have been. @default - not known */
  readonly seedOnce?: readonly string[];
  /** Runs the migrations that wait for the roll-out: those that take away what old pods still use. @default - not known */
  readonly contract?: readonly string[];
  /** Takes migrations back: that of a version, and all newer ones. @default - not known */
  readonly rollback?: (repo: string, version: number) => readonly string[];
  /**
   * Ends well once no migration is left to run, and badly once the time is over; `repos` may have migrations beside those that the
   * application lists. @default - not known
   */
  readonly awaitMigrations?: (limit: Duration, repos?: readonly string[]) => readonly string[];
  /** Ends well once the database answers, and badly once the time is over. @default - not known */
  readonly awaitDatabase?: (limit: Duration) => readonly string[];
  /** Evaluates an expression of Elixir and ends. @default - not known */
  readonly evaluate?: (expression: string) => readonly string[];
  /** Scripts by file, which pods find in `/etc/release-scripts` where a command of theirs names one there. @default {} */
  readonly scripts?: ScriptFiles;
  /** Variables of every pod. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of pods that serve. */
  readonly serverVariables: Readonly<Record<string, string>>;
  /** Variables of pods that run one command and end. */
  readonly taskVariables: Readonly<Record<string, string>>;
  /** Emulator flags of every pod, beside the number of schedulers: `ERL_FLAGS`. */
  readonly flags: readonly string[];
  /** What keeps a running node to itself, where it is in no cluster; its flags come before those of the image: `ERL_AFLAGS`. */
  readonly alone: { readonly variables: Readonly<Record<string, string>>; readonly firstFlags: readonly string[] };
  /** Places that the boot script writes to, beside `/tmp`. */
  readonly mounts: readonly Mount[];
  /** How its image is built. @default - not known: of such a tool no Dockerfile is written */
  readonly build?: ReleaseBuild;
  /** What is wrong with what its maker was given. @default [] */
  readonly refusals?: readonly Refusal[];
}

/** What every release needs to be told about. */
export interface ReleaseToolProps {
  /** Name of the release: letters, digits and `_`. It is the file in `bin/` and the base of the node name. */
  readonly release: string;
  /** Folder of the release in the image. @default '/app' */
  readonly root?: string;
}

/** A release of Elixir 1.9 or newer. */
export interface MixReleaseProps extends ReleaseToolProps {
  /**
   * Module with `migrate/0`, `rollback/2` and, for seeds, `seed/0`, as `mix phx.gen.release` makes it: `KubeNative.Release`.
   */
  readonly module: string;
  /** Applications whose `:ecto_repos` it migrates. @default - the one that the module is named after: `kube_native` */
  readonly otpApps?: readonly string[];
  /**
   * Migrations beside those that `migrate/0` runs, such as those of tenants: the job runs them after it, and the gate asks for them.
   * @default []
   */
  readonly migrations?: readonly FurtherMigrations[];
}

/**
 * `mix release`. The node listens on the loopback interface alone, on port 4370: `bin/<release> rpc` and `remote` work inside
 * the pod, and so does what comes by `kubectl port-forward`; nothing else reaches it, whatever cookie the image was built with.
 *
 * @see https://hexdocs.pm/mix/Mix.Tasks.Release.html
 */
export function mixRelease(props: MixReleaseProps): ReleaseTool {
  const wrong = inCall('mixRelease', wrongProps(props, 'MixReleaseProps', ' to mixRelease'));
  const given: Partial<MixReleaseProps> = { ...props };
  const { release = '', root = '/app', module = '' } = given;
  const { otpApps = [otpAppOf(module)], migrations = [] } = wrong.length > 0 ? { otpApps: [] } : props;
  const bin = `${root}/bin/${release}`;
  const apps = atoms(otpApps);
  const [before, after] = [furtherIn(migrations, 'before'), furtherIn(migrations, 'after')];
  const beside = before['further'] === undefined ? '' : `; ${running('migrate.exs', { apps, ...before })}`;
  return {
    release,
    start: [bin, 'start'],
    migrate: [bin, 'eval', `${module}.migrate()${beside}`],
    seed: [bin, 'eval', `${module}.seed()`],
    seedOnce: [bin, 'eval', running('seed.exs', { apps, plant: `fn -> ${module}.seed() end` })],
    contract: [bin, 'eval', running('migrate.exs', { apps, folder: '"post_migrations"', ...after })],
    evaluate: (expression) => [bin, 'eval', expression],
    rollback: (repo, version) => [bin, 'eval', `${module}.rollback(${repo}, ${version})`],
    awaitMigrations: (limit, repos = []) => {
      const named: Told = repos.length === 0 ? {} : { repos: `[${repos.join(', ')}]` };
      return [bin, 'eval', running('gate.exs', { apps, limit: `${secondsOf(limit)}`, ...named, ...before })];
    },
    awaitDatabase: (limit) => [bin, 'eval', running('database.exs', { apps, limit: `${secondsOf(limit)}` })],
    scripts: ECTO_SCRIPTS,
    variables: { RELEASE_TMP: '/tmp' },
    serverVariables: { PHX_SERVER: 'true' },
    taskVariables: { RELEASE_DISTRIBUTION: 'none' },
    // The port table grows with the node's file limit, to gigabytes on some (https://github.com/teslamate-org/teslamate/issues/4999);
    // busy waiting burns the CPU quota of the pod.
    flags: ['+Q 65536', '+sbwt none', '+sbwtdcpu none', '+sbwtdio none'],
    alone: {
      variables: { RELEASE_DISTRIBUTION: 'name', RELEASE_NODE: `${release}@127.0.0.1`, ERL_EPMD_ADDRESS: '127.0.0.1' },
      firstFlags: ['-kernel inet_dist_use_interface {127,0,0,1}', ALONE_PORTS],
    },
    mounts: [],
    build: mixBuild(root, release),
    refusals: wrong.length > 0 ? wrong : [...nameRefusals(release, module, otpApps), ...furtherRefusals(migrations)],
  };
}

/** What is no prop or of another type, by the name of the function that was given it. */
function inCall(name: string, wrong: readonly Refusal[]): Refusal[] {
  return wrong.map((refusal) => ({ ...refusal, prop: `${name}.${refusal.prop}` }));
}

/** What `mix release`, or Elixir, would not take: tried with Elixir 1.14. */
function nameRefusals(release: string, module: string, otpApps: readonly string[]): Refusal[] {
  const wrong = (prop: string, got: string, form: RegExp, must: string, fix: string): Refusal[] =>
    form.test(got) ? [] : [{ prop: `mixRelease.${prop}`, must, got, fix }];
  const atom = 'start with a lower-case letter, and hold letters, digits and _ of ASCII alone';
  return [
    ...wrong(
      'release',
      release,
      /^[a-z][a-z0-9_]*$/,
      `${atom}, all in lower case`,
      "write the name that stands under 'releases' in mix.exs",
    ),
    ...wrong(
      'module',
      module,
      /^(?:[A-Z]\w*(?:\.[A-Z]\w*)*|:[a-z_][\w@]*[?!]?)$/,
      'be a module: names with a capital letter each, joined by dots',
      'write it as KubeNative.Release',
    ),
    ...otpApps.flatMap((app) => wrong('otpApps', app, /^[a-z]\w*$/, atom, "write the name that stands under 'app' in mix.exs")),
  ];
}

/** `KubeNative.Release` is of `kube_native`, as `mix phx.new` names both. */
function otpAppOf(module: string): string {
  const [namespace = ''] = module.replace(/^(?:Elixir\.|:)/, '').split('.');
  return namespace
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** A release of a tool from before `mix release`. */
export interface LegacyReleaseProps extends ReleaseToolProps {
  /** Arguments that run the migrations: a custom command, or `command` with a module and a function. @default ['migrate'] */
  readonly migrate?: readonly string[];
  /** Arguments that plant the seeds. @default ['seed'] */
  readonly seed?: readonly string[];
  /**
   * Arguments of a command that waits for migrations, before the seconds that it may take: `['await']` runs
   * `bin/<release> await 600`. It ends with 0 once no migration is left to run, and with another number where one is; then
   * Kubernetes asks again after a pause, so it need not wait itself. @default - not known: pods cannot wait
   */
  readonly awaitMigrations?: readonly string[];
}

/**
 * Distillery, deprecated since 2023. It writes the configuration, secrets and all, to disk at every boot: here to
 * memory.
 *
 * @see https://github.com/bitwalker/distillery
 */
export function distilleryRelease(props: LegacyReleaseProps): ReleaseTool {
  return legacyRelease('distilleryRelease', props, {
    variables: { REPLACE_OS_VARS: 'true' },
    build: distilleryBuild,
  });
}

/**
 * exrm, of 2015 to 2017.
 *
 * @see https://github.com/bitwalker/exrm
 */
export function exrmRelease(props: LegacyReleaseProps): ReleaseTool {
  return legacyRelease('exrmRelease', props, {
    variables: { RELX_REPLACE_OS_VARS: 'true', RUNNER_LOG_DIR: '/tmp/log' },
    build: exrmBuild,
  });
}

/** What makers of old releases differ in. */
interface LegacyTool {
  readonly variables: Readonly<Record<string, string>>;
  readonly build: (root: string, release: string) => ReleaseBuild;
}

function legacyRelease(maker: string, props: LegacyReleaseProps, { variables, build }: LegacyTool): ReleaseTool {
  const wrong = inCall(maker, wrongProps(props, 'LegacyReleaseProps', ` to ${maker}`));
  const given: Partial<LegacyReleaseProps> = { ...props };
  const { release = '', root = '/app', migrate = ['migrate'], seed = ['seed'], awaitMigrations } = given;
  const bin = `${root}/bin/${release}`;
  return {
    release,
    start: [bin, 'foreground'],
    migrate: [bin, ...migrate],
    seed: [bin, ...seed],
    ...(awaitMigrations ? { awaitMigrations: (limit) => [bin, ...awaitMigrations, `${secondsOf(limit)}`] } : {}),
    variables: { ...variables, RELEASE_MUTABLE_DIR: '/run/release' },
    serverVariables: {},
    taskVariables: {},
    // The dirty schedulers' switches do not exist in the Erlang of the time, which refuses what it does not know.
    flags: ['+Q 65536', '+sbwt none'],
    alone: { variables: {}, firstFlags: [ALONE_PORTS] },
    mounts: [{ name: 'release', path: '/run/release', memory: Size.mebibytes(16) }],
    build: build(root, release),
    refusals: wrong,
  };
}
