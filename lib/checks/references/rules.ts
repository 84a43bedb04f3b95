import type { Rule } from '../rule';
import { backendExists } from './backend-exists';
import { credentialBesideGateway } from './credential-beside-gateway';
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
} from './existing';
import { governingService } from './governing-service';
import { hookNeeds } from './hook-needs';
import { portNames } from './port-names';
import { pullSecrets } from './pull-secrets';
import { referenceGranted } from './reference-granted';
import { selectorFindsPods } from './selector-finds-pods';
import { serviceInItsNamespace } from './service-in-its-namespace';
import { sourceNames } from './source-names';
import { targetPorts } from './target-ports';

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
