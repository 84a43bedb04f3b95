import type { Manifest } from '../support/edit';
import { isMap } from '../support/is-map';
import type { Release } from '../support/operators';
import type { Finding } from '../model/finding';
import { oursOf, type FinishedObject, type World } from '../model/world';
import { asDecrypted, isDecrypted } from '../model/declared';
import { nearest } from '../support/nearest';
import { once } from '../model/values';
import { fieldOf, unmet } from './conditions';
import { boundsFault } from './scalars';
import { definitionOf, type Definition, type Field, type Value } from './fields';
import { Releases } from './releases';
import { newerKubernetes, remedy, type Remedy } from '../model/remedy';

/** What a walk through all fields of all objects of known kinds finds, by the rule that reports it. */
export type Walked = Readonly<Record<Topic, readonly Finding[]>>;

const TOPICS = ['unknown', 'type', 'missing', 'value', 'duplicate', 'bounds', 'condition'] as const;
type Topic = (typeof TOPICS)[number];

const walk = once((world: World) => new Walk(world));

/** Walks through the objects of a world: once, for all rules. */
export function walked(world: World): Walked {
  return walk(world).findings;
}

/** What the same walk met of operators. */
export function needed(world: World): Releases['needed'] {
  return walk(world).releases.needed;
}

class Walk {
  readonly findings = Object.fromEntries(TOPICS.map((topic) => [topic, [] as Finding[]])) as Record<Topic, Finding[]>;
  readonly releases: Releases;
  private readonly minor: number;
  private readonly path: (string | number)[] = [];
  private object: FinishedObject | undefined;
  private count = 0;

  constructor(world: World) {
    const { kubernetes, operators = {} } = world;
    this.releases = new Releases(operators);
    this.minor = Number(kubernetes.slice(kubernetes.indexOf('.') + 1));
    for (const object of oursOf(world)) {
      const { apiVersion, kind } = object.manifest;
      const top = definitionOf(apiVersion, kind);
      this.object = object;
      const before = this.count;
      if (!top) continue;
      const since = this.releases.enter(apiVersion, kind);
      if (since) {
        this.path.push('apiVersion');
        this.cameLater(`${apiVersion} ${kind}`, since);
        this.path.pop();
      } else this.fields(top, isDecrypted(object, world) ? asDecrypted(object.manifest) : object.manifest);
      // As on the API server, conditions are asked of what is right in itself: on anything else they tell the same again.
      if (this.count > before || !top.custom) continue;
      for (const finding of unmet(top, object.manifest)) this.findings.condition.push({ object, ...finding });
    }
  }

  private fields(of: Definition, value: Manifest): void {
    for (const name in value) {
      const found: unknown = value[name];
      if (found === undefined || found === null) continue; // to the server nothing was given
      const field = of.fields.get(name);
      if (field && isRight(field, found)) continue;
      this.path.push(name);
      if (field) this.field(field, name, found);
      else if (!of.open) this.unknown(of, name);
      this.path.pop();
    }
    for (const name of of.required) if (isMissing(value[name], of.custom)) this.missing(of, name);
  }

  private field(field: Field, name: string, value: unknown): void {
    const { release } = field;
    if (field.since > this.minor) this.tooNew('unknown', name, field.since);
    else if (release && this.releases.lacks(release, () => this.place().join('.'))) this.cameLater(name, release);
    else this.value(field, value);
  }

  private value(of: Value, value: unknown): void {
    if (of.shape === 'one') {
      this.one(of, value);
      return;
    }
    const { items } = of;
    if (of.shape === 'list') {
      if (!Array.isArray(value)) {
        this.report('type', 'be a list', value, 'write it as a list, also where it has one item');
        return;
      }
      for (let index = 0; index < value.length; index++) this.item(items, index, value[index]);
      if (of.keys.length > 0 && value.length > 1) this.duplicates(of, value);
    } else if (isMap(value)) {
      for (const key in value) if (value[key] !== null && value[key] !== undefined) this.item(items, key, value[key]);
    } else {
      this.report('type', 'be a mapping', value, 'write it as key: value');
      return;
    }
    this.bounds(of, value);
  }

  private item(items: Value | undefined, at: string | number, value: unknown): void {
    if (!items || items.type === 'any' || isRight(items, value)) return;
    this.path.push(at);
    this.value(items, value);
    this.path.pop();
  }

