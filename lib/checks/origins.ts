import type { Manifest } from '../support/edit';
import type { Origin } from '../support/facts';
import { map } from './world/values';

/** Where a variable was given that a field of an object holds, in `env` or in a ConfigMap. */
export function originOf(manifest: Manifest, field: string, origins: readonly Origin[]): Origin | undefined {
  if (origins.length === 0) return undefined;
  const keys = stepsOf(field);
  const last = keys.at(-1) === 'value' ? keys.slice(0, -1) : keys;
  const held = last.reduce<unknown>((outer, key) => (Array.isArray(outer) ? outer[Number(key)] : map(outer)[key]), manifest);
  const [name, value] = typeof held === 'string' ? [last.at(-1), held] : [map(held)['name'], map(held)['value']];
  // In `env` a dollar is written twice.
  const isSame = (given: string): boolean => value === given || value === given.replace(/\$(?=[$(])/g, '$$$$');
  return origins.find((origin) => origin.name === name && isSame(origin.value));
}

/** The names and numbers of a field, as a path in the YAML: `data["LOG_LEVEL"]`. */
export function stepsOf(field: string): string[] {
  return [...field.matchAll(/"([^"]*)"|[^.[\]"]+/g)].map(([whole, quoted]) => quoted ?? whole);
}
