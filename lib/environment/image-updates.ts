import type { App } from 'cdk8s';
import { FluxImageUpdates } from '../delivery/flux-image-updates';
import { FLUX } from '../support/beside';
import { standApart } from '../support/folder';
import { parseImage } from '../support/image';
import { isMap } from '../support/is-map';
import type { ImageFile } from '../support/image-file';
import { reject, writtenAs, type Refusal } from '../support/reject';
import { chartOf, type NamedEnvironment, type Parts, type StackFacts } from './parts';

/** What Flux is told of the environment's image, in the cluster of the environment. */
export function imageUpdatesOf(parts: Parts): void {
  const { imageUpdates, imageDeployers = [], name, image } = parts.environment;
  if (imageUpdates === undefined) return;
  const { file = `images/${name}.yaml`, ...others } = imageUpdates;
  const chart = chartOf(parts, '92-image-updates');
  standApart(chart, { folder: FLUX, use: 'who administers Flux applies it whenever it changes.' });
  const { repository } = parseImage(image) ?? {};
  if (file.split('/').pop() !== `${name}.yaml`) {
    const fix = `write the path of ${name}.yaml in the repository, or leave it out: in another file there is no mark of this policy`;
    reject(chart, { prop: 'imageUpdates.file', must: 'be the file of this environment', got: file, fix });
  }
  if (imageDeployers.length > 0) {
    const fix = 'leave one of the two out: Flux writes a tag and a digest, and who rolls out images needs one without a tag';
    reject(chart, { prop: 'imageUpdates', must: 'be left out beside imageDeployers', got: 'imageUpdates', fix });
  }
  // What it is instead is told already.
  if (repository === undefined) return;
  writtenAs(chart, 'ImageUpdates', (prop) => `imageUpdates.${prop}`);
  new FluxImageUpdates(chart, 'ImageUpdates', { ...others, name: nameOf(parts.facts, name), image: repository, file });
}

function nameOf({ application }: StackFacts, name: string): string {
  return `${application.name}-${name}`;
}

/** Why Flux would find nothing to write, or what is meant for another environment; `read` is undefined where there is no file. */
export function unmarked(facts: StackFacts, { name, imageUpdates }: NamedEnvironment, read: ImageFile | undefined): Refusal[] {
  // What is no object is told with the other props.
  if (!isMap(imageUpdates)) return [];
  const { namespace = 'flux-system' } = imageUpdates;
  const wanted = `${namespace}:${nameOf(facts, name)}`;
  const fix = `write # {"$imagepolicy": "${wanted}"} behind the image, in the same line`;
  const prop = 'imageUpdates';
  if (!read) {
    const make = `write its image into images/${name}.yaml, and out of the literal; there, ${fix}`;
    return [{ prop, must: 'have a file that it writes to', got: undefined, fix: make }];
  }
  return read.policy === wanted ? [] : [{ prop, must: 'have its mark in the file', got: read.policy, fix }];
}

/** A preview has its image from a build alone. */
export function requireNoUpdates(app: App, { imageUpdates }: NamedEnvironment): void {
  if (imageUpdates === undefined) return;
  const fix = 'leave it out: the build of a pull request says its image';
  reject(app, { prop: 'imageUpdates', must: 'be left out of a preview', got: 'imageUpdates', fix });
}
