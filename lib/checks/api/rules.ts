import type { Rule } from '../rule';
import { apiVersion } from './api-version';
import { autoscalerFields, autoscalerMetrics, autoscalerRequests } from './autoscalers';
import { byType } from './by-type';
import type { TypeRule } from './condition';
import { containerPorts, lifecycleHooks, probeFields, securityContext } from './containers';
import { dataSize, secretType } from './data';
import { ingressFields, networkPolicyFields } from './networking';
import { affinityFields, tolerations, topologySpread } from './placement';
import { initContainers, podDns, podFields, podRestartPolicy } from './pods';
import { containerResources, limitRangeOrder, quotaScopes } from './resources';
import { cronSchedule } from './schedules';
import { fieldTypes, kindConditions, knownFields, knownValues, requiredFields, uniqueItems, valueBounds } from './schema-rules';
import { nodePortOnce, serviceFields, servicePorts } from './services';
import { variableNames, variableSources } from './variables';
import { claimStorage, fileModes, volumeMounts } from './volumes';
import { counts, disruptionBudgetFields, jobFields, rolloutStrategy } from './workloads';

/** What one object alone must be like for the API server to take it, as it is written: most of it in conditions of types. */
export const written: readonly (Rule | TypeRule)[] = [
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

/** The same as rules. */
export const apiRules: readonly Rule[] = byType(written);
