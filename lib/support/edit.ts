import { createHash } from 'node:crypto';
import type { ApiObject } from 'cdk8s';
import { mapping } from './mapping';

/** A finished Kubernetes object, as it will stand in the YAML. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the YAML of any kind, ours or not
export type Manifest = Record<string, any>;

/** What can be edited: an `ApiObject` of cdk8s, which rules that read this file's types do without. */
interface Editable {
  readonly name: string;
  toJson(): unknown;
}

type Edit = (manifest: Manifest) => Manifest;

const edits = new WeakMap<Editable, { patches: Edit[]; naming: Edit }>();

/**
 * Changes an object's YAML after cdk8s has mapped its props, so that the change may name any field by its YAML
 * path. cdk8s' own `addJsonPatch` works before that mapping, which drops what it does not know
 * (https://github.com/cdk8s-team/cdk8s/issues/2172).
 */
export function edit(target: Editable, change: Edit): void {
  editsOf(target).patches.push(change);
}

/**
 * Appends a hash of `content(manifest)` to the object's name once all edits are done: new content gets a new
 * object, unchanged content the same one. Returns the final name.
 */
export function nameByContent(target: Editable, content: (manifest: Manifest) => unknown): () => string {
  const naming: Edit = (manifest) => {
    const name = `${target.name}-${digest(content(manifest))}`;
    return { ...manifest, metadata: { ...manifest.metadata, name } };
  };
  editsOf(target).naming = naming;
  return () => finished(target).metadata.name;
}

let known: Map<Editable, Manifest> | undefined;

/**
 * Finishes objects in one go, each once: also for those that ask for its name meanwhile. Nothing may be edited until they are all
 * there, and nothing is remembered afterwards.
 */
export function together<T>(finish: () => T): T {
  const outer = known;
  known = new Map();
  try {
    return finish();
  } finally {
    known = outer;
  }
}

/** An object as it will stand in the YAML. */
export function finished(target: Editable): Manifest {
  const manifest = known?.get(target) ?? mapping(target as ApiObject)();
  known?.set(target, manifest);
  return manifest;
}

/** An object as it will stand in the YAML; an empty one where it holds no plain data, which is told of it alone. */
export function readable(target: Editable): Manifest {
  try {
    return finished(target);
  } catch {
    return {};
  }
}

function editsOf(target: Editable): { patches: Edit[]; naming: Edit } {
  const others = edits.get(target);
  if (others) return others;
  const added = { patches: [] as Edit[], naming: (manifest: Manifest) => manifest };
  edits.set(target, added);
  const mapped = mapping(target as ApiObject);
  target.toJson = () => added.naming(added.patches.reduce((manifest, change) => change(manifest), mapped()));
  return added;
}

/** Ten hex digits: short enough for a name, long enough that two contents of one object never meet. */
function digest(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 10);
}
