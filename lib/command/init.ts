import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { didYouMean } from '../support/nearest';
import { sentence } from '../support/reject';
import { starter } from './starter';
import { DATABASES, DEFAULTS, ENVIRONMENTS, ROUTES, type StarterOptions } from './starter-options';

/** What was written, or why nothing was. */
export interface Init {
  readonly faults: readonly string[];
  /** Paths within the folder. */
  readonly files: readonly string[];
}

/**
 * Writes a project on the package into an empty folder, or nothing.
 *
 * @param folder one that is empty or not there
 * @param options those of the command line, see `cdk8s-phoenix init --help`
 */
export function init(folder: string, options: Readonly<Record<string, string | boolean | undefined>>): Init {
  const faults = [...folderFaults(folder)];
  const read = readOptions({ ...DEFAULTS, ...options }, (fault) => faults.push(fault));
  if (faults.length > 0) return { faults, files: [] };
  const { files, missed } = starter(read);
  const fix = 'install it again; if that does not help, tell us';
  if (missed.length > 0)
    return { faults: missed.map((got) => fault('package', 'have all passages of its stack', got, fix)), files: [] };
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { faults, files: [...files.keys()] };
}

function folderFaults(folder: string): string[] {
  if (!existsSync(folder)) return [];
  // A repository that was just begun is empty.
  const [first] = statSync(folder).isDirectory() ? readdirSync(folder).filter((entry) => entry !== '.git') : [folder];
  if (first === undefined) return [];
  return [fault('folder', 'be empty, or not there', first, 'name another folder, or remove what is in it')];
}

function fault(prop: string, must: string, got: unknown, fix: string): string {
  return `[init] ${sentence({ prop, must, got, fix })}`;
}

type Refuse = (fault: string) => void;

/** The options as the starter takes them; of those that are malformed, something. What follows from the name is not told beside it. */
function readOptions(options: Readonly<Record<string, string | boolean | undefined>>, refuse: Refuse): StarterOptions {
  const { name, port, umbrella = false, package: version } = options;
  const own = String(name);
  const words = own.split('-');
  const {
    release = own.replaceAll('-', '_'),
    module = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(''),
  } = options;
  const matching = (prop: string, value: unknown, form: RegExp, must: string, fix: string): string => {
    if (!form.test(String(value)) && options[prop.slice(2)] !== undefined) refuse(fault(prop, must, value, fix));
    return String(value);
  };
  const listening = Number(port);
  if (!Number.isInteger(listening) || listening < 1 || listening > 65535)
    refuse(fault('--port', 'be a port, from 1 to 65535', port, 'write the one of your endpoint, such as 4000'));
  return used(refuse, {
    name: matching(
      '--name',
      own,
      /^[a-z](?:[-a-z0-9]{0,28}[a-z0-9])?$/,
      "be lower-case letters, digits and '-'",
      'write it like shop-web',
    ),
    release: matching('--release', release, /^[a-z][a-z0-9_]*$/, 'be the name of a release', 'write it as in mix.exs: shop'),
    module: matching('--module', module, /^[A-Z]\w*(?:\.[A-Z]\w*)*$/, 'be a module of Elixir', 'write it like Shop'),
    port: listening,
    umbrella: umbrella === true,
    database: oneOf('--database', options['database'], DATABASES, refuse),
    stagingDatabase: oneOf('--staging-database', options['stagingDatabase'], DATABASES, refuse),
    route: oneOf('--route', options['route'], ROUTES, refuse),
    environments: environmentsOf(options['environments'], refuse),
    package: version === undefined ? undefined : String(version),
  });
}

/** Refuses a database of an environment that there is not: it would be lost. */
function used(refuse: Refuse, options: StarterOptions): StarterOptions {
  const chosen = [
    ['--database', 'database', 'production'],
    ['--staging-database', 'stagingDatabase', 'staging'],
  ] as const;
  for (const [prop, key, environment] of chosen) {
    if (options[key] === DEFAULTS[key] || options.environments.includes(environment)) continue;
    const fix = `add ${environment} to --environments, or remove it`;
    refuse(fault(prop, `be left out without ${environment}`, options[key], fix));
  }
  return options;
}

function oneOf<T extends string>(prop: string, value: unknown, known: readonly [T, ...T[]], refuse: Refuse): T {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  refuse(fault(prop, `be one of ${known.join(', ')}`, value, didYouMean(String(value), known, 'use one of them')));
  return known[0];
}

function environmentsOf(value: unknown, refuse: Refuse): StarterOptions['environments'] {
  const names = [
    ...new Set(
      String(value)
        .split(',')
        .map((name) => name.trim()),
    ),
  ];
  return names.map((name) => oneOf('--environments', name, ENVIRONMENTS, refuse));
}
