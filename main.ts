import { stack } from './lib/environments';
import { synthStack } from './lib/index';

// The only place that reads the process: `cdk8s synth` sets the first variable, and `npm run needs` gives an argument, `npm run plan markdown` two.
const { CDK8S_OUTDIR: outdir, ENVIRONMENTS: only, IMAGE: image, PREVIEW: pullRequest, PREVIOUS: previous } = process.env;

synthStack(stack, { outdir, only, image, pullRequest, previous, print: process.argv[2], format: process.argv[3] });
