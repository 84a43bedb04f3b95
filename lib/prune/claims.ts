import { labelsOf, nameOf, namespaceOf, text } from '../model/values';
import type { Manifest } from '../support/edit';
import type { Home, Told } from './leftovers';
import { ownersOf, uses } from './users';

/** Whether an instance is of an application: `shop-admin-db` is of shop, where there is no shop-admin beside it. */
function isOf(instance: string, application: string, others: readonly string[]): boolean {
  const has = (name: string): boolean => instance === name || instance.startsWith(`${name}-`);
  return has(application) && !others.some((other) => other.length > application.length && has(other));
}

/** Claims that a StatefulSet has made and left behind. They have the labels of its template alone. */
export function claimsWithoutOwner({ application, namespace }: Home, objects: readonly Manifest[]): Told[] {
  const stateful = objects.filter(({ kind }) => kind === 'StatefulSet').map((object) => nameOf(object) ?? '');
  const others = objects.flatMap((object) => text(labelsOf(object)['app.kubernetes.io/part-of']) ?? []);
  const pods = objects.filter(({ kind }) => kind === 'Pod');
  return objects.flatMap((object): Told[] => {
    const name = nameOf(object) ?? '';
    const instance = text(labelsOf(object)['app.kubernetes.io/instance']) ?? '';
    const isOurs = isOf(instance, application, others);
    const isMade = labelsOf(object)['app.kubernetes.io/part-of'] === undefined && /-\d+$/.test(name);
    if (object['kind'] !== 'PersistentVolumeClaim' || !isOurs || !isMade || namespaceOf(object) !== namespace) return [];
    const owner = stateful.some((one) => name.replace(/-\d+$/, '').endsWith(`-${one}`));
    if (owner || ownersOf(object).length > 0 || pods.some((pod) => uses(pod, object))) return [];
    return [{ object, reason: `the files of its volume go with it; its StatefulSet ${instance} is gone` }];
  });
}
