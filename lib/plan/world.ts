import type { World } from '../model/world';
import { worldOf as rulesWorldOf } from '../checks/world-of';
import type { Manifest } from '../support/edit';
import { nearestKubernetes } from '../support/kubernetes-versions';

/** What is known of some objects beside their YAML. */
export type Facts = Omit<World, 'objects' | 'previous'>;

const NOTHING: Facts = { kubernetes: '1.27', externals: [], databases: [] };

/**
 * Objects that were read, as rules look at them.
 *
 * @param facts what those of the other side have declared @default - nothing: what the YAML shows is known
 */
export function worldOf(objects: readonly Manifest[], facts: Facts = NOTHING): World {
  const construct = { node: { path: 'objects' } };
  const kubernetes = versionIn(objects) ?? facts.kubernetes;
  return rulesWorldOf(
    objects.map((manifest) => ({ construct, manifest })),
    { ...facts, kubernetes },
  );
}

const VERSION = 'pod-security.kubernetes.io/enforce-version';

/** The version whose rules for pods the namespace holds to: that of the environment. */
function versionIn(objects: readonly Manifest[]): World['kubernetes'] | undefined {
  const namespace = objects.find(({ kind }) => kind === 'Namespace');
  const [, version] = /^v(1\.\d+)$/.exec(String(namespace?.['metadata']?.labels?.[VERSION])) ?? [];
  return version === undefined ? undefined : nearestKubernetes(version);
}
