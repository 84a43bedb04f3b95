import { IMAGE_FORM, namesVersion, parseImage, unreadable } from './image';
import { nearest } from './nearest';
import { sentence, type Refusal } from './reject';

/** What a file says that names the image of one environment. */
export interface ImageFile {
  /** The image, as it stands there. */
  readonly image: string;
  /** The number of the last build that was handed over, where builds are counted. */
  readonly build?: number;
  /** Namespace and name of the policy whose image Flux writes there, `flux-system:shop`, where the line has its mark. */
  readonly policy?: string;
}

/** What a file says, or what is wrong with it. */
export type ReadImageFile = { readonly file: ImageFile } | { readonly refusals: readonly Refusal[] };

const KEYS = ['image', 'build'] as const;

// One key a line, so that whatever edits the file changes one line. A remark behind a value stays: Flux has its mark there.
const LINE = /^(?<key>[A-Za-z_][\w-]*):(?:[ \t]+(?<value>"[^"]*"|'[^']*'|[^\s#'"][^\s]*))?[ \t]*(?:[ \t]#.*)?$/;

// The whole reference: Flux has marks for parts of it too, which would leave the rest as it is.
const MARK = /^image:.*[ \t]#[ \t]*\{[ \t]*"\$imagepolicy"[ \t]*:[ \t]*"([a-z0-9.-]+:[a-z0-9.-]+)"[ \t]*\}[ \t]*$/m;

/** Reads `image: <image>`, and `build: <number>` beside it. It is YAML, of which anything else is refused. */
export function readImageFile(text: string): ReadImageFile {
  const refusals: Refusal[] = [];
  const found = new Map<string, string>();
  for (const [index, line] of linesOf(text).entries()) {
    if (/^\s*(?:#.*)?$|^---\s*$/.test(line)) continue;
    const { key, value = '' } = LINE.exec(line)?.groups ?? {};
    if (key === undefined || !KEYS.some((known) => known === key)) refusals.push(strange(key, index + 1));
    else if (found.has(key))
      refusals.push({ prop: key, must: 'stand there once', got: unquoted(value), fix: 'take one of the two out' });
    else found.set(key, unquoted(value));
  }
  const [image, build] = KEYS.map((key) => found.get(key));
  if (refusals.length > 0) return { refusals };
  if (image === undefined || image === '')
    return { refusals: [{ prop: 'image', must: 'be given', got: undefined, fix: IMAGE_FORM }] };
  const wrong = [...wrongImage(image), ...(build === undefined || isNumber(build) ? [] : [{ ...NUMBER, got: build }])];
  if (wrong.length > 0) return { refusals: wrong };
  const [, policy] = MARK.exec(text) ?? [];
  return {
    file: { image, ...(build === undefined ? {} : { build: Number(build) }), ...(policy === undefined ? {} : { policy }) },
  };
}

/** What is wrong with an image that is no reference, or that names no version. */
export function wrongImage(image: string, prop = 'image'): readonly Refusal[] {
  if (!parseImage(image)) return [{ prop, must: unreadable(image), got: image, fix: IMAGE_FORM }];
  return namesVersion(image) ? [] : [{ prop, must: 'name one version', got: image, fix: IMAGE_FORM }];
}

/** What is wrong with an image that names none by its digest. */
export function undigested(image: string, prop = 'image'): readonly Refusal[] {
  if (parseImage(image)?.digest !== undefined) return [];
  const fix = 'append the digest that the registry printed at the push: name:1.4.2@sha256:<64 hex digits>';
  return [{ prop, must: 'name a digest', got: image, fix }];
}

/** The text with another image, and another number where one is given; all else stays, remarks behind the values too. */
export function withImage(text: string, { image, build }: ImageFile): string {
  const set = (before: string, key: string, value: string): string =>
    before.replace(new RegExp(`^(${key}:)(?:[ \\t]+(?:"[^"]*"|'[^']*'|[^\\s#]\\S*))?`, 'm'), `$1 ${value}`);
  const changed = set(text, 'image', image);
  if (build === undefined) return changed;
  return /^build:/m.test(changed)
    ? set(changed, 'build', `${build}`)
    : changed.replace(/\r?\n?$/, (end) => `${end || '\n'}build: ${build}\n`);
}

/** The number of a build, as the words of a command say it. */
export function isNumber(text: string): boolean {
  return /^[1-9]\d{0,14}$/.test(text);
}

export const NUMBER = {
  prop: 'build',
  must: 'be the number of a build',
  fix: 'write a whole number from 1 on that grows with each build, such as github.run_number',
} as const;

/** A fault of a file, as `[path] sentence`. */
export function ofFile(path: string, refusal: Refusal): string {
  return `[${path}] ${sentence(refusal)}`;
}

function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r?\n/);
}

function unquoted(value: string): string {
  return value.replace(/^(["'])(.*)\1$/, '$2');
}

/** The line itself is not told: what does not belong into the file may be a secret. */
function strange(key: string | undefined, line: number): Refusal {
  const meant = key === undefined ? undefined : nearest(key, KEYS);
  const fix =
    meant === undefined || meant === key ? 'write image: <image> in one line, and nothing else' : `did you mean '${meant}'?`;
  return { prop: key ?? `line ${line}`, must: "be 'image' or 'build', with its value in the same line", got: key, fix };
}
