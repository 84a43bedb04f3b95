import type { Rule } from '../rule';
import { clusterComplete } from './cluster-complete';
import { distributionOpen } from './distribution-open';
import { distributionPastTheSidecar } from './distribution-past-the-sidecar';
import { distributionPinned } from './distribution-pinned';
import { distributionPrivate } from './distribution-private';
import { gracePeriod } from './grace-period';
import { nodeName } from './node-name';
import { oneMesh } from './one-mesh';
import { portTable } from './port-table';
import { probeStartsVm } from './probe-starts-vm';
import { reservedVariables } from './reserved-variables';
import { sameBoot } from './same-boot';
import { schedulerCount } from './scheduler-count';
import { serverSwitch } from './server-switch';
import { variableOrder } from './variable-order';
import { writablePaths } from './writable-paths';

/** What a release, its VM and a cluster of them need. */
export const beamRules: readonly Rule[] = [
  variableOrder,
  nodeName,
  clusterComplete,
  oneMesh,
  distributionPinned,
  distributionOpen,
  distributionPrivate,
  distributionPastTheSidecar,
  gracePeriod,
  probeStartsVm,
  schedulerCount,
  portTable,
  writablePaths,
  reservedVariables,
  serverSwitch,
  sameBoot,
];
