import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import { map, text } from './values';

/** A name: a text with something in it. */
export function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
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

/** The spec of an object. */
export function specOf({ manifest }: FinishedObject): Manifest {
  return map(manifest['spec']);
}
