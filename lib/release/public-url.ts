import type { IConstruct } from 'constructs';
import type { Mount } from '../pod/mount';
import { declare } from '../support/declare';
import { reject } from '../support/reject';
import { requireHost, requireHostOrWildcard, requireInteger, requireName } from '../support/values';

/** How the application's own URLs begin, beside their host: the way in that browsers use. */
export interface PublicUrl {
  /** `PHX_URL_SCHEME`. With `http`, `force_ssl` must be off: it sends everyone to `https`. */
  readonly scheme: 'http' | 'https';
  /** Port that stands in the address bar: `PHX_URL_PORT`. */
  readonly port: number;
}

/** TLS that ends in the web pods: on a laptop, or behind a proxy that encrypts again. Probes stay on the other port. */
export interface PodHttps {
  /** Secret of type `kubernetes.io/tls` with the certificate and its key: `PHX_SSL_CERT_PATH`, `PHX_SSL_KEY_PATH`. */
  readonly secret: string;
  /** Port of the endpoint's listener, above 1023: `PHX_HTTPS_PORT`. @default 4001 */
  readonly port?: number;
}

/** Where browsers find the application, with every default in place. */
export interface PublicAddress {
  readonly host: string;
  readonly hosts: readonly string[];
  readonly url: PublicUrl;
  readonly https?: Required<PodHttps>;
}

/** What the `runtime.exs` of `mix phx.new` says of URLs: only what is different needs variables. */
const ASSUMED: PublicUrl = { scheme: 'https', port: 443 };
const CERTIFICATE = '/etc/phoenix/tls';

/** Fills in the defaults. */
export function publicAddress(props: {
  readonly host: string;
  readonly hosts?: readonly string[];
  readonly url?: PublicUrl;
  readonly https?: PodHttps;
}): PublicAddress {
  const { host, hosts = [], url = ASSUMED, https } = props;
  return { host, hosts, url, ...(https ? { https: { secret: https.secret, port: https.port ?? 4001 } } : {}) };
}

/** Refuses what no browser could use, and declares the Secret. */
export function requireAddress(scope: IConstruct, { host, hosts, url, https }: PublicAddress): void {
  requireHost(scope, host);
  for (const [index, further] of hosts.entries()) {
    requireHostOrWildcard(scope, further, 'hosts');
    if (further !== host && hosts.indexOf(further) === index) continue;
    reject(scope, { prop: 'hosts', must: 'name each host once, and none that is host', got: further, fix: 'take it out' });
  }
  requireInteger(scope, 'url.port', url.port, {
    minimum: 1,
    maximum: 65535,
    fix: 'write the port of the address bar, such as 443',
  });
  if (!https) return;
  requireName(scope, https.secret, 253, 'https.secret');
  const { secret: name } = https;
  declare(scope, { externals: [{ kind: 'Secret', name, keys: ['tls.crt', 'tls.key', 'ca.crt'] }] });
}

/** Variables for every pod that makes URLs. `check_origin` compares hosts alone, so it needs no more than them. */
export function urlVariables({ host, hosts, url }: PublicAddress): Readonly<Record<string, string>> {
  const { scheme, port } = url;
  return {
    PHX_HOST: host,
    ...(scheme === ASSUMED.scheme && port === ASSUMED.port ? {} : { PHX_URL_SCHEME: scheme, PHX_URL_PORT: `${port}` }),
    ...(hosts.length > 0 ? { PHX_CHECK_ORIGIN: [host, ...hosts].map((one) => `//${one}`).join(',') } : {}),
  };
}

/** Variables for the pods that have the certificate. */
export function httpsVariables({ https }: PublicAddress): Readonly<Record<string, string>> {
  if (!https) return {};
  return {
    PHX_HTTPS_PORT: `${https.port}`,
    PHX_SSL_CERT_PATH: `${CERTIFICATE}/tls.crt`,
    PHX_SSL_KEY_PATH: `${CERTIFICATE}/tls.key`,
  };
}

/** The container ports of the endpoint's listeners, by name. */
export function listeners(port: number, { https }: PublicAddress): Readonly<Record<string, number>> {
  return { http: port, ...(https ? { https: https.port } : {}) };
}

/** The certificate as files, for the group of the program alone. */
export function httpsMounts({ https }: PublicAddress): readonly Mount[] {
  if (!https) return [];
  return [{ name: 'phoenix-tls', path: CERTIFICATE, source: { secret: { secretName: https.secret, defaultMode: 0o440 } } }];
}
