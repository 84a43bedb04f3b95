import type { Manifest } from '../../../support/edit';
import type { Finding } from '../../rule';
import { holds } from '../cel/evaluate';
import { isMapping } from '../cel/functions';
import { completed } from './defaults';
import type { Definition, Value } from './grammar';
import { fieldOf } from './path';

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
