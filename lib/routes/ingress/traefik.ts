import type { Construct } from 'constructs';
import {
  type Annotations,
  type Asked,
  type CustomObject,
  canonicalOrigin,
  COOKIE,
  type Plan,
  requireAble,
  toCanonical,
  toRelease,
} from './preset';
import { sentOn } from '../route';

const ROUTER = 'traefik.ingress.kubernetes.io/router';
const STICKY = 'traefik.ingress.kubernetes.io/service.sticky.cookie';

/**
 * Traefik 3, with the entry points `web` and `websecure` of its chart. It has no limit of its own for silence on a websocket.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
 */
export function traefikPlan(scope: Construct, asked: Asked): Plan {
  requireAble(scope, 'Traefik', asked, {
    bodySize: 'what limits bodies there also holds back every response until it is whole',
    certificate: 'it reads certificates from Secrets',
  });
  const { route, namespace } = asked;
  const { name, secret, affinity } = route;
  const uses = (middleware: string) => ({ [`${ROUTER}.middlewares`]: `${namespace}-${name}-${middleware}@kubernetescrd` });
  const encrypted: Annotations = { [`${ROUTER}.entrypoints`]: 'websecure', [`${ROUTER}.tls`]: 'true' };
  const entry = secret === undefined ? { [`${ROUTER}.entrypoints`]: 'web' } : encrypted;
  const plain = { suffix: 'http', rules: sentOn(route), tls: false } as const;
  return {
    className: 'traefik',
    ingresses: [
      toRelease(asked, { ...entry, ...uses('retry') }),
      ...toCanonical(asked, { ...entry, ...uses('canonical') }),
      // A router with TLS answers nothing else: clear text needs one of its own to be sent on.
      ...(secret === undefined ? [] : [{ ...plain, annotations: { [`${ROUTER}.entrypoints`]: 'web', ...uses('https') } }]),
    ],
    service: affinity ? sticky(secret !== undefined) : {},
    objects: middlewares(asked),
  };
}

function middlewares(asked: Asked): CustomObject[] {
  const { name, secret, redirects } = asked.route;
  const middleware = { apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware' };
  // Without braces round the number, because tools that fill in variables would take it for one.
  const redirectRegex = { regex: '^https?://[^/]+/(.*)', replacement: `${canonicalOrigin(asked)}/$1`, permanent: true };
  const redirectScheme = { scheme: 'https', permanent: true };
  return [
    // It tries the next pod where nothing was sent to the first one yet, and only there.
    { id: 'Retry', ...middleware, name: `${name}-retry`, spec: { retry: { attempts: 3 } } },
    ...(redirects.length > 0 ? [{ id: 'Canonical', ...middleware, name: `${name}-canonical`, spec: { redirectRegex } }] : []),
    ...(secret === undefined ? [] : [{ id: 'Https', ...middleware, name: `${name}-https`, spec: { redirectScheme } }]),
  ];
}

function sticky(secure: boolean): Annotations {
  return {
    [STICKY]: 'true',
    [`${STICKY}.name`]: COOKIE,
    [`${STICKY}.httponly`]: 'true',
    [`${STICKY}.samesite`]: 'lax',
    ...(secure ? { [`${STICKY}.secure`]: 'true' } : {}),
  };
}
