import type { IConstruct } from 'constructs';
import { requireName } from '../support/values';

/**
 * How Flux gets into a registry that not everybody may read.
 *
 * @write { secret: 'shop-registry' }, or { provider: 'aws' }
 */
export type FluxRegistry =
  | {
      /** Name of a Secret with `.dockerconfigjson`, beside the objects of Flux: `secretRef`. */
      readonly secret: string;
    }
  | {
      /** The cloud whose identity the controller has: `provider`. */
      readonly provider: 'aws' | 'azure' | 'gcp';
    };

/** The access as objects of Flux have it. */
export function registrySpec(registry: FluxRegistry | undefined): Readonly<Record<string, unknown>> {
  if (!registry) return {};
  return 'secret' in registry ? { secretRef: { name: registry.secret } } : { provider: registry.provider };
}

/** Refuses a name that is none. */
export function requireRegistry(scope: IConstruct, registry: FluxRegistry | undefined): void {
  if (registry && 'secret' in registry) requireName(scope, registry.secret, 253, 'registry.secret');
}

/** The Secret of the access, which somebody makes by hand. */
export function registrySecrets(registry: FluxRegistry | undefined, namespace: string) {
  if (!registry || !('secret' in registry)) return [];
  return [{ kind: 'Secret', name: registry.secret, namespace, keys: ['.dockerconfigjson'] }];
}
