import type { Manifest } from '../../support/edit';
import type { Inventory } from '../world/inventory';
import { map, maps, nameIn, once } from '../world/values';
import { placesInPod, type Pod } from '../world/pods';
import type { Reference } from './references';

/** What a pod takes from a ConfigMap or a Secret. */
export interface PodSource extends Reference {
  /** Whether the pod starts without it. */
  readonly optional: boolean;
}

/** What pods take from ConfigMaps and Secrets: variables, files and logins to registries. */
export const podSources = once((inventory: Inventory): readonly PodSource[] =>
  inventory.pods.flatMap((pod) => [...variables(pod), ...files(pod), ...pulls(pod)]),
);

/** What of that must be there. */
export const podReferences = once((inventory: Inventory): readonly Reference[] =>
  podSources(inventory).filter(({ optional }) => !optional),
);

function variables(pod: Pod): PodSource[] {
  return pod.containers.flatMap(({ path, spec: container }) => [
    ...maps(container['env']).flatMap(({ valueFrom }, index) => {
      const { secretKeyRef, configMapKeyRef } = map(valueFrom);
      const from = `${path}.env[${index}].valueFrom`;
      return [
        ...keyed(pod, 'Secret', `${from}.secretKeyRef`, map(secretKeyRef)),
        ...keyed(pod, 'ConfigMap', `${from}.configMapKeyRef`, map(configMapKeyRef)),
      ];
    }),
    ...maps(container['envFrom']).flatMap(({ secretRef, configMapRef }, index) => [
      ...named(pod, 'Secret', `${path}.envFrom[${index}].secretRef`, map(secretRef)),
      ...named(pod, 'ConfigMap', `${path}.envFrom[${index}].configMapRef`, map(configMapRef)),
    ]),
  ]);
}

function files(pod: Pod): PodSource[] {
  return maps(pod.spec['volumes']).flatMap(({ secret, configMap, projected }, index) => {
    const path = `${pod.path}.volumes[${index}]`;
    return [
      ...named(pod, 'Secret', `${path}.secret`, map(secret), 'secretName'),
      ...named(pod, 'ConfigMap', `${path}.configMap`, map(configMap)),
      ...maps(map(projected)['sources']).flatMap((source, at) => [
        ...named(pod, 'Secret', `${path}.projected.sources[${at}].secret`, map(source['secret'])),
        ...named(pod, 'ConfigMap', `${path}.projected.sources[${at}].configMap`, map(source['configMap'])),
      ]),
    ];
  });
}

function pulls(pod: Pod): PodSource[] {
  return placesInPod(pod, 'imagePullSecrets[]').flatMap(({ field: path, value }) => named(pod, 'Secret', path, map(value)));
}

/** A reference to one key. */
function keyed(pod: Pod, kind: string, path: string, source: Manifest): PodSource[] {
  const key = nameIn(source['key']);
  const keys = key === undefined ? [] : [{ field: `${path}.key`, key }];
  return named(pod, kind, path, source).map((reference) => ({ ...reference, keys }));
}

/** A reference to the whole, or to the keys that become files. */
function named({ object, namespace }: Pod, kind: string, path: string, source: Manifest, field = 'name'): PodSource[] {
  const name = nameIn(source[field]);
  if (name === undefined) return [];
  const keys = maps(source['items']).flatMap(({ key }, index) => {
    const wanted = nameIn(key);
    return wanted === undefined ? [] : [{ field: `${path}.items[${index}].key`, key: wanted }];
  });
  return [{ object, field: `${path}.${field}`, kind, name, namespace, keys, optional: source['optional'] === true }];
}
