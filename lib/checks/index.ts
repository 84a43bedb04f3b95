/**
 * The rules, the model that they read, and the form of a rule of one's own: `cdk8s-phoenix/checks`. It needs neither cdk8s nor
 * constructs, so that rules judge objects wherever they come from.
 */
export { judge, type Found } from './judge';
export { rules } from './rules';
export { objectsOf, worldOf, type Facts } from './world-of';
export type { Finding, FinishedObject, Maker, MissingObject, Rule, Severity, World } from './rule';
export type { Manifest } from '../support/edit';
export type { External } from '../support/world-facts';
export { isAtLeast, KUBERNETES_VERSIONS, type KubernetesVersion } from '../support/kubernetes-versions';
export { beamContainers, commandOf, valueOf, type BeamContainer, type BeamNode, type FlagSource } from '../model/beam';
export { inventoryOf, type Inventory } from '../model/inventory';
export { groupOf, isClusterScoped, kindOf } from '../model/kinds';
export type { Selectable } from '../model/made-objects';
export { containersOf, everyContainer, type Container, type Pod } from '../model/pods';
export {
  list as listOf,
  map as mappingOf,
  maps as mappingsOf,
  nameOf,
  namespaceOf,
  numberOr,
  placesOf,
  scalar as scalarOf,
  specOf,
  text as textOf,
  valueAt,
  type Place,
} from '../model/values';
export type { ContainerVariable, ContainerVariables, Known, Lookup } from '../model/variables';
