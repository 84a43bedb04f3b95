import { map } from '../../model/values';
import type { Manifest } from '../../support/edit';
import type { Step } from './owners';

/** The step to the item of a list that has these keys. */
export function keyStep(keys: Manifest): Step {
  return `k:${JSON.stringify(keys)}`;
}

/** Whether an item is the one with these keys. Of them, the API server fills in a protocol. */
export function hasKeys(item: unknown, keys: Manifest): boolean {
  const own: Manifest = { protocol: 'TCP', ...map(item) };
  return Object.entries(keys).every(([name, value]) => own[name] === value);
}

/** The value at some steps; undefined where there is none. */
export function valueOf(object: unknown, steps: readonly Step[]): unknown {
  return steps.reduce<unknown>((value, step) => {
    if (step.startsWith('f:')) return map(value)[step.slice(2)] ?? undefined;
    return Array.isArray(value) ? value[indexOf(value, step)] : undefined;
  }, object);
}

function indexOf(items: readonly unknown[], step: Step): number {
  return step.startsWith('i:') ? Number(step.slice(2)) : items.findIndex((item) => hasKeys(item, map(JSON.parse(step.slice(2)))));
}

/**
 * An object with another value at some steps, or without one. What it was is left as it is.
 *
 * @param at where to put an item of a list that is not there @default - at its end
 */
export function withValue(object: unknown, [step, ...rest]: readonly Step[], value: unknown, at?: number): unknown {
  if (step === undefined) return value;
  if (step.startsWith('f:')) {
    const name = step.slice(2);
    const { [name]: inner, ...others } = map(object);
    const changed = withValue(inner, rest, value, at);
    return changed === undefined ? others : { ...map(object), [name]: changed };
  }
  const items: readonly unknown[] = Array.isArray(object) ? object : [];
  const index = indexOf(items, step);
  const changed = withValue(items[index], rest, value, at);
  if (index < 0) return [...items.slice(0, at), changed, ...(at === undefined ? [] : items.slice(at))];
  return changed === undefined ? items.filter((_, place) => place !== index) : items.with(index, changed);
}

/** Steps as people write a path: `spec.template.spec.containers[web].image`. */
export function pathOf(steps: readonly Step[]): string {
  return steps.reduce((path, step) => `${path}${stepText(step, path)}`, '');
}

/** The same with each item by its name or key, where it has one: what a value is called stands beside it. */
export function namedPathOf(steps: readonly Step[], objects: readonly unknown[]): string {
  return steps.reduce((path, step, index) => {
    if (!step.startsWith('i:')) return `${path}${stepText(step, path)}`;
    const items = objects.map((object) => map(valueOf(object, steps.slice(0, index + 1))));
    const names = items.map(({ name, key = name }) => key).filter((name) => typeof name === 'string');
    return `${path}[${names[0] ?? step.slice(2)}]`;
  }, '');
}

function stepText(step: Step, path: string): string {
  if (step.startsWith('i:')) return `[${step.slice(2)}]`;
  if (!step.startsWith('f:')) return `[${String(Object.values(map(JSON.parse(step.slice(2))))[0])}]`;
  const name = step.slice(2);
  if (!/^[\w-]+$/.test(name) || /(?:^|\.)(?:labels|annotations)$/.test(path)) return `["${name}"]`;
  return path === '' ? name : `.${name}`;
}
