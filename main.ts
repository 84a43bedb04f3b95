import type { App } from 'cdk8s';
import { build } from './lib/build';
import { environments, retired } from './lib/environments';
import { preview } from './lib/environments/preview';
import { OptOut, reject, synth } from './lib/index';

// The only place that reads the process' environment. `cdk8s synth` sets the first variable.
const {
  CDK8S_OUTDIR: outdir = 'dist',
  ENVIRONMENTS: wanted,
  IMAGE: image,
  PREVIEW: pullRequest,
  PREVIOUS: previous,
} = process.env;

const known = new Map(environments.map((environment) => [environment.name, environment]));

function buildNamed(name: string, app: App): void {
  const environment = known.get(name);
  const fix = `use ${[...known.keys()].join(', ')}, or leave the variable out to build all`;
  if (environment) build(image ? { ...environment, image } : environment, app);
  else reject(app, { prop: 'ENVIRONMENTS', must: 'name known environments', got: name, fix });
}

/** Only the preview is built then: the environments have images of their own. */
function buildPreview(of: string, app: App): void {
  const fix = 'set it to what the build of the pull request has pushed';
  if (image) build(preview(of, image), app);
  else reject(app, { prop: 'IMAGE', must: 'be given for a preview', got: image, fix });
}

type Named = readonly [name: string, build: (app: App) => void];

const all = environments.map(({ name }) => name);
// Each as often as it is there: two of one name are a fault.
const names = wanted ? [...new Set(wanted.split(',').map((name) => name.trim()))] : all;
const named = names.map((name): Named => [name, (app) => buildNamed(name, app)]);
const previews = pullRequest ? [[preview(pullRequest, '').name, (app: App) => buildPreview(pullRequest, app)] as const] : named;

// The CLI lists the files itself and passes on nothing of this.
const written = synth(outdir, previews, {
  previous: previous === 'none' ? OptOut.because('PREVIOUS=none, nothing was deployed yet') : previous,
  others: all,
  retired,
});
if (written) process.stdout.write(`wrote ${previews.map(([name]) => `${outdir}/${name}`).join(', ')}\n`);
