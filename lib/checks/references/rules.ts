import type { Rule } from '../rule';
import { backendExists } from './backend-exists';
import { claimExists } from './claim-exists';
import { configReference } from './config-reference';
import { gatewayExists } from './gateway-exists';
import { governingService } from './governing-service';
import { issuerExists } from './issuer-exists';
import { portNames } from './port-names';
import { priorityClassExists } from './priority-class-exists';
import { roleExists } from './role-exists';
import { scaleTargetExists } from './scale-target-exists';
import { secretReference } from './secret-reference';
import { secretStoreExists } from './secret-store-exists';
import { selectorFindsPods } from './selector-finds-pods';
import { serviceAccountExists } from './service-account-exists';

/** What one object names in another is there. */
export const referencesRules: readonly Rule[] = [
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
];
