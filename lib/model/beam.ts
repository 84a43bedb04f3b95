import type { World } from './world';
import { matches } from '../support/matches';
import type { ContainerVariable } from './variables';
import { type Inventory, inventoryOf } from './inventory';
import { map, maps, once, scalar, scalars } from './values';
import { containersOf, type Container, type Pod } from './pods';

/** A container that runs a BEAM, as far as its variables and its command tell. */
export interface BeamContainer extends Container {
  readonly workload: Pod;
  /** Emulator flags from variables and from a mounted `vm.args`; undefined where a Secret or the image holds them. */
  readonly flags: string | undefined;
  /** The same by the variable that brings them, in the order in which the VM reads them; without those that are not known. */
  readonly flagSources: readonly FlagSource[];
  /** Whether Distillery or exrm made the release. */
  readonly legacy: boolean;
  /** The node's name as far as the YAML gives it. */
  readonly node: BeamNode;
  /** Whether its node is to meet others: it serves, and has a query or a name that is more than loopback. */
  readonly clustered: boolean;
}

/** Flags and the variable that brings them. */
export interface FlagSource {
  readonly variable: string;
  readonly text: string;
}

/** A node's name in its parts. */
export interface BeamNode {
  readonly base?: string;
  readonly host?: string;
  /** `RELEASE_DISTRIBUTION`, whose default in a release is `sname`. */
  readonly distribution: string;
}

const SIGNS = [
  ...['RELEASE_NODE', 'RELEASE_DISTRIBUTION', 'RELEASE_COOKIE', 'RELEASE_MUTABLE_DIR', 'RELEASE_TMP', 'RELEASE_VM_ARGS'],
  ...['ERL_FLAGS', 'ERL_AFLAGS', 'ERL_ZFLAGS', 'ERL_CRASH_DUMP', 'PHX_HOST', 'PHX_SERVER', 'DNS_CLUSTER_QUERY'],
  ...['REPLACE_OS_VARS', 'RELX_REPLACE_OS_VARS'],
];

/** The variables by which nodes find each other: those of dns_cluster and of libcluster. */
const LOOKUPS = ['DNS_CLUSTER_QUERY', 'LIBCLUSTER_SELECTOR'];

/** The words behind `bin/<release>` that start a VM and stay. */
const STARTS = /^(?:start|start_iex|foreground|console)$/;
const RELEASE_PROGRAM = /^(?!\/(?:usr|bin|sbin)\/)(?:.*\/)?bin\/[a-z]\w*$/;

