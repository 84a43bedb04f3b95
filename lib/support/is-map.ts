import type { Manifest } from './edit';

/** Whether a value of the YAML has fields. */
export function isMap(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NOTHING: Manifest = Object.freeze({});

/** A mapping of the YAML; an empty one where something else stands there, as it may in objects added by hand. */
export function map(value: unknown): Manifest {
  return isMap(value) ? value : NOTHING;
}

/** The mappings of a list of the YAML, each at its index; empty ones where something else stands there. */
export function maps(value: unknown): readonly Manifest[] {
  if (!Array.isArray(value)) return [];
  return value.every((item) => map(item) === item) ? (value as Manifest[]) : value.map(map);
}
