import type { Manifest } from '../../../support/edit';
import { isMapping } from '../cel/functions';
import type { Definition, Value } from './grammar';

/** An object with what the API server fills in; the object itself where that is nothing. */
export function completed(of: Definition, value: Manifest): Manifest {
  let made = value;
  const set = (name: string, inner: unknown): void => {
    if (made === value) made = { ...value };
    made[name] = inner;
  };
  for (const [name, filled] of Object.entries(of.defaults))
    if (made[name] === undefined || made[name] === null) set(name, filled);
  for (const name in made) {
    const field = of.fields.get(name);
    const inner: unknown = made[name];
    if (!field || inner === undefined || inner === null) continue;
    const changed = completedValue(field, inner);
    if (changed !== inner) set(name, changed);
  }
  return made;
}

function completedValue(of: Value, value: unknown): unknown {
  const { items } = of;
  if (items && Array.isArray(value)) {
    const made = value.map((item: unknown) => completedValue(items, item));
    return made.every((item, index) => item === value[index]) ? value : made;
  }
  if (!isMapping(value)) return value;
  if (items) {
    const made = Object.entries(value).map(([key, inner]) => [key, completedValue(items, inner)] as const);
    return made.every(([key, inner]) => inner === value[key]) ? value : Object.fromEntries(made);
  }
  const inner = of.definition();
  return inner?.custom ? completed(inner, value) : value;
}
