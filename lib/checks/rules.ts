import { annotationsFit } from './annotations-fit';
import { apiRules } from './api-rules';
import { autoscalerOwnsReplicas } from './autoscaler-owns-replicas';
import { backendExists } from './backend-exists';
import { changeRules } from './change-rules';
import { claimExists } from './claim-exists';
import { clusterComplete } from './cluster-complete';
import { configReference } from './config-reference';
import { connectionBudget } from './connection-budget';
import { distributionOpen } from './distribution-open';
import { distributionPinned } from './distribution-pinned';
import { distributionPrivate } from './distribution-private';
import { drainable } from './drainable';
import { emptydirLimit } from './emptydir-limit';
import { gatewayExists } from './gateway-exists';
import { governingService } from './governing-service';
import { gracePeriod } from './grace-period';
import { highUserIds } from './high-user-ids';
import { homeNamespace } from './home-namespace';
import { hostClaimedOnce } from './host-claimed-once';
import { hostHasCertificate } from './host-has-certificate';
import { imageDigest } from './image-digest';
import { imageVersion } from './image-version';
import { ingressSnippets } from './ingress-snippets';
import { issuerExists } from './issuer-exists';
import { limitsFit } from './limits-fit';
import { listenerTakesHost } from './listener-takes-host';
import { literalSecrets } from './literal-secrets';
import { livenessApart } from './liveness-apart';
import { nodeName } from './node-name';
import { oneMesh } from './one-mesh';
import { oneOwner } from './one-owner';
import { ownServiceAccount } from './own-service-account';
import { phxHostRouted } from './phx-host-routed';
import { podSecurity } from './pod-security';
import { portNames } from './port-names';
import { portTable } from './port-table';
import { priorityClassExists } from './priority-class-exists';
import { probePorts } from './probe-ports';
import { probeStartsVm } from './probe-starts-vm';
import { pullPolicy } from './pull-policy';
import { quotaCounts } from './quota-counts';
import { quotaFits } from './quota-fits';
import { rbacNarrow } from './rbac-narrow';
import { readOnlyRoot } from './read-only-root';
import { readinessInDrain } from './readiness-in-drain';
import { reservedVariables } from './reserved-variables';
import { resourcesSet } from './resources-set';
import { roleExists } from './role-exists';
import { rolloutProgresses } from './rollout-progresses';
import type { Rule } from './rule';
import { sameBoot } from './same-boot';
import { scaleTargetExists } from './scale-target-exists';
import { schedulerCount } from './scheduler-count';
import { secretInName } from './secret-in-name';
import { secretInPlainText } from './secret-in-plain-text';
import { secretReference } from './secret-reference';
import { secretStoreExists } from './secret-store-exists';
import { selectorFindsPods } from './selector-finds-pods';
import { selectorMatchesTemplate } from './selector-matches-template';
import { servedReady } from './served-ready';
import { serverSwitch } from './server-switch';
import { serviceAccountExists } from './service-account-exists';
import { serviceLinks } from './service-links';
import { singleWriter } from './single-writer';
import { stableSelector } from './stable-selector';
import { startupBudget } from './startup-budget';
import { survivesANode } from './survives-a-node';
import { tokenUnused } from './token-unused';
import { uniqueObjects } from './unique-objects';
import { validHosts } from './valid-hosts';
import { validLabels } from './valid-labels';
import { validNames } from './valid-names';
import { validPartNames } from './valid-part-names';
import { variableOrder } from './variable-order';
import { writablePaths } from './writable-paths';

/** The rules that every App starts with. */
export const rules: readonly Rule[] = [
  uniqueObjects,
  literalSecrets,
  imageDigest,
  quotaFits,
  // References
  configReference,
  secretReference,
  serviceAccountExists,
  claimExists,
  priorityClassExists,
  backendExists,
  gatewayExists,
  governingService,
  portNames,
  scaleTargetExists,
  roleExists,
  issuerExists,
  secretStoreExists,
  selectorFindsPods,
  // Names and identity
  validNames,
  validPartNames,
  validLabels,
  annotationsFit,
  homeNamespace,
  selectorMatchesTemplate,
  stableSelector,
  oneOwner,
  // Hosts
  validHosts,
  hostClaimedOnce,
  phxHostRouted,
  hostHasCertificate,
  listenerTakesHost,
  // The BEAM
  variableOrder,
  nodeName,
  clusterComplete,
  oneMesh,
  distributionPinned,
  distributionOpen,
  distributionPrivate,
  gracePeriod,
  probeStartsVm,
  schedulerCount,
  portTable,
  writablePaths,
  reservedVariables,
  serverSwitch,
  sameBoot,
  // Probes and rollout
  startupBudget,
  livenessApart,
  probePorts,
  readinessInDrain,
  servedReady,
  rolloutProgresses,
  singleWriter,
  drainable,
  autoscalerOwnsReplicas,
  survivesANode,
  // Budgets
  limitsFit,
  quotaCounts,
  connectionBudget,
  // Secrets
  secretInPlainText,
  secretInName,
  // Hardening
  podSecurity,
  highUserIds,
  readOnlyRoot,
  resourcesSet,
  emptydirLimit,
  imageVersion,
  pullPolicy,
  tokenUnused,
  ownServiceAccount,
  serviceLinks,
  rbacNarrow,
  ingressSnippets,
  // What the API server refuses
  ...apiRules,
  ...changeRules,
];
