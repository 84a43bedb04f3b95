import type { Finding, FinishedObject, Rule, World } from '../rule';
import { backendsOf, ROUTES } from '../../model/routes';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { groupOf } from '../../model/kinds';
import { map, maps, nameIn, namespaceOf, placesOf, specOf } from '../../model/values';
import { provided, remedy } from '../../model/remedy';

/** Whoever owns a namespace says who may use what is in it. */
export const referenceGranted: Rule = {
  name: 'reference-granted',
  sentence: 'What a Gateway or a route names in another namespace is opened to it by a ReferenceGrant there.',
  why: 'The controller ignores the reference: the listener has no certificate and takes no connection, the route answers 500.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/referencegrant/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    // One that another team applies is known by its name alone.
    if (world.externals.some(({ kind }) => kind === 'ReferenceGrant')) return;
    for (const { object, field, kind, name, namespace } of [...ofGateways(inventory), ...ofRoutes(inventory)]) {
      const home = namespaceOf(object.manifest);
      if (namespace === home || isGranted({ object, kind, name, namespace }, inventory)) continue;
      const must = `be opened by a ReferenceGrant in its namespace ${namespace}`;
      const from = `from ${String(object.manifest['kind'])} of ${home} to ${kind}`;
      yield { object, field, must, got: name, ...remedy`add one there ${from}, or ${provided('ReferenceGrant')}` };
    }
  },
};

interface Crossing {
  readonly object: FinishedObject;
  readonly field: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

function ofGateways(inventory: Inventory): Crossing[] {
  return inventory.ofKind('Gateway').flatMap((object) =>
    placesOf(object.manifest, 'spec.listeners[].tls.certificateRefs[]').flatMap(({ field, value }) => {
      const { kind = 'Secret', name, namespace } = map(value);
      const secret = nameIn(name);
      const home = nameIn(namespace) ?? namespaceOf(object.manifest);
      return secret === undefined ? [] : [{ object, field: `${field}.name`, kind: String(kind), name: secret, namespace: home }];
    }),
  );
}

function ofRoutes(inventory: Inventory): Crossing[] {
  return inventory.ofKind(...ROUTES).flatMap((object) => backendsOf(object));
}

function isGranted({ object, kind, name, namespace }: Omit<Crossing, 'field'>, inventory: Inventory): boolean {
  const { manifest } = object;
  return inventory.ofKind('ReferenceGrant').some((grant) => {
    if (namespaceOf(grant.manifest) !== namespace) return false;
    const { from, to } = specOf(grant);
    const may = maps(from).some(
      (one) =>
        one['kind'] === manifest['kind'] && one['group'] === groupOf(manifest) && one['namespace'] === namespaceOf(manifest),
    );
    return may && maps(to).some((one) => one['kind'] === kind && (nameIn(one['name']) ?? name) === name);
  });
}
