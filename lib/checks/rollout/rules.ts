import type { Rule } from '../rule';
import { databaseKeepsData, databaseShutdown, oneServer } from './databases';
import { helmHookNamed, jobContainersEnd, sidecarEndsWithJob } from './jobs';
import { autoscalerOwnsReplicas, oneAutoscaler } from './autoscalers';
import { claimWritable, singleWriter, volumesKept } from './claims';
import { drainable, oneBudget, survivesANode } from './disruptions';
import { livenessApart, probePorts, probeSpeaksItsPort, startupBudget } from './probes';
import { readinessOwnPath, servedReady } from './readiness';
import { mountsApart, mountsBesideProgram } from './mounts';
import { rolloutProgresses, staysServed } from './rollouts';

/** Probes, rollouts and drains let users through all the time. */
export const rolloutRules: readonly Rule[] = [
  startupBudget,
  livenessApart,
  probePorts,
  probeSpeaksItsPort,
  servedReady,
  readinessOwnPath,
  rolloutProgresses,
  staysServed,
  singleWriter,
  oneServer,
  databaseShutdown,
  databaseKeepsData,
  volumesKept,
  claimWritable,
  mountsApart,
  mountsBesideProgram,
  drainable,
  oneBudget,
  autoscalerOwnsReplicas,
  oneAutoscaler,
  survivesANode,
  sidecarEndsWithJob,
  helmHookNamed,
  jobContainersEnd,
];
