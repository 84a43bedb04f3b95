import { list, map, nameOf, text } from '../model/values';
import type { Manifest } from '../support/edit';
import { isHashed } from './marks';

/** Where fields name an object of a kind by a text. */
const TEXTS: Readonly<Record<string, RegExp>> = {
  ConfigMap: /^configMap(?:Name)?$/,
  Secret: /secretName$/i,
  ServiceAccount: /^serviceAccount(?:Name)?$/,
  PersistentVolumeClaim: /^claimName$/,
  Service: /^service(?:Name)?$/,
};

/** Where they name one by an object with its name, and without its kind. */
const HOLDERS: Readonly<Record<string, RegExp>> = {
  ConfigMap: /^configMap/,
  Secret: /^secret|secrets$|SecretRef$/i,
  Service: /^(?:service|services|backendRefs)$/,
};

/** Whether an object names another one. What has a hash in its name is meant wherever that stands. */
export function uses(user: Manifest, used: Manifest): boolean {
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...fields } = user;
  return isNamedIn(fields, '', { kind: String(used['kind']), name: nameOf(used) ?? '', anywhere: isHashed(used) });
}

interface Named {
  readonly kind: string;
  readonly name: string;
  readonly anywhere: boolean;
}

function isNamedIn(value: unknown, key: string, named: Named): boolean {
  if (Array.isArray(value)) return value.some((item) => isNamedIn(item, key, named));
  if (typeof value === 'string') return value === named.name && (named.anywhere || TEXTS[named.kind]?.test(key) === true);
  const { kind, name } = map(value);
  const isMeant = kind === undefined ? HOLDERS[named.kind]?.test(key) === true : kind === named.kind;
  if (name === named.name && isMeant) return true;
  return Object.entries(map(value)).some(([inner, item]) => isNamedIn(item, inner, named));
}

/** Objects of a cluster, and what has made them. */
export class Made {
  private readonly byUid: ReadonlyMap<unknown, Manifest>;

  constructor(objects: readonly Manifest[]) {
    this.byUid = new Map(objects.map((object) => [map(object['metadata'])['uid'], object]));
  }

  /** What an object goes with: the Deployment of a pod. */
  rootOf(object: Manifest): Manifest {
    const owners = ownersOf(object);
    const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
    const known = owner && this.byUid.get(owner['uid']);
    return known === undefined || known === object ? object : this.rootOf(known);
  }
}

/** What has made an object. */
export function ownersOf({ metadata }: Manifest): readonly Manifest[] {
  return list(map(metadata)['ownerReferences']).map(map);
}

/** Whether it is there for `kubectl rollout undo` alone: what pods were made of once. */
export function isHistory({ kind, spec }: Manifest): boolean {
  return kind === 'ControllerRevision' || (kind === 'ReplicaSet' && map(spec)['replicas'] === 0);
}

/** Whether it reads nothing any more. */
export function isOver({ kind, status }: Manifest): boolean {
  return kind === 'Pod' && /^(?:Succeeded|Failed)$/.test(text(map(status)['phase']) ?? '');
}
