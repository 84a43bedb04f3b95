import type { Manifest } from '../../support/edit';
import { isMap } from '../../support/is-map';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { list, once } from '../../model/values';
import type { Condition, TypeRule } from './condition';
import { isBuiltIn } from '../../schema/api-versions';
import { typeNamed, type Definition } from '../../schema/fields';

/** Conditions by the type that they are asked of, each with the name of its rule. */
type Asked = ReadonlyMap<string, readonly (readonly [rule: string, condition: Condition])[]>;

/** Makes rules of those in conditions: all are asked in one walk through the objects of a world. */
export function byType(rules: readonly (Rule | TypeRule)[]): Rule[] {
  const asked = new Map<string, (readonly [string, Condition])[]>();
  for (const rule of rules)
    for (const [types, conditions] of 'types' in rule ? Object.entries(rule.types) : [])
      for (const type of types.split(' '))
        asked.set(type, [...(asked.get(type) ?? []), ...conditions.map((condition) => [rule.name, condition] as const)]);
  const walk = once((world: World) => new Walk(world, asked).found);
  return rules.map((rule) => {
    if (!('types' in rule)) return rule;
    const { types: _types, find, ...rest } = rule;
    return { ...rest, find: (world) => [...(walk(world).get(rule.name) ?? []), ...(find?.(world) ?? [])] };
  });
}

class Walk {
  /** What was found, by the name of the rule. */
  readonly found = new Map<string, Finding[]>();
  private readonly minor: number;

  constructor(world: World, asked: Asked) {
    const planOf = plans(asked);
    this.minor = Number(world.kubernetes.split('.')[1]);
    const podSpec = typeNamed('PodSpec');
    for (const object of world.objects) {
      const type = typeOf(object);
      if (type) this.visit(object, planOf(type), object.manifest, '');
    }
    // Pods of custom kinds are made by the cluster all the same.
    for (const { object, spec, path } of inventoryOf(world).pods)
      if (podSpec && !typeOf(object)) this.visit(object, planOf(podSpec), spec, path);
  }

  private visit(object: FinishedObject, { asks, parts }: Plan, value: Manifest, path: string): void {
    for (const [rule, condition] of asks) {
      for (const fault of condition(value, this.minor)) {
        const finding = { ...fault, object, field: path && fault.field ? `${path}.${fault.field}` : path || fault.field };
        const known = this.found.get(rule);
        if (known) known.push(finding);
        else this.found.set(rule, [finding]);
      }
    }
    for (const { name, plan, isList } of parts) {
      const found: unknown = value[name];
      if (found === undefined) continue;
      const at = path === '' ? name : `${path}.${name}`;
      if (isList) list(found).forEach((item, index) => this.inner(object, plan, item, `${at}[${index}]`));
      else this.inner(object, plan, found, at);
    }
  }

  private inner(object: FinishedObject, plan: Plan, value: unknown, path: string): void {
    if (isMap(value)) this.visit(object, plan, value, path);
  }
}

/** What is asked of a type, and the fields of it that lead to more. */
interface Plan {
  readonly asks: readonly (readonly [rule: string, condition: Condition])[];
  readonly parts: readonly Part[];
}

interface Part {
  readonly name: string;
  readonly plan: Plan;
  readonly isList: boolean;
}

const plans = once((asked: Asked) => {
  const planOf = once((type: Definition): Plan => ({
    asks: asked.get(type.name) ?? [],
    parts: [...type.fields].flatMap(([name, { shape, definition }]) => {
      const inner = definition();
      const plan = inner && planOf(inner);
      return plan && plan.asks.length + plan.parts.length > 0 ? [{ name, plan, isList: shape === 'list' }] : [];
    }),
  }));
  return planOf;
});

/** The type of an object of Kubernetes itself, in whatever version it is written. */
function typeOf({ manifest: { apiVersion, kind } }: FinishedObject): Definition | undefined {
  return isBuiltIn(String(apiVersion)) ? typeNamed(String(kind)) : undefined;
}
