import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, nameIn, namespaceOf, placesOf } from '../world/values';
import { dangling } from './references';

const PLACES: Readonly<Record<string, readonly string[]>> = {
  ExternalSecret: ['spec.secretStoreRef', 'spec.data[].sourceRef.storeRef', 'spec.dataFrom[].sourceRef.storeRef'],
  PushSecret: ['spec.secretStoreRefs[]'],
};

/** An ExternalSecret is only as good as its store. */
export const secretStoreExists: Rule = {
  name: 'secret-store-exists',
  sentence: 'Every SecretStore or ClusterSecretStore that is named exists.',
  why: 'The Secret is never written, and the pods that need it never start.',
  source: 'https://external-secrets.io/latest/api/externalsecret/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const [owner, places] of Object.entries(PLACES)) {
      const wanted = inventory.ofKind(owner).flatMap((object) =>
        places
          .flatMap((place) => placesOf(object.manifest, place))
          .flatMap(({ field: path, value }) => {
            const { kind = 'SecretStore', name } = map(value);
            const store = nameIn(name);
            if (store === undefined) return [];
            return [{ object, field: `${path}.name`, kind: String(kind), name: store, namespace: namespaceOf(object.manifest) }];
          }),
      );
      yield* dangling(wanted, inventory);
    }
  },
};
