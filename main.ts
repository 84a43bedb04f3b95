import { stack } from './lib/environments';
import { synthStack } from './lib/index';

// The only place that reads the process: `cdk8s synth` sets the first variable, and `npm run needs` gives an argument, `npm run plan markdown` two.
const { CDK8S_OUTDIR: outdir, ENVIRONMENTS: only, IMAGE: image, PREVIEW: pullRequest, PREVIOUS: previous } = process.env;

const [, , print, format] = process.argv;

synthStack(stack, { outdir, only, image, images: 'images', pullRequest, previous, print, format });
