import { ImplicitTokenResolver, Lazy, LazyResolver, NumberStringUnionResolver, type ApiObject, type App } from 'cdk8s';
import type { Manifest } from './edit';
import { unwritable } from './reject';

/** A class as `cdk8s import` writes it: its `toJson` is `manifest` of the props, once nothing in them is left to resolve. */
interface Generated {
  readonly prototype: ApiObject;
  manifest(props: object): Manifest;
}

/** What an App resolves values by where it was given nothing else. */
const RESOLVERS: readonly unknown[] = [LazyResolver, ImplicitTokenResolver, NumberStringUnionResolver];

/**
 * What `toJson` makes of an object, as it is now, in one pass over its props: that of cdk8s asks three resolvers about each value, and
 * copies all of it twice. Where someone else has a say, by a resolver, a patch or a class of their own, it is left to cdk8s, and so is
 * what it refuses.
 */
export function mapping(object: ApiObject): () => Manifest {
  const type = object.constructor as unknown as Generated;
  const byCdk8s = object.toJson.bind(object) as () => Manifest;
  const isOwn = object.toJson === type.prototype.toJson && Object.hasOwn(type.prototype, 'toJson');
  if (!isOwn || !Object.hasOwn(type, 'manifest')) return byCdk8s;
  return () => {
    const props = isUntouched(object) ? resolved(object) : undefined;
    return props ? type.manifest(props) : byCdk8s();
  };
}

/** Whether nobody else has a say. Of a cdk8s that keeps its resolvers, patches and props elsewhere, nobody knows: then somebody has. */
function isUntouched(object: ApiObject): boolean {
  const { resolvers } = object.node.root as Partial<App>;
  if (object['patches']?.length !== 0 || object['props']?.kind !== object.kind) return false;
  return resolvers?.every(({ constructor }, index) => constructor === RESOLVERS[index]) === true;
}

/** The props as `manifest` takes them; undefined where something in them is for cdk8s to say or to refuse. */
function resolved(object: ApiObject): object | undefined {
  try {
    return { ...sorted({ ...object['props'], metadata: undefined }), metadata: object.metadata.toJson() as unknown };
  } catch {
    // What cannot be resolved cdk8s says in its own words.
    return undefined;
  }
}

/** A value as it is once known, with the names of objects in order, and without those of nothing. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object') return value;
  if (value === null) return undefined;
  if (value instanceof Lazy) return plain(value.produce());
  if (Array.isArray(value)) return value.map((one) => plain(one));
  const { resolve, value: inner, constructor } = value as Manifest;
  if (typeof resolve === 'function') return plain((value as { resolve(): unknown }).resolve());
  if (constructor === Object) return sorted(value);
  return typeof inner === 'string' || typeof inner === 'number' ? { value: inner } : unwritable('no plain data');
}

/** The entries of an object in the order of their names, each as {@link plain} has it. */
function sorted(object: Manifest): Manifest {
  const found: Manifest = {};
  for (const name of Object.keys(object).sort()) {
    const value = plain(object[name]);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
