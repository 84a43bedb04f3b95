import type { Rule } from '../rule';
import { backendExists } from './backend-exists';
import { backendTlsTarget } from './backend-tls-target';
import { claimExists } from './claim-exists';
import { configReference } from './config-reference';
import { credentialBesideGateway } from './credential-beside-gateway';
import { gatewayExists } from './gateway-exists';
import { governingService } from './governing-service';
import { hookNeeds } from './hook-needs';
import { issuerExists } from './issuer-exists';
import { portNames } from './port-names';
import { priorityClassExists } from './priority-class-exists';
import { pullSecrets } from './pull-secrets';
import { referenceGranted } from './reference-granted';
import { roleExists } from './role-exists';
import { scaleTargetExists } from './scale-target-exists';
import { secretReference } from './secret-reference';
import { secretStoreExists } from './secret-store-exists';
import { selectorFindsPods } from './selector-finds-pods';
import { serviceAccountExists } from './service-account-exists';
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
