import type { IConstruct } from 'constructs';
import { reject } from './reject';

/** The parts of an image reference, `[registry/]repository[:tag][@sha256:...]`. */
export interface ImageReference {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

// The grammar of https://github.com/distribution/reference, without the rare forms that no registry serves.
const HOST = /(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d{1,5})?\/)?/;
const PART = /[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*/;
const REFERENCE = new RegExp(
  `^(?<repository>${HOST.source}${PART.source}(?:/${PART.source})*)(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}))?$`,
);

/** Splits an image reference; undefined where the text is none. */
export function parseImage(text: string): ImageReference | undefined {
  const groups = typeof text === 'string' && text.length <= 512 ? REFERENCE.exec(text)?.groups : undefined;
  return groups?.repository === undefined ? undefined : { ...groups, repository: groups.repository };
}

/** Whether a text is an image reference that names one build, by a digest or by a tag other than latest. */
export function namesVersion(image: unknown): image is string {
  const reference = typeof image === 'string' ? parseImage(image) : undefined;
  return reference !== undefined && (reference.digest !== undefined || (reference.tag ?? 'latest') !== 'latest');
}

/** The registry that an image is pulled from, and its whole name there, as the kubelet reads it; undefined where it is no reference. */
export function placeOf(image: string): { readonly registry: string; readonly repository: string } | undefined {
  const { repository } = parseImage(image) ?? {};
  if (repository === undefined) return undefined;
  const [host = '', ...path] = repository.split('/');
  const named = path.length > 0 && (/[.:]/.test(host) || host === 'localhost');
  const registry = named ? host.replace(/^index\.(docker\.io)$/, '$1') : 'docker.io';
  const name = named ? path.join('/') : repository;
  return { registry, repository: `${registry}/${registry === 'docker.io' && !name.includes('/') ? 'library/' : ''}${name}` };
}

/** How an image is written. */
export const IMAGE_FORM = 'write it as registry.example.com/team/app:1.4.2@sha256:<64 hex digits>';

/** What is wrong with a text that is no image reference, as it continues after "must". */
export function unreadable(image: string): string {
  const [, digest] = /@([^@]*)$/.exec(image) ?? [];
  if (digest === undefined || /^sha256:[a-f0-9]{64}$/.test(digest)) return 'be an image reference in lower case';
  const [, digits = ''] = /^sha256:([a-f0-9]+)$/i.exec(digest) ?? [];
  const length = digits === '' || digits.length === 64 ? '' : `, not ${digits.length}`;
  return `be an image reference whose digest is sha256: and 64 hex digits in lower case${length}`;
}

/** Refuses a reference that is malformed or that names no version, such as a missing tag or `latest`. */
export function requireImage(scope: IConstruct, image: string, prop = 'image'): void {
  if (!parseImage(image)) {
    reject(scope, { prop, must: unreadable(image), got: image, fix: IMAGE_FORM });
  } else if (!namesVersion(image)) {
    reject(scope, {
      prop,
      must: 'name one version',
      got: image,
      fix: 'add the tag or digest of a build, because what "latest" runs changes without a review',
    });
  }
}

/** What to call the version that an image runs, as a label value: its tag, or the start of its digest. */
export function imageVersion(image: string): string | undefined {
  const reference = parseImage(image);
  const version = reference?.tag ?? reference?.digest?.slice('sha256:'.length, 'sha256:'.length + 12);
  return version?.slice(0, 63).replace(/^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$/g, '');
}

/** The numbers of a version, the most important first. */
export type Version = readonly [number, ...number[]];

/** The version that a tag names: `17.6-alpine`, `8.4.3`, `0.8.0-pg17`; undefined where it names none, such as `latest`. */
export function versionIn(tag: string): Version | undefined {
  // Images of extensions put their own version before that of the server.
  const [, numbers] = /^(?:pg|v)?(\d+(?:\.\d+)*)/.exec(tag.replace(/^.*-(?=pg\d)/, '')) ?? [];
  const [first, ...rest] = numbers?.split('.').map(Number) ?? [];
  return first === undefined ? undefined : [first, ...rest];
}
