import type { Rule } from '../rule';
import { bootFiles, writablePaths } from './files';
import { clusterComplete } from './cluster-complete';
import { databaseFamily, oneDatabase } from './databases';
import { distributionOpen, distributionPastTheSidecar, distributionPinned, distributionPrivate } from './distribution';
import { emulatorMemory, portTable, schedulerCount } from './emulator-size';
import { flagsAgree, flagsKnown } from './flags';
import { gracePeriod, hookStopsNode, probeStartsVm, shellPassesSignals } from './shutdown';
import { imageAgrees, livebookAttaches } from './images';
import { keyBaseLength, portAgrees, serverSwitch } from './serving';
import { migrationsPastPoolers } from './migrations-past-poolers';
import { nodeIsItsPod, nodeName, oneMesh, sameMeshOptions } from './nodes';
import { reservedVariables, sameBoot, variableOrder } from './variables';

/** What a release, its VM and a cluster of them need. */
export const beamRules: readonly Rule[] = [
  variableOrder,
  nodeName,
  nodeIsItsPod,
  clusterComplete,
  oneMesh,
  sameMeshOptions,
  distributionPinned,
  distributionOpen,
  distributionPrivate,
  distributionPastTheSidecar,
  gracePeriod,
  probeStartsVm,
  hookStopsNode,
  schedulerCount,
  portTable,
  flagsAgree,
  flagsKnown,
  imageAgrees,
  keyBaseLength,
  livebookAttaches,
  emulatorMemory,
  writablePaths,
  reservedVariables,
  bootFiles,
  serverSwitch,
  portAgrees,
  sameBoot,
  oneDatabase,
  databaseFamily,
  migrationsPastPoolers,
  shellPassesSignals,
];
