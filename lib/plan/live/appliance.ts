import { map, text } from '../../model/values';
import type { Manifest } from '../../support/edit';
import { Owners, type Owner } from './owners';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** How an object came into the cluster, which tells what the next apply does. */
export interface Appliance {
  /** `client` for `kubectl apply`, `server` for a server-side apply. */
  readonly mode: 'client' | 'server';
  /** Whether it is whoever applies. */
  readonly isApplier: (owner: Owner) => boolean;
  /** What was applied last. @default - nobody has kept it */
  readonly last?: Manifest;
}

/** Under which name kubectl keeps what was applied last, beside a server-side apply. */
const LAST_KEEPER = 'kubectl-last-applied';

/** Those that write whole objects as somebody has them in files. */
const APPLIERS = /^(?:kubectl-client-side-apply|kubectl-create|kubectl-replace|before-first-apply|argocd-controller|helm|Helm)$/;

/**
 * Finds out how an object was applied.
 *
 * @param usual how the others were: nothing is left of whoever applied an object once somebody else owns each of its fields
 */
export function applianceOf(object: Manifest, owners: Owners, usual: Appliance['mode'] = 'client'): Appliance {
  const last = lastApplied(object);
  const { all } = owners;
  const isClient = all.some(({ manager, operation }) => operation === 'Update' && manager === 'kubectl-client-side-apply');
  const main = all
    .filter(({ operation, subresource }) => operation === 'Apply' && subresource === undefined)
    .filter(({ manager }) => manager !== LAST_KEEPER)
    .sort((one, other) => owners.countOf(other) - owners.countOf(one))[0];
  const isWriter = ({ manager, operation }: Owner): boolean => operation === 'Update' && APPLIERS.test(manager);
  const mode = isClient ? 'client' : main ? 'server' : last !== undefined || all.some(isWriter) ? 'client' : usual;
  const isApplier = (owner: Owner): boolean => {
    if (owner.subresource !== undefined) return false;
    return owner.manager === LAST_KEEPER || (mode === 'client' ? isWriter(owner) : owner === main);
  };
  return { mode, isApplier, last };
}

/** How most of some objects were applied. */
export function usualMode(objects: readonly Manifest[]): Appliance['mode'] {
  const isOfServer = (object: Manifest): boolean => applianceOf(object, new Owners(object)).mode === 'server';
  return objects.filter(isOfServer).length * 2 > objects.length ? 'server' : 'client';
}

function lastApplied(object: Manifest): Manifest | undefined {
  const written = text(map(map(object['metadata'])['annotations'])[LAST_APPLIED]);
  if (written === undefined) return undefined;
  try {
    return map(JSON.parse(written));
  } catch {
    return undefined;
  }
}
