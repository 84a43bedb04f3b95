import type { Rule } from '../rule';
import { bootFiles } from './boot-files';
import { clusterComplete } from './cluster-complete';
import { databaseFamily } from './database-family';
import { distributionOpen } from './distribution-open';
import { distributionPastTheSidecar } from './distribution-past-the-sidecar';
import { distributionPinned } from './distribution-pinned';
import { distributionPrivate } from './distribution-private';
import { emulatorMemory } from './emulator-memory';
import { flagsAgree } from './flags-agree';
import { flagsKnown } from './flags-known';
import { gracePeriod } from './grace-period';
import { imageAgrees } from './image-agrees';
import { keyBaseLength } from './key-base-length';
import { livebookAttaches } from './livebook-attaches';
import { migrationsPastPoolers } from './migrations-past-poolers';
import { nodeIsItsPod } from './node-is-its-pod';
import { nodeName } from './node-name';
import { oneDatabase } from './one-database';
import { oneMesh } from './one-mesh';
import { portAgrees } from './port-agrees';
import { portTable } from './port-table';
import { hookStopsNode, probeStartsVm } from './probe-starts-vm';
import { reservedVariables } from './reserved-variables';
import { sameBoot } from './same-boot';
import { sameMeshOptions } from './same-mesh-options';
import { schedulerCount } from './scheduler-count';
import { serverSwitch } from './server-switch';
import { shellPassesSignals } from './shell-passes-signals';
import { variableOrder } from './variable-order';
import { writablePaths } from './writable-paths';

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
