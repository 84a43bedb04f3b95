import type { Manifest } from '../support/edit';

const EMPTY: Manifest = Object.freeze({});

/** The mapping that stands at a place of the YAML, or an empty one: objects added by hand may hold anything. */
export function record(value: unknown): Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : EMPTY;
}

/** The mappings of a list. What is no mapping counts as an empty one, so that each keeps its index. */
export function records(value: unknown): readonly Manifest[] {
  if (!Array.isArray(value)) return [];
  return value.every((item) => record(item) === item) ? (value as Manifest[]) : value.map(record);
}

/** The scalars of a list as text, such as a command's words. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map((item) => text(item) ?? '') : [];
}

/** A scalar as text. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A number, or what Kubernetes takes where none is given. */
export function numberOr(otherwise: number, value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
