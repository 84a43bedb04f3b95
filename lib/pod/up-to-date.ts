import type { Manifest } from '../support/edit';
import { isAtLeast, type KubernetesVersion } from '../support/kubernetes-versions';
import { sleepingNatively, type Drain } from './drain';
import { spreadByAffinity } from './spread';

/** What newer versions of Kubernetes do better. Of a StatefulSet there is one roll-out alone, which needs not be told from others. */
export function upToDate(manifest: Manifest, drain: Drain, kubernetes: KubernetesVersion): Manifest {
  const spread = isAtLeast(kubernetes, '1.31') && manifest['kind'] === 'Deployment' ? spreadByAffinity(manifest) : manifest;
  return isAtLeast(kubernetes, '1.30') ? sleepingNatively(spread, drain) : spread;
}
