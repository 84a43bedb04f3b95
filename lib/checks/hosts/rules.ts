import type { Rule } from '../rule';
import { h2UpgradeWithSockets } from './h2-upgrade-with-sockets';
import { hostAtOneAddress } from './host-at-one-address';
import { hostClaimedOnce } from './host-claimed-once';
import { hostHasCertificate } from './host-has-certificate';
import { idleCutsSockets } from './idle-cuts-sockets';
import { listenerTakesHost } from './listener-takes-host';
import { longPollsMeetTheirPod } from './long-polls-meet-their-pod';
import { phxHostRouted } from './phx-host-routed';
import { routeTimeoutCutsSockets } from './route-timeout-cuts-sockets';
import { upgradesNotOnH2c } from './upgrades-not-on-h2c';
import { urlSchemeServed } from './url-scheme-served';
import { validHosts } from './valid-hosts';
import { wildcardNeedsDns } from './wildcard-needs-dns';

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
