import type { Manifest } from '../support/edit';

const NOTHING: Manifest = Object.freeze({});

/** A mapping of the YAML; an empty one where something else stands there, as it may in objects added by hand. */
export function map(value: unknown): Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : NOTHING;
}

/** The mappings of a list of the YAML, each at its index; empty ones where something else stands there. */
export function maps(value: unknown): Manifest[] {
  return Array.isArray(value) ? value.map(map) : [];
}

/** A text of the YAML; undefined where something else stands there. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The texts of a list of the YAML, each at its index; empty ones where something else stands there. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map((item: unknown) => text(item) ?? '') : [];
}

/** A value of the YAML and the field where it stands. */
export interface Place {
  readonly field: string;
  readonly value: unknown;
}

/**
 * The values at a path such as `spec.tls[].secretName`, where `[]` stands for every item of a list.
 *
 * @param at path of `manifest` itself, for the fields @default - an object's root
 */
export function placesOf(manifest: Manifest, path: string, at = ''): Place[] {
  let places: Place[] = [{ field: at, value: manifest }];
  for (const step of path.split('.')) {
    const each = step.endsWith('[]');
    const name = each ? step.slice(0, -2) : step;
    places = places.flatMap(({ field, value }) => {
      const found: unknown = map(value)[name];
      const own = field === '' ? name : `${field}.${name}`;
      if (found === undefined || found === null) return [];
      if (!each) return [{ field: own, value: found }];
      return Array.isArray(found) ? found.map((item: unknown, index) => ({ field: `${own}[${index}]`, value: item })) : [];
    });
  }
  return places;
}
