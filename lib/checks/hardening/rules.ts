import type { Rule } from '../rule';
import { apiOpen } from './api-open';
import { controllerMaintained } from './controller-maintained';
import { emptyIsEveryone } from './empty-is-everyone';
import { emptydirLimit } from './emptydir-limit';
import { highUserIds } from './high-user-ids';
import { hostsReachable } from './hosts-reachable';
import { identityReachable } from './identity-reachable';
import { imageDigest } from './image-digest';
import { imageVersion } from './image-version';
import { ingressSnippets } from './ingress-snippets';
import { localAddresses } from './local-addresses';
import { meshLetsIn } from './mesh-lets-in';
import { networkFenced } from './network-fenced';
import { networkOpen } from './network-open';
import { networkPrivate } from './network-private';
import { ownServiceAccount } from './own-service-account';
import { podSecurity } from './pod-security';
import { pullPolicy } from './pull-policy';
import { rbacNarrow } from './rbac-narrow';
import { readOnlyRoot } from './read-only-root';
import { resourcesSet } from './resources-set';
import { rightsUsed } from './rights-used';
import { serviceLinks } from './service-links';
import { tokenUnused } from './token-unused';
import { visitorsLetIn } from './visitors-let-in';

/** A pod has no more rights and no more ways than it needs. */
export const hardeningRules: readonly Rule[] = [
  podSecurity,
  highUserIds,
  readOnlyRoot,
  resourcesSet,
  emptydirLimit,
  imageDigest,
  imageVersion,
  pullPolicy,
  tokenUnused,
  rightsUsed,
  ownServiceAccount,
  serviceLinks,
  rbacNarrow,
  ingressSnippets,
  controllerMaintained,
  meshLetsIn,
  networkFenced,
  networkOpen,
  hostsReachable,
  identityReachable,
  localAddresses,
  apiOpen,
  visitorsLetIn,
  networkPrivate,
  emptyIsEveryone,
];
