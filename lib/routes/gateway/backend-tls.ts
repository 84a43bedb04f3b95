import type { Construct } from 'constructs';
import { BackendTlsPolicy } from '../../../imports/gateway.networking.k8s.io';
import type { PhoenixRelease } from '../../constructs/phoenix-release';
import { H2C } from '../../release/web-pod';
import { declare } from '../../support/declare';
import { reject } from '../../support/reject';
import { requireHost, requireName } from '../../support/values';
import { openPorts } from './service-port';

/** How the Gateway knows that a pod is the application, where it connects to it by TLS. */
export interface BackendTls {
  /** Name in the certificate of the pods: `validation.hostname`. @default - the host of the release */
  readonly hostname?: string;
  /** Who signed it: an authority that everyone knows, or the certificate in `ca.crt` of a ConfigMap. */
  readonly authority: 'System' | { readonly configMap: string };
}

/** Port of a Service that speaks TLS. */
export const HTTPS = 'https';

/** Refuses TLS to pods that do not speak it. */
export function requireBackendTls(scope: Construct, tls: BackendTls, release: PhoenixRelease): void {
  const { hostname, authority } = tls;
  if (hostname !== undefined) requireHost(scope, hostname, 'backendTls.hostname');
  if (typeof authority === 'object') {
    requireName(scope, authority.configMap, 253, 'backendTls.authority.configMap');
  } else if (authority !== 'System') {
    const fix = "write 'System' or { configMap: 'shop-ca' }";
    reject(scope, { prop: 'backendTls.authority', must: "be 'System' or name a ConfigMap", got: authority, fix });
  }
  const ports = openPorts(release.web).map(({ name }) => name);
  if (!ports.includes(HTTPS)) {
    const fix = 'give the release https, or leave backendTls out';
    reject(scope, { prop: 'backendTls', must: 'be for a release whose Service has a port https', got: ports.join(', '), fix });
  }
  if (ports.includes(H2C)) {
    const fix = 'leave out one of the two';
    reject(scope, { prop: 'backendTls', must: 'not stand beside http2, which is HTTP/2 in clear text', got: 'http2', fix });
  }
}

/** https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/ */
export function backendTlsPolicy(
  scope: Construct,
  metadata: { name: string; labels: Record<string, string> },
  { hostname, authority }: BackendTls,
  release: PhoenixRelease,
): BackendTlsPolicy {
  const { name } = release.application;
  // Whoever makes the authority puts it there; naming it says that it is.
  if (typeof authority === 'object')
    declare(scope, { externals: [{ kind: 'ConfigMap', name: authority.configMap, keys: ['ca.crt'] }] });
  return new BackendTlsPolicy(scope, `BackendTls-${name}`, {
    metadata: { ...metadata, name },
    spec: {
      targetRefs: [{ group: '', kind: 'Service', name, sectionName: HTTPS }],
      validation: {
        hostname: hostname ?? release.host,
        ...(typeof authority === 'object'
          ? { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: authority.configMap }] }
          : { wellKnownCaCertificates: authority }),
      },
    },
  });
}
