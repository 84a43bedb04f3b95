import type { Construct } from 'constructs';
import { type Asked, idleSeconds, type Plan, requireAble, toRelease } from './preset';

/**
 * Contour, with what its annotations can say; the rest is for its HTTPProxy, or for the Gateway API.
 *
 * @see https://projectcontour.io/docs/main/config/annotations/
 */
export function contourPlan(scope: Construct, asked: Asked): Plan {
  requireAble(scope, 'Contour', asked, {
    bodySize: 'it has no limit for bodies',
    affinity: 'its cookies are for HTTPProxies alone',
    redirects: 'its redirects are for HTTPProxies alone',
    certificate: 'it reads certificates from Secrets',
  });
  const why = 'an Ingress cannot change the five minutes that Envoy lets a stream be silent';
  const idle = idleSeconds(scope, asked, { most: 300, why });
  const { paths, secret } = asked.route;
  return {
    className: 'contour',
    ingresses: [
      toRelease(asked, {
        // It passes no upgrades on at other paths.
        'projectcontour.io/websocket-routes': paths.join(','),
        // Of a whole response, where Envoy's own would be 15 seconds.
        'projectcontour.io/response-timeout': `${idle}s`,
        ...(secret === undefined ? {} : { 'ingress.kubernetes.io/force-ssl-redirect': 'true' }),
      }),
    ],
  };
}
