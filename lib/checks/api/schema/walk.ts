import type { Manifest } from '../../../support/edit';
import type { Finding, FinishedObject, World } from '../../rule';
import { once } from '../../world/once';
import { nearest } from '../nearest';
import { definition, type Definition, definitionOf, type Field } from './fields';
import { scalars } from './scalars';

/** What a walk through all fields of all objects of built-in kinds finds, by the rule that reports it. */
export type Walked = Readonly<Record<Topic, readonly Finding[]>>;

type Topic = 'unknown' | 'type' | 'missing' | 'value' | 'duplicate';

/** Walks through the objects of a world: once, for all rules. */
export const walked = once((world: World): Walked => new Walk(world).findings);

class Walk {
  readonly findings: Record<Topic, Finding[]> = { unknown: [], type: [], missing: [], value: [], duplicate: [] };
  private readonly minor: number;
  private readonly path: (string | number)[] = [];
  private object: FinishedObject | undefined;

  constructor({ objects, kubernetes }: World) {
    this.minor = Number(kubernetes.slice(kubernetes.indexOf('.') + 1));
    for (const object of objects) {
      const { apiVersion, kind } = object.manifest;
      const top = definitionOf(apiVersion, kind);
      this.object = object;
      if (top) this.fields(top, object.manifest);
    }
  }

  private fields(of: Definition, value: Manifest): void {
    for (const name in value) {
      const found: unknown = value[name];
      if (found === undefined || found === null) continue; // to the server nothing was given
      const field = of.fields.get(name);
      this.path.push(name);
      if (!field) this.unknown(of, name);
      else if (field.since > this.minor) this.tooNew('unknown', name, field.since);
      else this.field(field, found);
      this.path.pop();
    }
    for (const name of of.required) if (isMissing(value[name])) this.missing(of, name);
  }

  private field(field: Field, value: unknown): void {
    if (field.type === 'any') return;
    if (field.shape === 'one') this.one(field, value);
    else if (field.shape === 'list') this.list(field, value);
    else if (isMapping(value)) {
      for (const key in value) if (value[key] !== null && value[key] !== undefined) this.item(field, key, value[key]);
    } else this.report('type', 'be a mapping', value, 'write it as key: value');
  }

  private list(field: Field, value: unknown): void {
    if (!Array.isArray(value)) {
      this.report('type', 'be a list', value, 'write it as a list, also where it has one item');
      return;
    }
    for (let index = 0; index < value.length; index++) this.item(field, index, value[index]);
    if (field.keys.length > 0 && value.length > 1) this.duplicates(field.keys, value);
  }

  private item(field: Field, at: string | number, value: unknown): void {
    this.path.push(at);
    this.one(field, value);
    this.path.pop();
  }

  private one({ type, values }: Field, value: unknown): void {
    if (values) {
      this.constant(values, value);
      return;
    }
    const scalar = scalars[type];
    if (scalar) {
      if (!scalar.holds(value)) this.report('type', scalar.must, value, scalar.fix(value));
      return;
    }
    const inner = definition(type);
    if (!inner) return;
    if (isMapping(value)) this.fields(inner, value);
    else this.report('type', `be a mapping, of type ${type}`, value, 'write it as key: value');
  }

  private constant(values: ReadonlyMap<string, number>, value: unknown): void {
    const since = typeof value === 'string' ? values.get(value) : undefined;
    if (since !== undefined) {
      if (since > this.minor) this.tooNew('value', value, since);
      return;
    }
    const known = [...values.keys()].filter((one) => one !== '');
    const meant = nearest(String(value), known);
    this.report('value', `be one of ${known.join(', ')}`, value, meant ? `write "${meant}"` : 'use one of them');
  }

  /** Lists with keys are merged by them: of two items with the same keys, tools keep either, and apply refuses both. */
  private duplicates(keys: readonly string[], items: readonly unknown[]): void {
    const seen = new Map<string, number>();
    for (const [index, item] of items.entries()) {
      const values = keys.map((key): unknown =>
        isMapping(item) ? (item[key] ?? (key === 'protocol' ? 'TCP' : undefined)) : undefined,
      );
      if (values.includes(undefined)) continue;
      const identity = values.join('/');
      const first = seen.get(identity);
      if (first === undefined) seen.set(identity, index);
      else {
        this.path.push(index);
        this.report(
          'duplicate',
          `differ from item ${first} of its list in ${keys.join(' or ')}`,
          identity,
          'keep one of the two',
        );
        this.path.pop();
      }
    }
  }

  private unknown(of: Definition, name: string): void {
    const meant = nearest(name, of.fields.keys());
    const fix = meant ? `write '${meant}'` : 'take it out: the API server refuses it, or drops it and says nothing';
    this.report('unknown', `be a field of ${of.name}`, name, fix);
  }

  private tooNew(topic: Topic, got: unknown, since: number): void {
    const fix = `it is on from 1.${since}: take it out, or raise the environment's Kubernetes version`;
    this.report(topic, `be known to Kubernetes 1.${this.minor}`, got, fix);
  }

  private missing(of: Definition, name: string): void {
    this.path.push(name);
    this.report('missing', 'be given', undefined, `add it: the API server refuses the ${of.name} without it`);
    this.path.pop();
  }

  private report(topic: Topic, must: string, got: unknown, fix: string): void {
    const { object } = this;
    if (!object) return;
    const field = this.path.map(step).join('').replace(/^\./, '');
    const secret = object.manifest['kind'] === 'Secret' && (this.path[0] === 'data' || this.path[0] === 'stringData');
    const hidden = { got: 'something else', fix: 'write plain text under stringData, in quotes' };
    this.findings[topic].push({ object, field, must, ...(secret ? hidden : { got, fix }) });
  }
}

function step(at: string | number): string {
  if (typeof at === 'number') return `[${at}]`;
  return /^[\w-]+$/.test(at) ? `.${at}` : `["${at}"]`;
}

function isMapping(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