/** What starts a BEAM within the words of a shell, and without a release: the scripts are those of `mix phx.gen.release`. */
const STARTING =
  /(?:^|[\s;&|(])(?:mix (?:phx\.server|run |do |ecto\.)|elixir\s.*-S mix\b|(?!\/(?:usr|bin|sbin)\/)(?:\S*\/)?bin\/[a-z]\w* (?:start|foreground|eval|daemon)\b|\/app\/bin\/(?:server|migrate)\b)/;

/** Images that everybody can pull, and that are releases of Phoenix. */
const PUBLIC =
  /(?:^|\/)(?:teslamate\/teslamate|plausible\/(?:analytics|community-edition)|blockscout\/blockscout|supabase\/(?:realtime|logflare|supavisor)|livebook-dev\/livebook|papercups\/papercups|framasoft\/mobilizon|pentacent\/keila|sequin\/sequin|openfn\/lightning|trento-project\/trento-(?:web|wanda)|electricsql\/electric)(?:$|[:@])/;

/** The BEAM containers of an environment. */
export const beamContainers = once((world: World): readonly BeamContainer[] => {
  const inventory = inventoryOf(world);
  const found = containersOf(inventory.pods).filter(
    ({ container, workload }) => saidOf(container, workload, world) ?? runsBeam(container),
  );
  return found.map(({ container, workload }) => describe(container, workload, inventory));
});

/** The words that a container runs, as far as the YAML gives them. */
export function commandOf({ spec }: Container): readonly string[] {
  return [...scalars(spec['command']), ...scalars(spec['args'])];
}

/** Programs that run a BEAM without the boot script of a release. */
const NO_RELEASE = /(?:^|\/)(?:mix|elixir|iex|erl|escript|rebar3)$/;

/** Whether the boot script of `mix release` starts the VM, as far as the YAML tells. */
export function isMixRelease(beam: BeamContainer): boolean {
  const [program = ''] = commandOf(beam);
  return !beam.legacy && !NO_RELEASE.test(program);
}

/** The folder of the release, where the command names a program in its `bin`. */
export function rootOf(beam: BeamContainer): string | undefined {
  const root = rootOfRelease(commandOf(beam));
  return root === '' ? '/' : root;
}

/** Whether a command starts a release as a server. */
export function startsRelease(command: readonly string[]): boolean {
  return command.length === 2 && RELEASE_PROGRAM.test(command[0] ?? '') && STARTS.test(command[1] ?? '');
}

/** The folder of the release whose program a command runs, such as `/app`; undefined where it is no release's. */
export function rootOfRelease([program = '']: readonly string[]): string | undefined {
  return program.startsWith('/') && RELEASE_PROGRAM.test(program) ? program.replace(/\/bin\/[^/]+$/, '') : undefined;
}

/** A variable's value; undefined where it is not set, empty or not known. */
export function valueOf({ variables }: Container, name: string): string | undefined {
  const value = variables.byName.get(name)?.value?.trim();
  return value === '' ? undefined : value;
}

/** The variable that a container's image reads the cookie of its node from. */
export function cookieVariableOf({ variables }: Container, { cookieVariables = [] }: World): string {
  return cookieVariables.find((name) => variables.byName.has(name)) ?? 'RELEASE_COOKIE';
}

/** Where a finding about a variable stands: at the variable, or at the container that lacks it. */
export function placeOf(beam: BeamContainer, name: string): Pick<ContainerVariable, 'object' | 'field'> {
  const { object, field } = beam.variables.byName.get(name) ?? {
    object: beam.workload.object,
    field: `${beam.path}.env.${name}`,
  };
  return { object, field };
}

/** Whether somebody says that a container runs a BEAM, or that it does not; the last word counts. */
function saidOf({ spec }: Container, { name }: Pod, { releases = [] }: World): boolean | undefined {
  const names = [name, `${name}/${scalar(spec['name']) ?? ''}`, scalar(spec['image']) ?? ''];
  const said = releases.findLast((one) => names.some((text) => matches(one.replace(/^!/, ''), text)));
  return said === undefined ? undefined : !said.startsWith('!');
}

function runsBeam(container: Container): boolean {
  const { byName } = container.variables;
  if (SIGNS.some((name) => byName.has(name))) return true;
  // Rails has a variable of this name too.
  if (byName.has('SECRET_KEY_BASE') && !byName.has('RAILS_ENV') && !byName.has('RACK_ENV')) return true;
  const image = scalar(container.spec['image']) ?? '';
  if (/(?:^|[/_-])elixir(?:$|[:/@_-])/.test(image) || PUBLIC.test(image)) return true;
  // Other programs are called Phoenix too, and listen elsewhere; Arize's is written in Python.
  const ports = maps(container.spec['ports']);
  const maySpeak = ports.length === 0 || ports.some(({ containerPort }) => containerPort === 4000);
  if (maySpeak && /^(?!.*arize).*(?:^|[/_-])phoenix(?:$|[:/@_-])/.test(image)) return true;
  const words = commandOf(container);
  const [program = '', verb = ''] = words;
  return (RELEASE_PROGRAM.test(program) && (STARTS.test(verb) || verb === 'eval')) || STARTING.test(words.join(' '));
}

function describe(container: Container, workload: Pod, inventory: Inventory): BeamContainer {
  const { byName } = container.variables;
  const legacy = ['REPLACE_OS_VARS', 'RELX_REPLACE_OS_VARS'].some((name) => byName.has(name));
  const [base, host] = valueOf(container, 'RELEASE_NODE')?.split('@') ?? [];
  const distribution = valueOf(container, 'RELEASE_DISTRIBUTION') ?? 'sname';
  const serves = !workload.task && !container.endsFirst;
  const named = distribution !== 'none' && host !== undefined && !isLoopback(host);
  const sources = flagsOf(container, workload, inventory);
  const flagSources = sources.flatMap(({ variable, text }) => (text === undefined ? [] : [{ variable, text }]));
  const clustered = serves && (named || LOOKUPS.some((name) => byName.has(name) && byName.get(name)?.value?.trim() !== ''));
  return {
    ...container,
    workload,
    flags: flagSources.length < sources.length ? undefined : flagSources.map(({ text }) => text).join(' '),
    flagSources,
    legacy,
    node: { base, host, distribution },
    clustered,
  };
}

/** Whether a host is reached from inside of its pod alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/**
 * The variables that bring flags, as `erlexec` puts them together: `ERL_AFLAGS`, then the command line, which the script of
 * a release begins with `ELIXIR_ERL_OPTIONS` and ends with `vm.args`, then `ERL_FLAGS` and `ERL_ZFLAGS`.
 */
const FLAG_VARIABLES = ['ERL_AFLAGS', 'ELIXIR_ERL_OPTIONS', 'RELEASE_VM_ARGS', 'VMARGS_PATH', 'ERL_FLAGS', 'ERL_ZFLAGS'];

function flagsOf(container: Container, workload: Pod, inventory: Inventory) {
  return FLAG_VARIABLES.flatMap((variable): { readonly variable: string; readonly text?: string }[] => {
    const found = container.variables.byName.get(variable);
    if (!found) return [];
    const file = variable === 'RELEASE_VM_ARGS' || variable === 'VMARGS_PATH';
    const given = file && found.value !== undefined ? mountedFile(found.value, container, workload, inventory) : found.value;
    return [{ variable, text: given === undefined ? undefined : shown(given.replaceAll(/^\s*#.*$/gm, '')) }];
  });
}

/** Flags as a text that may be printed: a cookie among them is left out. */
function shown(flags: string): string {
  return flags.replaceAll(/-setcookie\s+\S+/g, '-setcookie ...');
}

/** The text of a file that a ConfigMap brings into a container. */
function mountedFile(path: string, { spec }: Container, { spec: pod, namespace }: Pod, inventory: Inventory): string | undefined {
  for (const { name, mountPath, subPath } of maps(spec['volumeMounts'])) {
    const folder = scalar(mountPath) ?? '';
    const inside = path === folder ? scalar(subPath) : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
    const volume = inside === undefined ? undefined : maps(pod['volumes']).find((one) => one['name'] === name);
    const { name: configMap, items } = map(volume?.['configMap']);
    if (inside === undefined || scalar(configMap) === undefined) continue;
    const key = maps(items).find((item) => item['path'] === inside)?.['key'] ?? inside;
    return scalar(map(inventory.find('ConfigMap', String(configMap), namespace)?.object?.manifest['data'])[String(key)]);
  }
  return undefined;
}
