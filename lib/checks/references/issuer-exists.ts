import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { kindOf } from '../world/kinds';
import { map, nameIn, namespaceOf } from '../world/values';
import { dangling, type Reference } from './references';

const ANNOTATIONS: Readonly<Record<string, string>> = {
  'cert-manager.io/issuer': 'Issuer',
  'cert-manager.io/cluster-issuer': 'ClusterIssuer',
};

/** A certificate without an issuer is asked for and never comes. */
export const issuerExists: Rule = {
  name: 'issuer-exists',
  sentence: 'Every Issuer or ClusterIssuer that is named exists.',
  why: 'No certificate is ever issued, the Secret stays missing, and browsers meet a certificate of nobody.',
  source: 'https://cert-manager.io/docs/concepts/issuer/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    yield* dangling([...ofCertificates(inventory), ...ofAnnotations(inventory)], inventory);
  },
};

function ofCertificates(inventory: Inventory): Reference[] {
  return inventory.ofKind('Certificate').flatMap((object) => {
    const { group = 'cert-manager.io', kind = 'Issuer', name } = map(map(object.manifest['spec'])['issuerRef']);
    const issuer = nameIn(name);
    if (issuer === undefined) return [];
    const named = kindOf({ apiVersion: `${group}/v1`, kind });
    return [{ object, field: 'spec.issuerRef.name', kind: named, name: issuer, namespace: namespaceOf(object.manifest) }];
  });
}

function ofAnnotations(inventory: Inventory): Reference[] {
  return inventory.ofKind('Ingress', 'Gateway').flatMap((object) => {
    const annotations = map(map(object.manifest['metadata'])['annotations']);
    // Another group's issuers have kinds of their own.
    if (annotations['cert-manager.io/issuer-group'] !== undefined) return [];
    return Object.entries(ANNOTATIONS).flatMap(([annotation, kind]) => {
      const name = nameIn(annotations[annotation]);
      const field = `metadata.annotations["${annotation}"]`;
      return name === undefined ? [] : [{ object, field, kind, name, namespace: namespaceOf(object.manifest) }];
    });
  });
}
