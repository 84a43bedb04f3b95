import { databaseIn, databaseUses } from '../model/databases';
import { inventoryOf } from '../model/inventory';
import { nameOf, namespaceOf, scalars } from '../model/values';
import { RESERVED_CONNECTIONS } from '../support/connection-counts';
import type { Manifest } from '../support/edit';
import { KUBERNETES_VERSIONS } from '../support/kubernetes-versions';
import type { DatabaseLimit } from '../support/world-facts';
import type { FinishedObject, World } from './rule';

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

/** The servers that variables lead to, with the connections that those in the YAML take; how many others take nobody can see. */
function limitsIn(world: World): DatabaseLimit[] {
  const inventory = inventoryOf(world);
  const limits = databaseUses(world).map(({ object, server, inside, shown }): DatabaseLimit => {
    const [written = ''] = shown.split('/');
    const [namespace = '', name = ''] = server.split('/');
    const known = inside ? inventory.find('StatefulSet', name, namespace)?.object?.manifest : undefined;
    const host =
      inside && !written.includes('.svc')
        ? `${written}.${written.includes('.') ? '' : `${namespaceOf(object.manifest)}.`}svc`
        : written;
    return {
      host,
      connections: (known && connectionsOf(known)) ?? Number.POSITIVE_INFINITY,
    };
  });
  return [...new Map(limits.map((limit) => [limit.host, limit])).values()];
}

/** The connections that a server takes, where its command says so. */
function connectionsOf(manifest: Manifest): number | undefined {
  const server = databaseIn(manifest);
  const words = [...scalars(server?.container['command']), ...scalars(server?.container['args'])].join(' ');
  const [, most] = /\bmax[_-]connections=(\d+)\b/.exec(words) ?? [];
  if (most === undefined) return undefined;
  return server?.engine === 'PostgreSQL' ? Number(most) - RESERVED_CONNECTIONS : Number(most);
}
