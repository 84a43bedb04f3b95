import { application } from './lib/application';
import { environments, retired } from './lib/environments';
import { preview } from './lib/environments/preview';
import { synthStack } from './lib/index';

// The only place that reads the process' environment. `cdk8s synth` sets the first variable.
const { CDK8S_OUTDIR: outdir, ENVIRONMENTS: only, IMAGE: image, PREVIEW: pullRequest, PREVIOUS: previous } = process.env;

synthStack({ application, environments, preview, retired }, { outdir, only, image, pullRequest, previous });
