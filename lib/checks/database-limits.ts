import type { DatabaseLimit } from '../support/facts';
import type { Manifest } from '../support/edit';
import { RESERVED_CONNECTIONS } from '../support/reserved-connections';
import type { World } from './rule';
import { databaseIn, databaseUses } from '../model/databases';
import { inventoryOf } from '../model/inventory';
import { namespaceOf, scalars } from '../model/values';

/** The servers that variables lead to, with the connections that those in the YAML take; how many others take nobody can see. */
export function limitsIn(world: World): DatabaseLimit[] {
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
