import { join } from 'node:path';
import { App } from 'cdk8s';
import { apartFiles, textOf } from './chart-text';
import { AppChecks } from './app-checks/app-checks';
import type { OptOutInForce } from './app-checks/reasons';
import { leftBehind } from './checks/changes/left-behind';
import { Neighbours } from './app-checks/neighbours';
import { passedOver } from './app-checks/passed-over';
import { PreviousRun } from './app-checks/previous-run';
import { IMAGE_FOLDER, NO_FILES, type ImageFiles } from './image/written';
import {
  APART_FOLDERS,
  clear,
  clearApart,
  clearImage,
  finish,
  othersApart,
  othersImageFiles,
  write,
  writeApart,
  type ApartFile,
} from './output';
import { declaredIn } from './support/declare';
import { standsApart } from './support/folder';
import { CLUSTERS } from './support/beside';
import { LABEL } from './support/forms';
import { OptOut } from './support/opt-out';
import { wrongProps } from './support/props';
import { inAll, reject, rejections, sentence, Unbuildable, type Refusal } from './support/reject';

/** An App as text, or what is wrong with it. */
export interface Rendered {
  /** Text of each file by its name, with its folder where it has one: `30-phoenix.k8s.yaml`. Empty where there are faults. */
  readonly files: ReadonlyMap<string, string>;
  /** What is no part of the environment, such as the file of a {@link LivebookDesk}. Empty where there is none, or a fault. */
  readonly apart: readonly ApartFile[];
  /** What is wrong, as `[path] sentence`, each once. */
  readonly faults: readonly string[];
  /** Rules left out on purpose. */
  readonly optOuts: readonly OptOutInForce[];
  /** Commands that delete what was in the previous output, is in this one no more, and stays in the cluster after `kubectl apply`. */
  readonly leftBehind: readonly string[];
  /** What is taken for granted, each with how to say it. */
  readonly assumed: readonly string[];
}

/** What builds an environment into an App. */
export type Build = (app: App) => unknown;

/** What {@link synth} looks at beside the environments. */
export interface SynthOptions {
  /**
   * Folder with what was synthesized before, such as `dist` of the main branch: changes that the API server would refuse,
   * or that lose data, are refused. One that holds no environment is refused, and so is the folder that is written: that
   * one is empty after a fault. `OptOut.because('nothing was deployed yet')` says that there is none.
   * @default - changes are not looked at
   */
  readonly previous?: string | OptOut;
  /** Names of environments that there are beside those that are built now: they are not gone from `previous`. @default [] */
  readonly others?: readonly string[];
  /** Environments of `previous` that are gone, or have another name, on purpose: each with the reason. @default {} */
  readonly retired?: Readonly<Record<string, OptOut>>;
  /** Whether to check alone: nothing is written, nothing is removed and no note is printed. @default false */
  readonly dry?: boolean;
  /** What else to print of an environment without faults, from its finished objects. @default - nothing */
  readonly notes?: (name: string, app: App) => readonly string[];
  /**
   * Files for the folder `image` beside those of the environments, as `imageFiles` makes them; asked once all environments are built.
   * They are written together with the YAML, or not at all. @default - none
   */
  readonly image?: () => ImageFiles;
  /** Files that are no part of an environment beside those that charts make; asked once all environments are built. @default - none */
  readonly apart?: () => readonly ApartFile[];
}

/** Checks an App as a whole and renders it, one file a chart. Writes nothing. */
export function render(app: App): Rendered {
  const checks = AppChecks.of(app);
  const faults = rejections(app);
  const { optOuts } = checks;
  const warned = checks.printed.map((warning) => `warning: ${warning}`);
  const assumed = [...declaredIn(app).assumed, ...passedOver(app), ...warned];
  if (faults.length > 0) return { ...NOTHING, faults, optOuts, assumed };
  const texts = app.charts.map((chart) => textOf(chart, checks));
  const unwritten = texts.flatMap(({ fault }) => fault ?? []);
  if (unwritten.length > 0) return { ...NOTHING, faults: unwritten, optOuts, assumed };
  const written = texts.filter(({ text }) => text !== '');
  return {
    files: new Map(written.filter(({ chart }) => !standsApart(chart)).map(({ path, text }) => [path, text])),
    apart: apartFiles(written),
    faults,
    optOuts,
    assumed,
    leftBehind: leftBehind(checks.world),
  };
}

