import type { App } from 'cdk8s';
import { declare } from '../support/declare';
import { OptOut } from '../support/opt-out';
import { wrongProps } from '../support/props';
import { abort, reject, sentence, type Refusal } from '../support/reject';
import { requireNoUpdates, unmarked } from './image-updates';
import { IMAGE_FOLDER } from '../image/written';
import { CLUSTERS } from '../support/beside';
import { apartOf } from '../support/folder';
import { refused, synth } from '../synth';
import { buildEnvironment } from './build';
import { effectiveKnobs, type EffectiveKnob } from './effective';
import type { Environment } from './environment';
import { clusterNeeds } from './needs';
import { needsLine, needsText } from '../needs/needs-text';
import type { NamedEnvironment, StackFacts } from './parts';
import { printPlan } from './print-plan';
import { StackCompose } from './stack-compose';
import { StackGuards } from './stack-guards';
import { UNKNOWN_IMAGE } from './require-environment';
import { stackImage } from './stack-image';
import { StackImages } from './stack-images';
import { sideBySide } from './side-by-side';

/** An application and where it runs: all that a team says. */
export interface Stack extends StackFacts {
  /** Every environment by its name, in the order of promotion. */
  readonly environments: Readonly<Record<string, Environment>>;
  /** An environment for one pull request, by its number or branch and the image that its build has pushed. @default - there are none */
  readonly preview?: (of: string, image: string) => NamedEnvironment;
  /**
   * Environments that are gone, or have another name now: each with the reason, such as where its data are. With a previous
   * output, one that is gone and stands not here is a fault. @default {}
   */
  readonly retired?: Readonly<Record<string, OptOut>>;
  /**
   * The environment that `dist/image/compose.yaml` is made from, for `docker compose up` on one machine: it has a database of its
   * own, and literal secrets. `OptOut.because('...')` leaves the file out.
   * @default - `development`, where there is one that a machine can be
   */
  readonly compose?: string | OptOut;
}

/** What one run synthesizes, as texts: the variables of a command. An empty text is none. */
export interface StackRun {
  /** Folder for the environments' folders. @default 'dist' */
  readonly outdir?: string;
  /** Names of environments with commas between them. @default - all of them */
  readonly only?: string;
  /** Image in the place of those in files and literals, or of the preview. @default - that of each file, or literal */
  readonly image?: string;
  /**
   * Folder with a file for each environment that says which image it runs: `staging.yaml` with `image: <image>`. It is in the place
   * of that in the literal, which may be left out then. Where there is no such folder, the literals say it.
   * @default - the literals alone say it
   */
  readonly images?: string;
  /** Number or branch of a pull request: its preview alone is written then. @default - none */
  readonly pullRequest?: string;
  /** Folder with what was synthesized before, or `none` where nothing was deployed yet. @default - changes are not looked at */
  readonly previous?: string;
  /**
   * What to print in the place of writing files: what the cluster must have (`needs`), what the environments come to, side by
   * side (`environments`), or what the change from the previous output does (`plan`). @default - files are written
   */
  readonly print?: string;
  /** In which form a plan is printed: `text`, `markdown` or `json`. @default 'text' */
  readonly format?: string;
}

type Named = readonly [name: string, build: (app: App) => void];

/**
 * Writes a stack's environments, or nothing at all and every fault.
 *
 * @returns whether all were written
 * @example synthStack({ application, environments }, { outdir: 'dist' });
 */
export function synthStack(stack: Stack, run: StackRun = {}): boolean {
  const wrong = [...atTop(wrongProps(stack, 'Stack', ' to synthStack')), ...wrongProps(run, 'StackRun', ' to synthStack')];
  if (wrong.length > 0) return refused(wrong.map((refusal) => sentence(refusal)));
  const { outdir = 'dist', pullRequest, previous } = run;
  const { retired } = stack;
  const builds = pullRequest ? [previewOf(stack, pullRequest, run.image)] : namedOf(stack, run);
  if (run.print === 'plan') return printPlan(stack, run, builds);
  if (run.print) return printed(run.print, builds);
  const compose = new StackCompose(stack, outdir);
  const guards = new StackGuards(stack.environments);
  const apart = new Set<string>();
  const written = synth(outdir, builds, {
    previous: previous === 'none' ? OptOut.because('PREVIOUS=none, nothing was deployed yet') : previous,
    others: Object.keys(stack.environments),
    retired,
    image: () => stackImage(stack, compose),
    apart: () => guards.files(),
    notes: (name, app) => {
      compose.look(name, app);
      guards.look(name);
      for (const chart of app.charts) apart.add(apartOf(chart)?.folder.split('/')[0] ?? '');
      return [needsLine(name, clusterNeeds(app)) ?? []].flat();
    },
  });
  const image = stack.application.source || compose.isMade ? [IMAGE_FOLDER] : [];
  const others = [...apart, guards.isMade ? CLUSTERS : ''].filter((name) => name !== '');
  const folders = [...builds.map(([name]) => name), ...new Set(others), ...image];
  if (written) process.stdout.write(`wrote ${folders.map((name) => `${outdir}/${name}`).join(', ')}\n`);
  return written;
}

