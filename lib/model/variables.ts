import type { Manifest } from '../support/edit';
import { REFERENCES } from '../support/forms';
import { isEncrypted, valuesIn } from '../support/sops';
import type { FinishedObject } from './world';
import { map, maps, once, scalar } from './values';

/** One variable of a container, with its references replaced, and the place where it is written. */
export interface ContainerVariable {
  readonly name: string;
  /** The object and the field that hold it: the container's `env`, or a ConfigMap's `data`. */
  readonly object: FinishedObject;
  readonly field: string;
  /** Its value; unknown where a Secret outside of the YAML holds it. Fields of the pod stand as `<status.podIP>`. */
  readonly value?: string;
  /** The Secret's key that it comes from, as `<name>/<key>`. Its value is not to be shown. */
  readonly secret?: string;
  /** Names that it refers to and that have no value where it stands. */
  readonly dangling: readonly string[];
}

/** All variables of a container, those of `env` before those of `envFrom`, as the kubelet has it. */
export interface ContainerVariables {
  readonly byName: ReadonlyMap<string, ContainerVariable>;
  /** Whether every source is known: else there may be more. */
  readonly complete: boolean;
}

/** Where a container stands. */
export interface ContainerPlace {
  readonly object: FinishedObject;
  readonly namespace: string;
  /** Path of the container in the object. */
  readonly path: string;
}

/** Reads a container's variables, with ConfigMaps and Secrets looked up. */
export function containerVariables(container: Manifest, place: ContainerPlace, inventory: Lookup): ContainerVariables {
  const byName = new Map<string, ContainerVariable>();
  const source = sourceReader(place, inventory);
  let complete = true;
  maps(container['envFrom']).forEach(({ configMapRef, secretRef, prefix }, index) => {
    const secret = scalar(map(secretRef)['name']);
    const name = secret ?? scalar(map(configMapRef)['name']);
    const found = name === undefined ? undefined : source(secret === undefined ? 'ConfigMap' : 'Secret', name);
    complete &&= found !== undefined;
    for (const [key, value] of found?.entries ?? []) {
      const [object, field] = found?.object ? [found.object, `data.${key}`] : [place.object, `${place.path}.envFrom[${index}]`];
      const own = `${scalar(prefix) ?? ''}${key}`;
      byName.set(own, { name: own, object, field, value, dangling: NONE, secret: secret && `${secret}/${key}` });
    }
  });
  for (const entry of maps(container['env'])) {
    const name = scalar(entry['name']);
    if (name === undefined) continue;
    const given = scalar(entry['value']);
    const from = map(entry['valueFrom']);
    const literal = (given !== undefined && given !== '') || Object.keys(from).length === 0;
    const found = literal ? expand(given ?? '', byName) : fromSource(from, place.namespace, source);
    const { object = place.object, field = `${place.path}.env.${name}`, value, secret, dangling = NONE } = found;
    byName.set(name, { name, object, field, value, secret, dangling });
  }
  return { byName, complete };
}

const NONE: readonly string[] = [];

interface Source {
  readonly object?: FinishedObject;
  readonly entries: ReadonlyMap<string, string | undefined>;
}

type SourceReader = (kind: 'ConfigMap' | 'Secret', name: string) => Source | undefined;

function sourceReader({ namespace }: ContainerPlace, inventory: Lookup): SourceReader {
  return (kind, name) => {
    const { object, keys } = inventory.find(kind, name, namespace) ?? {};
    if (object) return { object, entries: entriesOf(object.manifest) };
    return keys && { entries: new Map([...keys].map((key) => [key, undefined])) };
  };
}

/** The data of a ConfigMap or a Secret as text, which each container reads that names it; undefined where it is none, or is encrypted. */
export const entriesOf = once((manifest: Manifest): ReadonlyMap<string, string | undefined> => {
  const { kind, data, stringData } = manifest;
  if (isEncrypted(manifest)) return new Map(valuesIn(manifest).map(({ key }) => [key, undefined]));
  const plain = Object.entries(map(kind === 'Secret' ? stringData : data));
  const encoded = kind === 'Secret' ? Object.entries(map(data)) : [];
  return new Map([
    ...encoded.map(([key, value]) => [key, Buffer.from(scalar(value) ?? '', 'base64').toString()] as const),
    ...plain.map(([key, value]) => [key, scalar(value)] as const),
  ]);
});

type Found = Partial<Pick<ContainerVariable, 'value' | 'secret' | 'dangling' | 'object' | 'field'>>;

function fromSource(
  { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef }: Manifest,
  ns: string,
  source: SourceReader,
): Found {
  const path = scalar(map(fieldRef)['fieldPath']) ?? scalar(map(resourceFieldRef)['resource']);
  if (path !== undefined) return { value: path === 'metadata.namespace' ? ns : `<${path}>` };
  const { name, key } = map(secretKeyRef ?? configMapKeyRef);
  // Kubernetes may know more sources than this.
  if (scalar(name) === undefined) return {};
  const found = source(secretKeyRef ? 'Secret' : 'ConfigMap', String(name));
  const value = found?.entries.get(String(key));
  if (secretKeyRef) return { value, secret: `${name}/${key}` };
  return found?.object ? { value, object: found.object, field: `data.${key}` } : { value };
}

/** Replaces `$(NAME)` as the kubelet does: what is unknown stays as it is written, and `$$(NAME)` is an escape. */
function expand(given: string, above: ReadonlyMap<string, ContainerVariable>): Found {
  if (!given.includes('$(')) return { value: given };
  const dangling: string[] = [];
  const value = given.replaceAll(REFERENCES, (reference: string, name?: string) => {
    if (name === undefined) return '$';
    const found = above.get(name);
    if (!found) dangling.push(name);
    return found ? (found.value ?? `<${name}>`) : reference;
  });
  return { value, dangling };
}

/** An object that can be referred to. */
export interface Known {
  /** The object, where it stands in the YAML itself. */
  readonly object?: FinishedObject;
  /** Its keys. @default - unknown: any may be named */
  readonly keys?: ReadonlySet<string>;
}

/** Where readers find what objects refer to. */
export interface Lookup {
  /** The objects of some kinds. */
  ofKind(...kinds: readonly string[]): readonly FinishedObject[];
  /** What a name stands for in a namespace: an object of the environment, one that a controller makes, or one outside. */
  find(kind: string, name: string, namespace: string): Known | undefined;
}
