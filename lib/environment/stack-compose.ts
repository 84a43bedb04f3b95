import { join, relative } from 'node:path';
import type { App } from 'cdk8s';
import { AppChecks } from '../app-checks/app-checks';
import { constructOf } from '../app-checks/finished';
import { composeOf, type Compose, type ComposeBuild } from '../compose/compose';
import { IMAGE_FOLDER, NO_FILES, type ImageFiles } from '../image/written';
import type { ImageSource } from '../release/image-source';
import { standsApart } from '../support/folder';
import { didYouMean } from '../support/nearest';
import { OptOut } from '../support/opt-out';
import { appFaults } from '../support/app-faults';
import { sentence } from '../support/reject';
import type { Stack } from './stack';

/** The environment that is on the machines of those who develop, by its usual name. */
const USUAL = 'development';

/** The compose.yaml of a stack: made of one environment's finished objects, in passing. */
export class StackCompose {
  private made: Compose | undefined;

  constructor(
    private readonly stack: Stack,
    private readonly outdir: string,
  ) {}

  /** Looks at an environment that is whole and has no faults. */
  look(name: string, app: App): void {
    const { environments, compose = USUAL, application } = this.stack;
    if (typeof compose !== 'string' || !Object.hasOwn(environments, compose)) return;
    if (name !== (environments[compose]?.name ?? compose)) return;
    const { source } = application;
    const { world } = AppChecks.of(app);
    const objects = world.objects.filter((object) => !standsApart(constructOf(object)));
    this.made = composeOf(
      { ...world, objects },
      {
        environment: name,
        application: application.name,
        ...(source === undefined ? {} : { build: buildOf(source, this.outdir), alpine: 'alpine' in source }),
      },
    );
  }

  /** Whether there is a file. */
  get isMade(): boolean {
    return this.made !== undefined && this.made.missing === undefined;
  }

  /** The files, once all environments were looked at. One that nobody asked for is told to be missing, and is no fault. */
  files(): ImageFiles {
    const { compose, environments } = this.stack;
    if (compose instanceof OptOut) return NO_FILES;
    const names = Object.keys(environments);
    if (compose !== undefined && !names.includes(compose)) {
      const fix = didYouMean(compose, names, `use one of ${names.join(', ')}`);
      return { ...NO_FILES, faults: appFaults([{ prop: 'compose', must: 'name an environment', got: compose, fix }]) };
    }
    const { files = NO_FILES.files, missing } = this.made ?? {};
    if (missing === undefined) return { ...NO_FILES, files };
    const must = 'name an environment whose servers can all be containers of one machine';
    const fix = "give it a database of its own ('single'), name another one, or say OptOut.because('...')";
    const refusal = { prop: 'compose', must, got: `${compose ?? USUAL} with ${missing}`, fix };
    return compose === undefined
      ? { ...NO_FILES, assumed: [`no compose.yaml: ${sentence(refusal)}`] }
      : { ...NO_FILES, faults: appFaults([refusal]) };
  }
}

/** Where the image is built, from the folder of compose.yaml; the Dockerfile is named from the source. */
function buildOf({ context = '..' }: ImageSource, outdir: string): ComposeBuild {
  const folder = join(outdir, IMAGE_FOLDER);
  return { context: relative(folder, context), dockerfile: relative(context, join(folder, 'Dockerfile')) };
}
