/**
 * The rules, the model that they read, and the form of a rule of one's own: `cdk8s-phoenix/checks`. It needs neither cdk8s nor
 * constructs, so that rules judge objects wherever they come from.
 */
export { judge, type Found } from './judge';
export { rules } from './rules';
export { objectsOf, worldOf, type Facts } from './world-of';
export type { Finding, FinishedObject, Maker, MissingObject, Rule, Severity, World } from './rule';
export type { Manifest } from '../support/edit';
export type { External } from '../support/facts';
export { isAtLeast, KUBERNETES_VERSIONS, type KubernetesVersion } from '../support/kubernetes-versions';
export { beamContainers, commandOf, valueOf, type BeamContainer, type BeamNode, type FlagSource } from './world/beam';
export type { ContainerVariable, ContainerVariables } from './world/container-variables';
export { inventoryOf, type Inventory, type Selectable } from './world/inventory';
export { groupOf, isClusterScoped, kindOf } from './world/kinds';
export { nameOf, namespaceOf, specOf } from './world/objects';
export { everyContainer, podOf, staysUp, type ContainerAt, type Pod } from './world/pods';
export type { Known, Shelf } from './world/shelf';
export {
  list as listOf,
  map as mappingOf,
  maps as mappingsOf,
  numberOr,
  placesOf,
  scalar as scalarOf,
  text as textOf,
  valueAt,
  type Place,
} from './world/values';
export type { Workload, WorkloadContainer } from './world/workloads';