  private one(of: Value, value: unknown): void {
    const { type, values, scalar } = of;
    if (type === 'any') return;
    if (values) {
      this.constant(values, value);
      return;
    }
    if (scalar) {
      if (scalar.holds(value)) this.bounds(of, value);
      else this.report('type', scalar.must, value, scalar.fix(value));
      return;
    }
    const inner = of.definition();
    if (!inner) return;
    if (isMap(value)) {
      this.fields(inner, value);
      this.bounds(of, value);
    } else this.report('type', `be a mapping, of type ${this.nameOf(inner)}`, value, 'write it as key: value');
  }

  private bounds(of: Value, value: unknown): void {
    const fault = boundsFault(of, value);
    if (fault) this.report('bounds', fault.must, value, fault.fix);
  }

  private constant(values: ReadonlyMap<unknown, number>, value: unknown): void {
    const since = values.get(value);
    if (since !== undefined) {
      if (since > this.minor) this.tooNew('value', value, since);
      return;
    }
    const known = [...values.keys()].filter((one) => one !== '').map(String);
    const meant = nearest(String(value), known);
    this.report('value', `be one of ${known.join(', ')}`, value, meant ? `write "${meant}"` : 'use one of them');
  }

  /** Lists with keys are merged by them: of two items with the same keys, tools keep either, and apply refuses both. */
  private duplicates({ keys, definition }: Value, items: readonly unknown[]): void {
    const defaults = definition()?.defaults ?? {};
    const whole = keys[0] === '=';
    const seen = new Map<string, number>();
    for (const [index, item] of items.entries()) {
      const values = whole ? [item] : keys.map((key): unknown => keyOf(item, key, defaults));
      if (values.includes(undefined)) continue;
      const identity = whole ? JSON.stringify(item) : values.join('/');
      const first = seen.get(identity);
      if (first === undefined) seen.set(identity, index);
      else {
        this.path.push(index);
        const must = `differ from item ${first} of its list${whole ? '' : ` in ${keys.join(' or ')}`}`;
        this.report('duplicate', must, whole ? item : identity, 'keep one of the two');
        this.path.pop();
      }
    }
  }

  private unknown(of: Definition, name: string): void {
    const meant = nearest(name, of.fields.keys());
    const fix = meant ? `write '${meant}'` : 'take it out: the API server refuses it, or drops it and says nothing';
    this.report('unknown', `be a field of ${this.nameOf(of, 1)}`, name, fix);
  }

  private tooNew(topic: Topic, got: unknown, since: number): void {
    const way = remedy`it is on from 1.${since}: take it out, or ${newerKubernetes(since)}`;
    this.report(topic, `be known to Kubernetes 1.${this.minor}`, got, way);
  }

  private cameLater(got: string, since: Release): void {
    const { must, ...way } = this.releases.sentence(since);
    this.report('unknown', must, got, way);
  }

  private missing(of: Definition, name: string): void {
    const owner = this.nameOf(of);
    this.path.push(name);
    this.report('missing', 'be given', undefined, `add it: the API server refuses the ${owner} without it`);
    this.path.pop();
  }

  /** The types of custom kinds have no names of their own: those are called by their place, less the last steps of the path. */
  private nameOf({ name, custom }: Definition, less = 0): string {
    if (!custom) return name;
    return this.place(less).join('.');
  }

  private place(less = 0): unknown[] {
    const place = this.path.slice(0, this.path.length - less).filter((step) => typeof step === 'string');
    return [this.object?.manifest['kind'], ...place];
  }

  private report(topic: Topic, must: string, got: unknown, fix: string | Remedy): void {
    const { object } = this;
    if (!object) return;
    this.count += 1;
    const field = fieldOf(this.path);
    const secret = object.manifest['kind'] === 'Secret' && (this.path[0] === 'data' || this.path[0] === 'stringData');
    const hidden = { got: 'something else', fix: 'write plain text under stringData, in quotes' };
    this.findings[topic].push({
      object,
      field,
      must,
      ...(secret ? hidden : { got, ...(typeof fix === 'string' ? { fix } : fix) }),
    });
  }
}

/** Most fields are no more than a text or a number, and right: they are told at a glance. */
function isRight({ plain, scalar }: Value, value: unknown): boolean {
  return plain && scalar?.holds(value) === true;
}

/** Of the keys of built-in kinds one alone has a default. */
function keyOf(item: unknown, key: string, defaults: Readonly<Record<string, unknown>>): unknown {
  if (!isMap(item)) return undefined;
  return item[key] ?? defaults[key] ?? (key === 'protocol' ? 'TCP' : undefined);
}

/** Kubernetes' own kinds need something in a field, custom ones the field alone. */
function isMissing(value: unknown, custom: boolean): boolean {
  if (value === undefined || value === null) return true;
  return !custom && (value === '' || (Array.isArray(value) && value.length === 0));
}
