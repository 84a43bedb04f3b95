import type { Rule } from '../rule';
import { autoscalerOwnsReplicas } from './autoscaler-owns-replicas';
import { claimWritable } from './claim-writable';
import { databaseKeepsData } from './database-keeps-data';
import { databaseShutdown } from './database-shutdown';
import { drainable } from './drainable';
import { helmHookNamed } from './helm-hook-named';
import { jobContainersEnd } from './job-containers-end';
import { livenessApart } from './liveness-apart';
import { mountsApart } from './mounts-apart';
import { mountsBesideProgram } from './mounts-beside-program';
import { oneAutoscaler } from './one-autoscaler';
import { oneBudget } from './one-budget';
import { oneServer } from './one-server';
import { probePorts } from './probe-ports';
import { probeSpeaksItsPort } from './probe-speaks-its-port';
import { rolloutProgresses } from './rollout-progresses';
import { readinessOwnPath } from './readiness-own-path';
import { servedReady } from './served-ready';
import { sidecarEndsWithJob } from './sidecar-ends-with-job';
import { singleWriter } from './single-writer';
import { startupBudget } from './startup-budget';
import { staysServed } from './stays-served';
import { survivesANode } from './survives-a-node';
import { volumesKept } from './volumes-kept';

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
