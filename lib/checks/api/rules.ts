import type { Rule } from '../rule';
import { affinityFields } from './affinity-fields';
import { apiVersion } from './api-version';
import { autoscalerFields } from './autoscaler-fields';
import { autoscalerMetrics } from './autoscaler-metrics';
import { autoscalerRequests } from './autoscaler-requests';
import { claimStorage } from './claim-storage';
import { containerPorts } from './container-ports';
import { containerResources } from './container-resources';
import { counts } from './counts';
import { cronSchedule } from './cron-schedule';
import { dataSize } from './data-size';
import { disruptionBudgetFields } from './disruption-budget-fields';
import { fieldTypes } from './field-types';
import { fileModes } from './file-modes';
import { ingressFields } from './ingress-fields';
import { initContainers } from './init-containers';
import { jobFields } from './job-fields';
import { kindConditions } from './kind-conditions';
import { knownFields } from './known-fields';
import { knownValues } from './known-values';
import { lifecycleHooks } from './lifecycle-hooks';
import { limitRangeOrder } from './limit-range-order';
import { networkPolicyFields } from './network-policy-fields';
import { nodePortOnce } from './node-port-once';
import { podDns } from './pod-dns';
import { podFields } from './pod-fields';
import { podRestartPolicy } from './pod-restart-policy';
import { probeFields } from './probe-fields';
import { quotaScopes } from './quota-scopes';
import { requiredFields } from './required-fields';
import { rolloutStrategy } from './rollout-strategy';
import { secretType } from './secret-type';
import { securityContext } from './security-context';
import { serviceFields } from './service-fields';
import { servicePorts } from './service-ports';
import { tolerations } from './tolerations';
import { topologySpread } from './topology-spread';
import { uniqueItems } from './unique-items';
import { valueBounds } from './value-bounds';
import { variableNames } from './variable-names';
import { variableSources } from './variable-sources';
import { volumeMounts } from './volume-mounts';

/** What one object alone must be like for the API server to take it. */
export const apiRules: readonly Rule[] = [
  // Any object
  apiVersion,
  knownFields,
  fieldTypes,
  requiredFields,
  knownValues,
  uniqueItems,
  valueBounds,
  kindConditions,
  // Pods
  containerPorts,
  variableNames,
  variableSources,
  volumeMounts,
  fileModes,
  probeFields,
  initContainers,
  lifecycleHooks,
  containerResources,
  securityContext,
  topologySpread,
  affinityFields,
  tolerations,
  podDns,
  podFields,
  podRestartPolicy,
  // Workloads
  rolloutStrategy,
  counts,
  jobFields,
  cronSchedule,
  autoscalerFields,
  autoscalerMetrics,
  autoscalerRequests,
  disruptionBudgetFields,
  // Services
  servicePorts,
  nodePortOnce,
  serviceFields,
  ingressFields,
  networkPolicyFields,
  // Data
  dataSize,
  secretType,
  limitRangeOrder,
  quotaScopes,
  claimStorage,
];
