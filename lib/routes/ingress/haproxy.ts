import type { Construct } from 'constructs';
import { type Asked, COOKIE, idleSeconds, type Plan, requireAble, toCanonical, toRelease } from './preset';

const HAPROXY = 'haproxy.org';

/**
 * The Ingress controller of HAProxy Technologies, `haproxytech/kubernetes-ingress`.
 *
 * @see https://www.haproxy.com/documentation/kubernetes-ingress/community/configuration-reference/ingress/
 */
export function haproxyPlan(scope: Construct, asked: Asked): Plan {
  requireAble(scope, 'HAProxy', asked, {
    bodySize: 'it has no limit for bodies without a snippet',
    certificate: 'it reads certificates from Secrets',
  });
  const why = 'timeout-tunnel is said in the ConfigMap of the controller alone, where it is an hour';
  const idle = idleSeconds(scope, asked, { most: 3600, why });
  const { host, secret, affinity } = asked.route;
  const common = {
    ...(secret === undefined
      ? { [`${HAPROXY}/ssl-redirect`]: 'false' }
      : {
          [`${HAPROXY}/ssl-redirect`]: 'true',
          [`${HAPROXY}/ssl-redirect-code`]: '301',
          // The port that browsers use; the controller's own would be 8443.
          [`${HAPROXY}/ssl-redirect-port`]: '443',
        }),
  };
  const redirect = { [`${HAPROXY}/request-redirect`]: host, [`${HAPROXY}/request-redirect-code`]: '301' };
  return {
    className: 'haproxy',
    ingresses: [
      toRelease(asked, { ...common, [`${HAPROXY}/timeout-server`]: `${idle}s`, [`${HAPROXY}/forwarded-for`]: 'true' }),
      ...toCanonical(asked, { ...common, ...redirect }),
    ],
    // On an Ingress it would be ignored: its backend is that of all that lead to the Service.
    service: affinity ? { [`${HAPROXY}/cookie-persistence`]: COOKIE } : {},
  };
}
