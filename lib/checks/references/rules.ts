import type { Rule } from '../rule';
import { backendExists, credentialBesideGateway, referenceGranted } from './routes';
import {
  backendTlsTarget,
  claimExists,
  configReference,
  gatewayExists,
  issuerExists,
  priorityClassExists,
  roleExists,
  scaleTargetExists,
  secretReference,
  secretStoreExists,
  serviceAccountExists,
  sourceNames,
} from './existing';
import { governingService, selectorFindsPods, serviceInItsNamespace } from './services';
import { hookNeeds } from './hook-needs';
import { portNames, targetPorts } from './ports';
import { pullSecrets } from './pull-secrets';

/** What one object names in another is there. */
export const referencesRules: readonly Rule[] = [
  sourceNames,
  configReference,
  secretReference,
  serviceAccountExists,
  claimExists,
  priorityClassExists,
  pullSecrets,
  backendExists,
  gatewayExists,
  credentialBesideGateway,
  referenceGranted,
  backendTlsTarget,
  governingService,
  portNames,
  targetPorts,
  scaleTargetExists,
  roleExists,
  issuerExists,
  secretStoreExists,
  selectorFindsPods,
  hookNeeds,
  serviceInItsNamespace,
];
