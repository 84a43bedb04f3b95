import { NAME_HASH } from '../support/forms';
import { resourceOf } from '../model/kinds';
import { map, nameIn, nameOf, namespaceOf } from '../model/values';
import type { Manifest } from '../support/edit';
import { parseImage } from '../support/image';
import type { Difference } from './difference';
import { isSecretAt } from './hidden';
import { isKeyIn } from './secret-texts';

/** The same within a text, such as a list of names. */
const HASHES = /-[0-9a-f]{10}(?![0-9a-z-])/g;
/** Of a checksum the beginning is enough, and where that is the same it is only another one. */
const CHECKSUM = /\b([0-9a-f]{8})[0-9a-f]{24,}\b/g;
const LONGEST = 80;

/** The name of an object as people know it: a hash at its end says nothing. */
export function knownName(manifest: Manifest): string {
  return wholeName(manifest).replace(NAME_HASH, '');
}

/** The name of an object; of one that gets it when it is created, what it begins with: `migrate-*`. */
function wholeName(manifest: Manifest): string {
  return nameOf(manifest) ?? `${nameIn(map(manifest['metadata'])['generateName']) ?? ''}*`;
}

/** Whether each creation makes another object, under a name of its own. */
export function isNamedLater(manifest: Manifest): boolean {
  return nameOf(manifest) === undefined;
}

/** Whether an object gets another name with each content. */
export function isHashed(manifest: Manifest): boolean {
  return NAME_HASH.test(nameOf(manifest) ?? '');
}

/** An object in a sentence: `Deployment shop`. */
export function titleOf(manifest: Manifest): string {
  return `${String(manifest['kind'])} ${knownName(manifest)}`;
}

/** An object for `kubectl`: `-n shop deployment.apps/shop`. */
export function referenceOf(manifest: Manifest): string {
  const namespace = namespaceOf(manifest);
  return `${namespace === '' ? '' : `${namespace}/`}${resourceOf(manifest)}/${wholeName(manifest)}`;
}

/**
 * What became of a value, in words; never a secret.
 *
 * @param secret whether it may be one @default - its name, its form, or what is in it says so
 */
export function changeText(
  name: string,
  was: unknown,
  is: unknown,
  secret = [was, is].some((value) => isSecretAt(name, value)),
): string {
  const hidden = secret || [was, is].some((value) => typeof value === 'string' && value.includes('\n'));
  if (was === undefined || was === null) return `added${hidden ? '' : detail(is)}`;
  if (is === undefined || is === null) return `removed${hidden ? '' : detail(was)}`;
  if (hidden) return 'changed';
  const [old, now] = [shown(was), shown(is)];
  return old === now ? 'changed' : `${old} -> ${now}`;
}

/** What came or went, where that is short; its name stands before it. */
function detail(value: unknown): string {
  const { name: _, ...others } = map(value);
  const rest = map(value) === value ? others : value;
  const isEmpty = typeof rest === 'object' && rest !== null && Object.keys(rest).length === 0;
  return isEmpty || isLong(rest) ? '' : `: ${shown(rest)}`;
}

/** A part of an object of which a line shows no more than the beginning. */
function isLong(value: unknown): boolean {
  return typeof value === 'object' && simple(value).length > LONGEST;
}

/** A field by a name that reviewers use: `label example.com/owner`, `volume uploads`. */
export function fieldName(path: string): string {
  const [, kind, name] = /(?:^|metadata\.)(labels|annotations)(?:\["|\.)(.*?)(?:"\])?$/.exec(path) ?? [];
  if (kind !== undefined) return `${kind === 'labels' ? 'label' : 'annotation'} ${name}`;
  // Some keep tokens as the names of users.
  const open = path.replace(/[^.[\]"]+/g, (step) => (isKeyIn(step) ? '...' : step));
  return (
    open
      .replace(/^spec\./, '')
      .replace(/^(volume|initContainer|container)s\[([^\]]+)\]$/, '$1 $2')
      // Alerts and recordings are known by their names, whatever group they are in.
      .replace(/^groups\[[^\]]+\]\.rules\[(?!\d+\])([^\]]+)\]/, '$1')
  );
}

/**
 * A field and what became of it: `replicas 2 -> 3`.
 *
 * @param secret whether its value is never shown @default - where its name or its form says so
 */
export function fieldText({ path, was, is }: Difference, secret = false): string {
  const hides = secret || [was, is].some((value) => isSecretAt(path, value));
  return `${fieldName(path)} ${changeText(path, was, is, hides)}`;
}

/** Whether nothing of two values differs but the hashes of names. */
export function isFolded(was: unknown, is: unknown): boolean {
  return typeof was === 'string' && typeof is === 'string' && was.replace(HASHES, '') === is.replace(HASHES, '');
}

/** A value in a line. */
export function shown(value: unknown): string {
  const text = (typeof value === 'string' ? value.replace(HASHES, '') : simple(value)).replace(CHECKSUM, '$1...');
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

function simple(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return `[${value.join(', ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** An image that became another one: what they have in common stands once. */
export function imageText(was: unknown, is: unknown): string {
  const [old, now] = [parseImage(String(was)), parseImage(String(is))];
  if (old?.repository !== now?.repository || !old || !now) return `${shown(was)} -> ${shown(is)}`;
  if (old.tag !== now.tag) return `${old.tag ?? 'no tag'} -> ${now.tag ?? 'no tag'}`;
  return `${now.tag ?? ''} with another digest, ${short(old.digest)} -> ${short(now.digest)}`.trim();
}

function short(digest: string | undefined): string {
  return digest === undefined ? 'none' : digest.slice(0, 'sha256:'.length + 8);
}
