import type { Finding, Rule, World } from '../rule';
import { portsOfService } from '../world/routes';
import { type Inventory, inventoryOf } from '../world/inventory';
import { map, nameIn, namespaceOf, placesOf } from '../world/values';
import { dangling, type Reference } from './references';

/** A policy for nothing changes nothing: the Gateway goes on in clear text. */
export const backendTlsTarget: Rule = {
  name: 'backend-tls-target',
  sentence: 'Every Service, port and authority that a BackendTLSPolicy names exists.',
  why: 'The Gateway speaks clear text to a port that expects TLS, or trusts no certificate at all: every request ends in 502.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    if (inventory.ofKind('BackendTLSPolicy').length === 0) return;
    const targets = referencesOf(inventory, 'spec.targetRefs[]', 'Service');
    yield* dangling(targets, inventory);
    yield* dangling(referencesOf(inventory, 'spec.validation.caCertificateRefs[]', 'ConfigMap', ['ca.crt']), inventory);
    for (const { object, field, name, namespace, section } of targets) {
      const service = inventory.find('Service', name, namespace)?.object;
      if (!service || section === undefined) continue;
      const ports = portsOfService(service).map((port) => String(port['name']));
      if (ports.includes(section)) continue;
      const at = field.replace(/name$/, 'sectionName');
      const fix = `use one of ${ports.join(', ') || '(none)'}, or add the port to the Service`;
      yield { object, field: at, must: `name a port of the Service "${name}"`, got: section, fix };
    }
  },
};

type Target = Reference & { readonly section: string | undefined };

function referencesOf(inventory: Inventory, path: string, kind: string, keys: readonly string[] = []): Target[] {
  return inventory.ofKind('BackendTLSPolicy').flatMap((object) =>
    placesOf(object.manifest, path).flatMap(({ field: at, value }) => {
      const { kind: named = kind, name, sectionName } = map(value);
      const target = nameIn(name);
      if (target === undefined || named !== kind) return [];
      const field = `${at}.name`;
      const wanted = keys.map((key) => ({ field, key }));
      const namespace = namespaceOf(object.manifest);
      return [{ object, field, kind, name: target, namespace, keys: wanted, section: nameIn(sectionName) }];
    }),
  );
}
