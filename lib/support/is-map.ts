import type { Manifest } from './edit';

/** Whether a value of the YAML has fields. */
export function isMap(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