const NOTHING: Rendered = { files: new Map(), apart: [], faults: [], optOuts: [], leftBehind: [], assumed: [] };

/**
 * Writes every environment to a folder of its own, or nothing at all: with a fault in any of them, all faults are
 * printed, the exit code is 1, and files of an earlier run are gone, so that nobody applies them by mistake.
 *
 * @param outdir folder for the environments' folders; their `*.k8s.yaml`, also in folders of charts, are replaced, other files are left
 * @param environments what builds each environment into an App, by the environment's name; as pairs, two of one name are seen
 * @param options what else to look at
 * @returns whether all were written
 * @example synth('dist', { staging: (app) => build(staging, app) });
 */
export function synth(
  outdir: string,
  environments: Readonly<Record<string, Build>> | readonly (readonly [name: string, build: Build])[],
  options: SynthOptions = {},
): boolean {
  const wrong = wrongProps(options, 'SynthOptions', ' to synth').map((refusal) => sentence(refusal));
  if (wrong.length > 0) return refused(wrong);
  const builds: readonly (readonly [string, Build])[] = isList(environments) ? environments : Object.entries(environments);
  const names = builds.map(([name]) => name);
  const run = previousRun(outdir, names, options);
  const neighbours = new Neighbours();
  const faults: string[] = [];
  const notes: string[] = [];
  const paths: string[] = [];
  const { dry = false, notes: told } = options;
  if (!dry) clearUnfinished(outdir);
  for (const [name, build] of builds) {
    const rendered = renderNamed(name, build, { run, neighbours, notes: told });
    faults.push(...rendered.faults.map((fault) => `${name}: ${fault}`));
    notes.push(...notesOf(rendered).map((note) => `${name}: ${note}`), ...rendered.notes);
    // Its text does not stay in memory: a thousand environments take little more than one.
    if (!dry) faults.push(...othersApart(outdir, name, rendered.apart));
    if (faults.length === 0 && !dry) paths.push(...writeEnvironment(outdir, name, rendered));
  }
  faults.push(...twice(builds), ...(run?.faults ?? []));
  const image = imageOf(outdir, options);
  faults.push(...image.faults);
  notes.push(...image.assumed.map((note) => `${IMAGE_FOLDER}: ${note}`));
  const beside = faults.length === 0 && !dry ? (options.apart?.() ?? []) : [];
  faults.push(...othersApart(outdir, CLUSTERS, beside));
  const removed = dry ? [] : removeOld(outdir, faults.length > 0);
  for (const line of run?.report ?? []) console.error(line);
  if (faults.length > 0) {
    const stale = removed.some((file) => !file.endsWith('.partial'));
    return refused(faults, stale ? `nothing was written, and what an earlier run has written is gone from ${outdir}` : undefined);
  }
  if (image.files.size > 0 && !dry) paths.push(...write(join(outdir, IMAGE_FOLDER), image.files));
  finish([...paths, ...writeApart(outdir, CLUSTERS, beside)]);
  if (!dry) for (const note of notes) console.error(note);
  return true;
}

/** Tells all faults, and what became of the files; the command fails. */
export function refused(faults: readonly string[], files?: string): false {
  console.error(inAll(faults, files));
  process.exitCode = 1;
  return false;
}

function isList<T extends readonly unknown[]>(value: T | object): value is T {
  return Array.isArray(value);
}

/** The files of the image, which take nobody else's place. */
function imageOf(outdir: string, { image, dry = false }: SynthOptions): ImageFiles {
  const made = image?.() ?? NO_FILES;
  const faults = made.faults.map((fault) => `${IMAGE_FOLDER}: ${fault}`);
  return { ...made, faults: [...faults, ...(dry ? [] : othersImageFiles(outdir, made.files.keys()))] };
}

