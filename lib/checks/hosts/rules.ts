import type { Rule } from '../rule';
import { hostClaimedOnce } from './host-claimed-once';
import { hostHasCertificate } from './host-has-certificate';
import { listenerTakesHost } from './listener-takes-host';
import { phxHostRouted } from './phx-host-routed';
import { validHosts } from './valid-hosts';

/** Hosts lead to the application, with a certificate. */
export const hostsRules: readonly Rule[] = [validHosts, hostClaimedOnce, phxHostRouted, hostHasCertificate, listenerTakesHost];
