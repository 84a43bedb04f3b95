import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { podReferences } from './pod-references';
import { dangling } from './references';

/** The ConfigMap kube-root-ca.crt is in every namespace. */
const EVERYWHERE = 'kube-root-ca.crt';

/** The kubelet waits for a ConfigMap that is missing, and starts nothing. */
export const configReference: Rule = {
  name: 'config-reference',
  sentence: 'Every ConfigMap, and every key of one, that a pod names exists.',
  why: 'The pods stay in CreateContainerConfigError or ContainerCreating, and the rollout ends at its deadline.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#restrictions',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const wanted = podReferences(inventory).filter(({ kind, name }) => kind === 'ConfigMap' && name !== EVERYWHERE);
    yield* dangling(wanted, inventory);
  },
};