/** What is inside of the application and of an environment is told by whoever builds with it. */
function atTop(refusals: readonly Refusal[]): readonly Refusal[] {
  return refusals.filter(({ prop }) => !prop.includes('.'));
}

/** Prints, or says what is wrong. */
function printed(what: string, builds: readonly Named[]): boolean {
  const knobs = new Map<string, readonly EffectiveKnob[]>();
  const needed: string[] = [];
  const notes = (name: string, app: App): readonly string[] => {
    if (what === 'environments') knobs.set(name, effectiveKnobs(app));
    else needed.push(needsText(name, clusterNeeds(app)));
    return [];
  };
  const known = what === 'environments' || what === 'needs';
  const fix = 'use needs, environments or plan, or leave it out to write the files';
  const unknown = (app: App): void => reject(app, { prop: 'print', must: 'be something that can be printed', got: what, fix });
  const clean = synth('', known ? builds : [[what, unknown]], { dry: true, notes });
  if (clean) process.stdout.write(what === 'environments' ? sideBySide(knobs) : needed.join('\n'));
  return clean;
}

function namedOf(stack: Stack, { only, image, images: folder }: StackRun): Named[] {
  const { environments } = stack;
  const images = new StackImages(
    folder,
    Object.entries(environments).map(([name, environment]) => environment.name ?? name),
  );
  const names = only ? [...new Set(only.split(',').map((name) => name.trim()))] : Object.keys(environments);
  const known = new Map(Object.entries(environments));
  const builds = names.map((name): Named => {
    const environment = known.get(name);
    if (environment) return withImage(stack, { ...environment, name: environment.name ?? name }, { image, images });
    const fix = `use ${[...known.keys()].join(', ')}, or leave the variable out to build all`;
    return [name, (app) => reject(app, { prop: 'ENVIRONMENTS', must: 'name known environments', got: name, fix })];
  });
  return images.faults.length === 0 ? builds : [...builds, ['images', (app) => tell(app, images.faults)]];
}

/** An environment with the image that is told for this run, or else that of its file, or else its own. */
function withImage(
  stack: Stack,
  own: NamedEnvironment,
  { image, images }: { readonly image?: string; readonly images: StackImages },
): Named {
  const { image: written, file, faults = [] } = images.of(own.name, own.optOuts) ?? {};
  // With a fault in its file the rest is looked at all the same.
  const stands = faults.length > 0 ? UNKNOWN_IMAGE : (written ?? own.image);
  const named = { ...own, image: stands, ...(image ? { image } : {}) };
  return [
    own.name,
    (app) => {
      tell(app, faults);
      if (faults.length === 0) for (const refusal of unmarked(stack, own, file)) reject(app, refusal);
      declare(app, { assumed: overruled(own, images.pathOf(own.name), { image, written }) });
      buildEnvironment(app, stack, named);
    },
  ];
}

/** Two images are told for one environment: the one that is not taken is said. */
function overruled(
  own: NamedEnvironment,
  path: string,
  { image, written }: { readonly image?: string; readonly written?: string },
): readonly string[] {
  if (written === undefined) return [];
  if (image && image !== written) return [`IMAGE is in the place of ${path}, which says ${written}`];
  return own.image !== undefined && own.image !== written
    ? [`${path} is in the place of 'image' in the literal, ${own.image}: leave that out`]
    : [];
}

function tell(app: App, faults: readonly string[]): void {
  for (const fault of faults) app.node.addValidation({ validate: () => [fault] });
}

/** Only the preview is built then: the environments have images of their own. */
function previewOf(stack: Stack, of: string, image: string | undefined): Named {
  const { preview } = stack;
  if (!preview) {
    const fix = "give the stack a function 'preview', or leave the variable out";
    return [of, (app) => abort(app, [{ prop: 'PREVIEW', must: 'be left out of a stack without previews', got: of, fix }])];
  }
  const { name } = preview(of, '');
  const fix = 'set it to what the build of the pull request has pushed';
  return [
    name,
    (app) => {
      if (!image) {
        reject(app, { prop: 'IMAGE', must: 'be given for a preview', got: image, fix });
        return;
      }
      const named = preview(of, image);
      requireNoUpdates(app, named);
      buildEnvironment(app, stack, named);
    },
  ];
}
