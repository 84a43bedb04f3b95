import type { Inventory } from './inventory';
import { nameOf, namespaceOf, specOf } from './objects';
import { maps } from './values';

/** The StatefulSet with volumes of its own that a Service leads to, and to nothing else: whatever the Service is called, the data are there. */
export function serverBehind(service: string, namespace: string, inventory: Inventory): string | undefined {
  const { object } = inventory.find('Service', service, namespace) ?? {};
  const [server, ...others] = object ? inventory.servedBy(object) : [];
  if (!server || others.length > 0 || server.kind !== 'StatefulSet') return undefined;
  return maps(specOf(server.object)['volumeClaimTemplates']).length > 0 ? server.name : undefined;
}

/** All hosts that are one server with this one: a StatefulSet may have a headless Service, and another for clients. */
export function hostsOfServer(host: string, inventory: Inventory): readonly string[] {
  const [service = '', namespace = '', svc, ...domain] = host.split('.');
  const server = svc === 'svc' ? serverBehind(service, namespace, inventory) : undefined;
  if (server === undefined) return [host];
  const services = inventory.ofKind('Service').filter(({ manifest }) => namespaceOf(manifest) === namespace);
  const names = services.flatMap(({ manifest }) => nameOf(manifest) ?? []);
  const same = names.filter((name) => name !== service && serverBehind(name, namespace, inventory) === server);
  return [host, ...same.map((name) => [name, namespace, 'svc', ...domain].join('.'))];
}
