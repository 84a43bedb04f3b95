import type { World } from '../rule';
import { once } from './once';
import { map, maps, scalar } from './values';

/** The custom kinds that an App brings along with their definitions: served versions, by `group/kind`. */
export const ownKinds = once(({ objects }: World): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  for (const { manifest } of objects) {
    if (manifest['kind'] !== 'CustomResourceDefinition') continue;
    const { group, names, versions } = map(manifest['spec']);
    const served = maps(versions).flatMap(({ name, served: on = true }) => (on === false ? [] : (scalar(name) ?? [])));
    const key = `${scalar(group)}/${scalar(map(names)['kind'])}`;
    found.set(key, new Set([...(found.get(key) ?? []), ...served]));
  }
  return found;
});

/** Whether a kind's definition is declared to be in the cluster. Names of definitions begin with the kind's plural. */
export function isProvided({ externals }: World, group: string, kind: string): boolean {
  const stem = kind.toLowerCase().slice(0, -1);
  return externals.some(
    ({ kind: of, name }) => of === 'CustomResourceDefinition' && name.endsWith(`.${group}`) && name.startsWith(stem),
  );
}
