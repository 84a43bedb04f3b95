import { posix } from 'node:path';
import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { type Container, everyContainer, type Pod } from '../world/pods';
import { map, maps, scalar, text } from '../world/values';

type Fault = Omit<Finding, 'object'>;

/** What one volume, or one folder, is asked for twice. */
export const mountsApart: Rule = {
  name: 'mounts-apart',
  sentence: 'A pod has a claim in one volume, and no mount hides another one or has no place in it.',
  why: 'The kubelet mounts the first of two volumes of one claim and waits for the second for ever; of two mounts at one path the program sees one; and within files that nobody may write to no folder can be made for the next.',
  source: 'https://github.com/kubernetes/kubernetes/issues/132921',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const pod of inventory.pods) {
      const said = new Set<string>();
      for (const fault of [...claimsOnce(pod), ...everyContainer(pod).flatMap((at) => collisions(at, pod, inventory))]) {
        const key = `${fault.must} ${String(fault.got)}`;
        if (!said.has(key)) yield { ...fault, object: pod.object };
        said.add(key);
      }
    }
  },
};

function claimsOnce({ spec, path }: Pod): Fault[] {
  const first = new Map<string, string>();
  return maps(spec['volumes']).flatMap(({ name, persistentVolumeClaim }, index) => {
    const got = text(map(persistentVolumeClaim)['claimName']);
    const other = got === undefined ? undefined : first.get(got);
    if (got !== undefined && other === undefined) first.set(got, String(name));
    if (other === undefined) return [];
    const fix = `mount the volume ${other} twice, each time another folder of it by subPath`;
    return [
      { field: `${path}.volumes[${index}].persistentVolumeClaim.claimName`, must: `be in one volume of the pod`, got, fix },
    ];
  });
}

function collisions({ path, spec: container }: Container, pod: Pod, inventory: Inventory): Fault[] {
  const mounts = maps(container['volumeMounts']).map((mount) => {
    const at = text(mount['mountPath']) ?? '';
    return { mount, at, folder: posix.normalize(`${at}/`).slice(0, -1) || '/' };
  });
  return mounts.flatMap(({ at, folder }, index) => {
    const field = `${path}.volumeMounts[${index}].mountPath`;
    // The same text twice is refused by the API server.
    const same = mounts.slice(0, index).find((other) => other.folder === folder && other.at !== at);
    if (same) return [{ field, must: `not be ${same.at} once more`, got: at, fix: 'mount one of the two elsewhere' }];
    const around = mounts.find((other) => other.folder !== folder && isWithin(folder, other) && !hasPlace(folder, other));
    if (!around) return [];
    const must = `not be within ${around.at}, where nobody may make a place for it`;
    return [{ field, must, got: at, fix: 'mount it beside that, or all of it there, by one projected volume' }];
  });

  function hasPlace(folder: string, { mount, folder: outer }: (typeof mounts)[number]): boolean {
    const names = namesIn(mount, pod, inventory);
    return names === undefined || names.has(folder.slice(outer.length + 1).split('/')[0] ?? '');
  }
}

function isWithin(folder: string, { mount, folder: outer }: { readonly mount: Manifest; readonly folder: string }): boolean {
  return mount['subPath'] === undefined && folder.startsWith(`${outer === '/' ? '' : outer}/`);
}

const WRITTEN = ['configMap', 'secret', 'projected', 'downwardAPI'];

/** What is in a volume that the kubelet writes; undefined where others may write to it, or nobody knows. */
function namesIn({ name }: Manifest, { spec, namespace }: Pod, inventory: Inventory): ReadonlySet<string> | undefined {
  const volume = maps(spec['volumes']).find((one) => one['name'] === name) ?? {};
  if (!WRITTEN.some((source) => volume[source] !== undefined)) return undefined;
  const parts = volume['projected'] === undefined ? [volume] : maps(map(volume['projected'])['sources']);
  const known = parts.map((part) => {
    const { configMap, secret, downwardAPI, serviceAccountToken } = part;
    if (serviceAccountToken !== undefined) return [scalar(map(serviceAccountToken)['path']) ?? ''];
    const source = map(configMap ?? secret ?? downwardAPI);
    const items = maps(source['items']).map((item) => scalar(item['path'])?.split('/')[0] ?? '');
    if (items.length > 0) return items;
    const of = scalar(source['secretName'] ?? source['name']) ?? '';
    return inventory.find(secret === undefined ? 'ConfigMap' : 'Secret', of, namespace)?.keys;
  });
  return known.some((names) => names === undefined) ? undefined : new Set(known.flatMap((names) => [...(names ?? [])]));
}
