import type { App } from 'cdk8s';
import { build } from './lib/build';
import { environments } from './lib/environments';
import { reject, synth } from './lib/index';

// The only place that reads the process' environment. `cdk8s synth` sets the first variable.
const { CDK8S_OUTDIR: outdir = 'dist', ENVIRONMENTS: wanted, IMAGE: image, PREVIOUS: previous } = process.env;

const known = environments.map(({ name }) => name);
const names = wanted ? wanted.split(',').map((name) => name.trim()) : known;

synth(
  outdir,
  Object.fromEntries(
    names.map((name) => [
      name,
      (app: App) => {
        const environment = environments.find((one) => one.name === name);
        const fix = `use ${known.join(', ')}, or leave the variable out to build all`;
        if (environment) build(image ? { ...environment, image } : environment, app);
        else reject(app, { prop: 'ENVIRONMENTS', must: 'name known environments', got: name, fix });
      },
    ]),
  ),
  { previous },
);
