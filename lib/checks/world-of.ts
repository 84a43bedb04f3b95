import type { Manifest } from '../support/edit';
import type { DatabaseLimit } from '../support/world-facts';
import { KUBERNETES_VERSIONS } from '../support/kubernetes-versions';
import { limitsIn } from './database-limits';
import type { FinishedObject, World } from './rule';
import { nameOf, namespaceOf } from '../model/values';

/** What is known beside the objects. What is not said is not known, and no rule takes it for granted. */
export type Facts = Partial<Omit<World, 'objects'>>;

/**
 * The world that rules look at, of objects that were read.
 *
 * @param facts what their YAML does not show; a database server takes the connections that its command says
 * @example judge(worldOf(objectsOf(manifests), { kubernetes: '1.33' }), rules)
 */
export function worldOf(objects: readonly FinishedObject[], facts: Facts = {}): World {
  const {
    kubernetes = KUBERNETES_VERSIONS.at(-1) ?? KUBERNETES_VERSIONS[0],
    externals = [],
    databases = [],
    previous = [],
  } = facts;
  const world = { ...facts, kubernetes, externals, databases, previous, objects };
  const limits = limitsIn(world);
  const isUnlike = (known: readonly DatabaseLimit[]) => (limit: DatabaseLimit) => known.every(({ host }) => host !== limit.host);
  const shown = limits.filter(({ connections }) => Number.isFinite(connections));
  const declared = [...shown, ...databases.filter(isUnlike(shown))];
  // The same object, because what is read from it is remembered with it.
  world.databases = [...declared, ...limits.filter(isUnlike(declared))];
  return world;
}

/** Plain objects of Kubernetes as a world has them: each is called by its namespace, its kind and its name. */
export function objectsOf(manifests: readonly Manifest[]): readonly FinishedObject[] {
  return manifests.map((manifest) => {
    const parts = [namespaceOf(manifest), String(manifest['kind']), nameOf(manifest) ?? ''];
    return { construct: { node: { path: parts.filter(Boolean).join('/') } }, manifest };
  });
}
