import type { Construct } from 'constructs';
import { declare } from '../../support/declare';
import type { OptOut } from '../../support/opt-out';
import { reject } from '../../support/reject';
import { requireReason } from '../../support/values';
import { type Asked, COOKIE, idleSeconds, nginxSize, type Plan, requireAble, toRelease } from './preset';

const PREFIX = 'nginx.ingress.kubernetes.io';

/**
 * The Kubernetes project's own ingress-nginx, which has had no release since March 2026, not even for vulnerabilities.
 *
 * @see https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
 */
export function ingressNginxPlan(scope: Construct, optOut: OptOut, asked: Asked): Plan {
  requireReason(scope, 'controller.ingress-nginx', optOut);
  declare(scope, { leftOut: [{ rule: 'controller-maintained', optOut, target: scope }] });
  requireAble(scope, 'ingress-nginx', asked, { certificate: 'it reads certificates from Secrets' });
  const { host, redirects, bodySize, secret, affinity } = asked.route;
  for (const redirect of redirects.filter((one) => one !== `www.${host}` && `www.${one}` !== host)) {
    const must = `be the host with or without www: other redirects of ingress-nginx lose the path`;
    const fix = "make it one of the release's 'hosts' and redirect in the endpoint, or use another controller";
    reject(scope, { prop: 'redirects', must, got: redirect, fix });
  }
  const idle = `${idleSeconds(scope, asked)}`;
  const cookie = {
    [`${PREFIX}/affinity`]: 'cookie',
    [`${PREFIX}/session-cookie-name`]: COOKIE,
    [`${PREFIX}/session-cookie-samesite`]: 'Lax',
  };
  return {
    className: 'nginx',
    ingresses: [
      {
        ...toRelease(asked, {
          [`${PREFIX}/proxy-read-timeout`]: idle,
          [`${PREFIX}/proxy-send-timeout`]: idle,
          [`${PREFIX}/proxy-body-size`]: nginxSize(bodySize),
          [`${PREFIX}/ssl-redirect`]: secret === undefined ? 'false' : 'true',
          ...(redirects.length > 0 ? { [`${PREFIX}/from-to-www-redirect`]: 'true' } : {}),
          ...(affinity ? cookie : {}),
        }),
        certified: redirects,
      },
    ],
  };
}
