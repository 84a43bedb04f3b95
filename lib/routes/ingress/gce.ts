import type { Construct } from 'constructs';
import type { HealthPaths } from '../../release/application';
import { reject } from '../../support/reject';
import { requireName } from '../../support/values';
import { GOOGLE } from '../google';
import { type Asked, idleSeconds, type Plan, requireAble, toRelease } from './preset';

/**
 * The external Application Load Balancer that GKE makes of an Ingress, straight to the pods' addresses.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration
 */
export interface GceIngress {
  /** Name of a reserved global address: `kubernetes.io/ingress.global-static-ip-name`. @default - an address that is given back with the Ingress */
  readonly address?: string;
}

/** The Ingress, its FrontendConfig and the BackendConfig of the Service. */
export function gcePlan(scope: Construct, gce: GceIngress, asked: Asked): Plan {
  requireAble(scope, 'GCE', asked, {
    bodySize: 'it has no limit for bodies that an Ingress could set',
    redirects: 'its FrontendConfig redirects to https, and to no other host',
  });
  const { release, route, certificate } = asked;
  const { name, secret } = route;
  const encrypted = secret !== undefined || certificate !== undefined;
  requireHealth(scope, release.application.health, encrypted);
  if (gce.address !== undefined) requireName(scope, gce.address, 63, 'controller.gce.address');
  if (certificate !== undefined) requireName(scope, certificate, 63, 'tls.certificate');
  const annotations = {
    // GKE reads the class from here and ignores ingressClassName.
    'kubernetes.io/ingress.class': 'gce',
    ...(gce.address === undefined ? {} : { 'kubernetes.io/ingress.global-static-ip-name': gce.address }),
    ...(certificate === undefined ? {} : { 'ingress.gcp.kubernetes.io/pre-shared-cert': certificate }),
    ...(encrypted ? { 'networking.gke.io/v1beta1.FrontendConfig': name } : {}),
  };
  const redirectToHttps = { enabled: true, responseCodeName: 'MOVED_PERMANENTLY_DEFAULT' };
  const frontend = { id: 'FrontendConfig', apiVersion: 'networking.gke.io/v1beta1', kind: 'FrontendConfig', name };
  const backend = { id: 'BackendConfig', apiVersion: 'cloud.google.com/v1', kind: 'BackendConfig', name };
  return {
    ingresses: [toRelease(asked, annotations)],
    service: {
      'cloud.google.com/neg': JSON.stringify({ ingress: true }),
      'cloud.google.com/backend-config': JSON.stringify({ default: name }),
    },
    objects: [
      { ...backend, spec: backendConfig(scope, asked) },
      ...(encrypted ? [{ ...frontend, spec: { redirectToHttps } }] : []),
    ],
    ranges: GOOGLE,
    asksHealth: true,
  };
}

function backendConfig(scope: Construct, asked: Asked) {
  const { application } = asked.release;
  return {
    // Of a websocket this is the longest life, busy or not.
    timeoutSec: idleSeconds(scope, asked),
    connectionDraining: { drainingTimeoutSec: 60 },
    healthCheck: { type: 'HTTP', requestPath: application.health.ready, port: application.health.port ?? application.port },
    ...(asked.route.affinity ? { sessionAffinity: { affinityType: 'GENERATED_COOKIE', affinityCookieTtlSec: 86400 } } : {}),
  };
}

/** Its health check sends no header and takes 200 alone; an endpoint that forces TLS answers the front page with a redirect. */
function requireHealth(scope: Construct, { ready, port }: HealthPaths, encrypted: boolean): void {
  if (!encrypted || port !== undefined || ready !== '/') return;
  const must = "have a path of its own with GCE: its health check takes 200 alone, and force_ssl answers '/' with a redirect";
  const fix = "add a path such as '/ready' to the endpoint, leave it out of force_ssl, and write it as health.ready";
  reject(scope, { prop: 'release.application.health.ready', must, got: ready, fix });
}
