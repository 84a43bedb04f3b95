import { type Condition, where } from '../../lib/checks/api/condition';
import { written } from '../../lib/checks/api/rules';
import { typeNamed } from '../../lib/schema/fields';
import type { Definition, Value } from '../../lib/schema/grammar';
import type { Manifest } from '../../lib/index';

/** Values of a type, as conditions may meet them: with some of its fields, down to a depth. */
class Samples {
  /** What a condition has asked for that the type does not have. */
  readonly unknown = new Set<string>();

  of(type: Definition, names: readonly string[], depth = 0): Manifest {
    const entries = names.map((name) => [name, this.value(type.fields.get(name), depth)]);
    return new Proxy(Object.fromEntries(entries) as Manifest, {
      get: (of, name) => {
        if (typeof name === 'string' && !type.fields.has(name) && !(name in {}) && name !== 'toJSON')
          this.unknown.add(`${type.name}.${name}`);
        return Reflect.get(of, name) as unknown;
      },
    });
  }

  private value(of: Value | undefined, depth: number): unknown {
    const inner = of?.definition();
    const item = !inner ? scalarOf(of) : depth < 3 ? this.of(inner, [...inner.fields.keys()], depth + 1) : {};
    return of?.shape === 'list' ? [item] : of?.shape === 'mapping' ? { some: item } : item;
  }
}

function scalarOf({ type = '', values }: Partial<Value> = {}): unknown {
  if (values) return [...values.keys()][0];
  return /^(?:int|number)/.test(type) ? 1 : type === 'boolean' ? true : 'x';
}

/** The fields that a condition of a type asks for in vain: whatever else is given beside them. */
function missedBy(condition: Condition, type: Definition): string[] {
  const samples = new Samples();
  const all = [...type.fields.keys()];
  const some = [all, [], ...all.map((name) => [name]), ...all.map((name) => all.filter((one) => one !== name))];
  for (const names of some) for (const minor of [27, 36]) Array.from(condition(samples.of(type, names), minor));
  return [...samples.unknown];
}

/** Those that none of several types has, by name: a row may be for all of them, and each has a part of its fields. */
function missedByAll(condition: Condition, names: string): string[] {
  const missed = names.split(' ').map((name) => {
    const type = typeNamed(name);
    return type ? missedBy(condition, type) : [name];
  });
  const [first = [], ...others] = missed.map((fields) => fields.map((field) => field.replace(/^.*\./, '')));
  return first.filter((name) => others.every((fields) => fields.includes(name)));
}

describe('the rows of a rule', () => {
  const rows = written.flatMap((rule) =>
    'types' in rule ? Object.entries(rule.types).map(([types, conditions]) => [rule.name, types, conditions] as const) : [],
  );

  test.each(rows)('%s ask for fields of %s', (_, types, conditions) => {
    expect(conditions.flatMap((condition) => missedByAll(condition, types))).toEqual([]);
  });

  test('are found out where a field is misspelt', () => {
    const asks = (path: string) => where(path, 'be given', 'add it', () => false);
    expect(missedByAll(asks('tolerationSecond'), 'Toleration')).toEqual(['tolerationSecond']);
    expect(missedByAll(asks('securityContext.runAsUsers'), 'PodSpec')).toEqual(['runAsUsers']);
    expect(missedByAll(asks('replica'), 'DeploymentSpec DaemonSetSpec')).toEqual(['replica']);
    expect(missedByAll(asks('replicas'), 'DeploymentSpec DaemonSetSpec')).toEqual([]);
  });
});
