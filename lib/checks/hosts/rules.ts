import type { Rule } from '../rule';
import { h2UpgradeWithSockets, longPollsMeetTheirPod, upgradesNotOnH2c } from './sockets';
import { hostAtOneAddress, hostClaimedOnce } from './claims';
import { hostHasCertificate, urlSchemeServed, wildcardNeedsDns } from './tls';
import { idleCutsSockets, routeTimeoutCutsSockets } from './time-limits';
import { listenerTakesHost, phxHostRouted, validHosts } from './hosts';

/** Hosts lead to the application, with a certificate. */
export const hostsRules: readonly Rule[] = [
  validHosts,
  hostClaimedOnce,
  hostAtOneAddress,
  phxHostRouted,
  urlSchemeServed,
  hostHasCertificate,
  listenerTakesHost,
  wildcardNeedsDns,
  h2UpgradeWithSockets,
  upgradesNotOnH2c,
  routeTimeoutCutsSockets,
  idleCutsSockets,
  longPollsMeetTheirPod,
];
