import { RootConstruct, type IConstruct } from 'constructs';
import type { World } from '../checks/rule';
import { databaseIn, databaseUses } from '../checks/world/databases';
import { inventoryOf } from '../checks/world/inventory';
import { namespaceOf, scalars } from '../checks/world/values';
import type { Manifest } from '../support/edit';
import type { DatabaseLimit } from '../support/facts';
import { nearestKubernetes } from '../support/kubernetes-versions';
import { RESERVED_CONNECTIONS } from '../support/reserved-connections';

/** What is known of some objects beside their YAML. */
export type Facts = Omit<World, 'objects' | 'previous'>;

const NOTHING: Facts = { kubernetes: '1.27', externals: [], databases: [] };

/**
 * Objects that were read, as rules look at them.
 *
 * @param facts what those of the other side have declared @default - nothing: what the YAML shows is known
 */
export function worldOf(objects: readonly Manifest[], facts: Facts = NOTHING): World {
  const construct: IConstruct = new RootConstruct('objects');
  const kubernetes = versionIn(objects) ?? facts.kubernetes;
  const world = { ...facts, kubernetes, previous: [], objects: objects.map((manifest) => ({ construct, manifest })) };
  const limits = limitsIn(world);
  const isUnlike = (known: readonly DatabaseLimit[]) => (limit: DatabaseLimit) => known.every(({ host }) => host !== limit.host);
  const shown = limits.filter(({ connections }) => Number.isFinite(connections));
  const declared = [...shown, ...facts.databases.filter(isUnlike(shown))];
  // The same object, because what is read from it is remembered with it.
  world.databases = [...declared, ...limits.filter(isUnlike(declared))];
  return world;
}

const VERSION = 'pod-security.kubernetes.io/enforce-version';

/** The version whose rules for pods the namespace holds to: that of the environment. */
function versionIn(objects: readonly Manifest[]): World['kubernetes'] | undefined {
  const namespace = objects.find(({ kind }) => kind === 'Namespace');
  const [, version] = /^v(1\.\d+)$/.exec(String(namespace?.['metadata']?.labels?.[VERSION])) ?? [];
  return version === undefined ? undefined : nearestKubernetes(version);
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
