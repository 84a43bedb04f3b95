import type { Manifest } from '../support/edit';
import { map, text } from './untrusted';

/** A name: a text with something in it. */
export function nameIn(value: unknown): string | undefined {
  const name = text(value);
  return name === '' ? undefined : name;
}

/** The names of a list. */
export function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(nameIn).filter((name) => name !== undefined) : [];
}

/** The name of an object. */
export function nameOf(manifest: Manifest): string | undefined {
  return nameIn(map(manifest['metadata'])['name']);
}

/** The namespace of an object; empty where it has none. */
export function namespaceOf(manifest: Manifest): string {
  return text(map(manifest['metadata'])['namespace']) ?? '';
}