function writeEnvironment(outdir: string, name: string, { files, apart }: Rendered): string[] {
  return [...write(join(outdir, name), files), ...writeApart(outdir, name, apart)];
}

/** What a run left that was ended. */
function clearUnfinished(outdir: string): void {
  clear(outdir, /\.k8s\.yaml\.partial$/);
  clearApart(outdir, /\.yaml\.partial$/);
}

function removeOld(outdir: string, failed: boolean): string[] {
  const ending = failed ? /\.yaml(\.partial)?$/ : /\.yaml$/;
  return [
    ...clear(outdir, failed ? /\.k8s\.yaml(\.partial)?$/ : /\.k8s\.yaml$/),
    ...clearApart(outdir, ending),
    ...clearImage(outdir),
  ];
}

function previousRun(outdir: string, built: readonly string[], options: SynthOptions): PreviousRun | undefined {
  const { previous, others = [], retired = {} } = options;
  if (previous === undefined) return undefined;
  if (!(previous instanceof OptOut)) return new PreviousRun({ folder: previous, outdir, built, others, retired });
  console.error(`compared with nothing: ${previous.reason}`);
  return undefined;
}

function notesOf({ optOuts, leftBehind: commands, assumed }: Rendered): string[] {
  return [
    ...assumed,
    ...optOuts.map(({ rule, objects, reason }) => `${rule} left out for ${objects.join(', ')}: ${reason}`),
    ...commands.map((command) => `kubectl apply leaves what is no longer in the output; once nobody needs it: ${command}`),
  ];
}

/** The files of the second would replace those of the first. */
function twice(builds: readonly (readonly [string, Build])[]): string[] {
  const names = builds.map(([name]) => name);
  const double = new Set(names.filter((name, index) => names.indexOf(name) < index));
  const fix = 'rename one: the name is that of its folder';
  return [...double].map((got) => `${got}: [app] ${sentence({ prop: 'name', must: 'be that of one environment', got, fix })}`);
}

/** What an environment is compared with. */
interface Others {
  readonly run: PreviousRun | undefined;
  readonly neighbours: Neighbours;
  readonly notes: SynthOptions['notes'];
}

function renderNamed(name: string, build: Build, { run, neighbours, notes }: Others): Rendered & { notes: readonly string[] } {
  const app = new App();
  try {
    run?.before(name, app);
    build(app);
    run?.recognize(name, app);
    const own = render(app);
    const apart = neighbours.add(name, AppChecks.of(app));
    const faults = [...own.faults, ...apart.faults];
    const said = faults.length === 0 ? (notes?.(name, app) ?? []) : [];
    const rendered = { ...own, faults, optOuts: [...own.optOuts, ...apart.optOuts], notes: said };
    const taken = takenFolder(name);
    if (faults.length > 0 || (taken === undefined && LABEL.test(name))) return rendered;
    reject(app, { ...(taken ?? folderName), got: name });
    return { ...render(app), notes: [] };
  } catch (error) {
    // What a construct refused before explains why it could not go on.
    AppChecks.of(app).abandon();
    const refused = rejections(app);
    return { ...NOTHING, notes: [], faults: refused.length > 0 ? refused : [explain(error)] };
  }
}

const folderName = {
  prop: 'name',
  must: "be lower-case letters, digits and '-'",
  fix: 'rename the environment: it names a folder',
};

/** Why no environment may have a name. */
function takenFolder(name: string): Omit<Refusal, 'got'> | undefined {
  const files = new Map(Object.entries({ [IMAGE_FOLDER]: 'the files of the image', ...APART_FOLDERS })).get(name);
  if (files === undefined) return undefined;
  const must = 'be no name of a folder for something else';
  return { prop: 'name', must, fix: `rename the environment: ${files} are in '${name}'` };
}

/** A sentence first; the stack only where it is the library's own fault. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Unbuildable) return error.message;
  return `could not be built: ${error.message}; a value of the wrong type may be the cause\n${error.stack ?? ''}`;
}
