import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LABEL } from '../support/forms';
import { parseImage } from '../support/image';
import { sentence } from '../support/reject';
import { imageWorkflow, PLATFORMS } from './ci-workflow';
import { stackFolder } from './stack-folder';

/** What the command line says of the workflow that builds an image. */
export interface CiOptions {
  /** The image, with its registry and without a tag: `ghcr.io/acme/shop`. */
  readonly image: string;
  /** Folder of the stack in the application's repository. @default - the folder in which the command runs */
  readonly stack?: string;
  /** What it is built for, with commas between them. */
  readonly platforms: string;
  /** Environments that get it, with commas between them. */
  readonly environments: string;
  /**
   * Whose workflow `deliver.yaml` the image is handed to: `here`, or the repository of the stack, `acme/shop-stack`.
   * @default - none: the stack is synthesized with the image, and kept as an artifact
   */
  readonly deliver?: string;
}

/** What is written where nothing else is said. */
export const CI_DEFAULTS = {
  platforms: 'linux/amd64',
  environments: 'staging,production',
} as const;

/** What was written, or why nothing was. */
export interface Ci {
  readonly faults: readonly string[];
  /** Path of the file. */
  readonly file: string;
}

/** Where GitHub looks for it. */
const FILE = '.github/workflows/image.yaml';

/**
 * Writes the workflow of GitHub that builds the application's image by the Dockerfile of the stack, and hands its digest to the stack.
 * It belongs to the application's repository, where GitHub looks for it, and is written once: it is the team's then.
 */
export function ci(repository: string, options: CiOptions): Ci {
  const { image } = options;
  const platforms = split(options.platforms);
  const environments = split(options.environments);
  const file = join(repository, FILE);
  const faults: string[] = [];
  const refuse = (prop: string, must: string, got: unknown, fix: string): void =>
    void faults.push(`[ci] ${sentence({ prop, must, got, fix })}`);
  const { repository: name = '', tag, digest } = parseImage(image) ?? {};
  if (name === '' || tag !== undefined || digest !== undefined || !/^[^/]*[.:][^/]*\//.test(name))
    refuse('--image', 'name an image of a registry, without a tag', image, 'write it as ghcr.io/acme/shop');
  const stack = stackFolder(repository, options.stack, ({ prop, must, got, fix }) => refuse(prop, must, got, fix));
  for (const got of platforms.filter((one) => !(one in PLATFORMS)))
    refuse(
      '--platforms',
      `be of ${Object.keys(PLATFORMS).join(', ')}`,
      got,
      'for others, add their runner to the workflow by hand',
    );
  for (const got of environments.filter((one) => !LABEL.test(one)))
    refuse('--environments', 'name environments of the stack', got, 'write them as in lib/environments/index.ts');
  if (options.deliver !== undefined && !/^(?:here|[\w.-]+\/[\w.-]+)$/.test(options.deliver))
    refuse('--deliver', 'be a repository', options.deliver, 'write here where it is this one, or acme/shop-stack');
  if (existsSync(file)) refuse('repository', `have no ${FILE} yet`, file, 'remove it first, or change it by hand: it is yours');
  if (faults.length > 0) return { faults, file };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, imageWorkflow({ image, stack, platforms, environments, deliver: options.deliver }));
  return { faults, file };
}

function split(text: string): readonly string[] {
  return [...new Set(text.split(',').map((one) => one.trim()))];
}
