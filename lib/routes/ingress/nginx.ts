import type { Construct } from 'constructs';
import { type Asked, COOKIE, idleSeconds, nginxSize, type Plan, requireAble, toRelease } from './preset';

const PREFIX = 'nginx.org';

/**
 * The Ingress controller of NGINX Inc. (F5), `nginx/kubernetes-ingress`. Its cookies need NGINX 1.29.6, or NGINX Plus.
 *
 * @see https://docs.nginx.com/nginx-ingress-controller/configuration/ingress-resources/advanced-configuration-with-annotations/
 */
export function nginxPlan(scope: Construct, asked: Asked): Plan {
  requireAble(scope, "NGINX Inc.'s controller", asked, {
    redirects: 'an Ingress redirects no hosts there without a snippet',
    certificate: 'it reads certificates from Secrets',
  });
  const { service, bodySize, secret, affinity } = asked.route;
  const idle = `${idleSeconds(scope, asked)}s`;
  const cookie = `serviceName=${service} ${COOKIE} path=/ httponly${secret === undefined ? '' : ' secure'}`;
  return {
    className: 'nginx',
    ingresses: [
      toRelease(asked, {
        // It passes no upgrades on to other Services.
        [`${PREFIX}/websocket-services`]: service,
        [`${PREFIX}/proxy-read-timeout`]: idle,
        [`${PREFIX}/proxy-send-timeout`]: idle,
        [`${PREFIX}/client-max-body-size`]: nginxSize(bodySize),
        [`${PREFIX}/ssl-redirect`]: secret === undefined ? 'false' : 'true',
        ...(affinity ? { [`${PREFIX}/sticky-cookie-services`]: cookie } : {}),
      }),
    ],
  };
}
