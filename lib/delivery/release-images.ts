import { list, map, nameOf, text } from '../model/values';
import { pluralOf } from '../model/kinds';
import type { Manifest } from '../support/edit';

/** A Deployment or StatefulSet, and its containers that run an image. */
export interface Controller {
  readonly resource: string;
  readonly name: string;
  readonly containers: readonly string[];
}

/** A field that an image is told by, beside the containers of controllers. */
export interface Mention {
  readonly manifest: Manifest;
  /** Where it stands: `spec.template.spec.containers[0].env[3].value`. */
  readonly field: string;
}

/** The lists of a pod that have containers with an image. */
export const CONTAINER_LISTS = ['containers', 'initContainers'] as const;

const KINDS: ReadonlySet<unknown> = new Set(['Deployment', 'StatefulSet']);

/** The controllers whose containers run an image, with the names of these. */
export function controllersOf(image: string, manifests: readonly Manifest[]): Controller[] {
  return manifests.flatMap((manifest) => {
    if (!KINDS.has(manifest['kind'])) return [];
    const containers = containersOf(manifest).filter((one) => one['image'] === image);
    const names = containers.flatMap((one) => text(one['name']) ?? []);
    return names.length === 0 ? [] : [{ resource: pluralOf(manifest['kind']), name: nameOf(manifest) ?? '', containers: names }];
  });
}

/**
 * Whether a text tells an image, by its repository or the beginning of its digest. A longer repository that ends alike is another one, and
 * one without a registry may be the name of a host, with a port behind it.
 */
export function tells({ repository, digest }: { readonly repository: string; readonly digest: string }): Tells {
  const begin = digest.slice('sha256:'.length, 'sha256:'.length + 12);
  const [before, behind] = repository.includes('/') ? ['(?<![\\w.-]|(?<!/)/)', ''] : ['(?<![\\w./-])', '(?!\\d{1,5}(?![\\w.-]))'];
  const name = new RegExp(`${before}${repository.replace(/[.]/g, '\\$&')}(?:@sha256:|:${behind})`);
  return (text) => text.includes(begin) || name.test(text);
}

/** Whether a text tells an image. */
type Tells = (text: string) => boolean;

/** What else tells an image: a Job, a label, a variable. It stays what it is where somebody gives the containers another one. */
export function mentionsOf(isTold: Tells, image: string, manifests: readonly Manifest[]): Mention[] {
  return manifests.flatMap((manifest) => {
    const swapped = new Set(KINDS.has(manifest['kind']) ? containersOf(manifest).filter((one) => one['image'] === image) : []);
    const field = foundIn(manifest, isTold, swapped);
    return field === undefined ? [] : [{ manifest, field }];
  });
}

function containersOf(manifest: Manifest): Manifest[] {
  const pod = map(map(map(manifest['spec'])['template'])['spec']);
  return CONTAINER_LISTS.flatMap((one) => list(pod[one]).map(map));
}

/** The first field that has one of the marks. */
function foundIn(value: unknown, isTold: Tells, swapped: ReadonlySet<unknown>, path = ''): string | undefined {
  if (typeof value === 'string') return isTold(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    if (key === 'image' && swapped.has(value)) continue;
    const at = Array.isArray(value) ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${key}`;
    const found = isTold(key) ? at : foundIn(item, isTold, swapped, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
