import type { Manifest } from '../support/edit';
import type { Finding } from '../model/finding';
import { holds } from './cel/evaluate';
import { isMapping } from './cel/functions';
import type { Definition, Value } from './grammar';

type Path = readonly (string | number)[];
type Unmet = Omit<Finding, 'object'>;

/** The conditions of its kind that an object does not meet. They are asked, as on the API server, of what it is with the defaults. */
export function unmet(top: Definition, manifest: Manifest): Unmet[] {
  const found: Unmet[] = [];
  inFields(top, completed(top, manifest), [], found);
  return found;
}

function inFields(of: Definition, value: Manifest, path: Path, found: Unmet[]): void {
  ask(of.conditions, value, path, found);
  for (const name in value) {
    const field = of.fields.get(name);
    const inner: unknown = value[name];
    if (field && inner !== undefined && inner !== null) inValue(field, inner, [...path, name], found);
  }
}

function inValue(of: Value, value: unknown, path: Path, found: Unmet[]): void {
  ask(of.conditions, value, path, found);
  const { items } = of;
  if (items) {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) inValue(items, item, [...path, index], found);
    else if (isMapping(value)) for (const key in value) inValue(items, value[key], [...path, key], found);
    return;
  }
  const inner = isMapping(value) ? of.definition() : undefined;
  if (inner?.custom) inFields(inner, value as Manifest, path, found);
}

/** All that a value does not meet is one sentence: conditions of one place are often two sides of the same. */
function ask(conditions: readonly string[], value: unknown, path: Path, found: Unmet[]): void {
  if (conditions.length === 0) return;
  const open = conditions.filter((condition) => !holds(condition, value));
  if (open.length === 0) return;
  const said = open.map((condition) => (condition.length > 300 ? `${condition.slice(0, 297)}...` : condition)).join('; and ');
  const must = `satisfy what its API asks for: ${said}`;
  found.push({ field: fieldOf(path), must, got: value, fix: 'the API server refuses the object: change what it speaks of' });
}

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

/** A field as it is written: `spec.ports[0].name`. */
export function fieldOf(path: readonly (string | number)[]): string {
  return path.map(step).join('').replace(/^\./, '');
}

function step(at: string | number): string {
  if (typeof at === 'number') return `[${at}]`;
  return /^[\w-]+$/.test(at) ? `.${at}` : `["${at}"]`;
}
