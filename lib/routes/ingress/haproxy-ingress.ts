import type { Construct } from 'constructs';
import { bytes } from '../../support/quantity';
import { type Asked, COOKIE, idleSeconds, type Plan, requireAble, toRelease } from './preset';

const PREFIX = 'haproxy-ingress.github.io';

/**
 * The community's HAProxy Ingress, `jcmoraisjr/haproxy-ingress`.
 *
 * @see https://haproxy-ingress.github.io/docs/configuration/keys/
 */
export function haproxyIngressPlan(scope: Construct, asked: Asked): Plan {
  requireAble(scope, 'HAProxy Ingress', asked, {
    redirects: 'whether its redirects are permanent is said in the ConfigMap of the controller alone',
    certificate: 'it reads certificates from Secrets',
  });
  const { bodySize, secret, affinity } = asked.route;
  const idle = `${idleSeconds(scope, asked)}s`;
  const cookie = { [`${PREFIX}/affinity`]: 'cookie', [`${PREFIX}/session-cookie-name`]: COOKIE };
  return {
    className: 'haproxy',
    ingresses: [
      toRelease(asked, {
        [`${PREFIX}/timeout-tunnel`]: idle,
        [`${PREFIX}/timeout-server`]: idle,
        [`${PREFIX}/proxy-body-size`]: `${bytes(bodySize)}`,
        [`${PREFIX}/ssl-redirect`]: secret === undefined ? 'false' : 'true',
        ...(affinity ? cookie : {}),
      }),
    ],
  };
}
