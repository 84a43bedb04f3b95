import type { Rule } from '../rule';
import { apiOpen, meshLetsIn, visitorsLetIn } from './let-in';
import { controllerMaintained, emptyIsEveryone, ingressSnippets } from './edge';
import { emptydirLimit, highUserIds, readOnlyRoot, resourcesSet } from './containers';
import { hostsReachable } from './hosts-reachable';
import { identityReachable } from './identity-reachable';
import { imageDigest, imageVersion, pullPolicy } from './images';
import { localAddresses } from './local-addresses';
import { networkFenced, networkOpen } from './network-open';
import { networkPrivate } from './network-private';
import { ownServiceAccount, rightsUsed, serviceLinks, tokenUnused } from './accounts';
import { podSecurity } from './pod-security';
import { rbacNarrow } from './roles';

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
