import { Duration, Size } from 'cdk8s';
import type { Construct } from 'constructs';
import { type PhoenixRelease } from '../constructs/phoenix-release';
import { bytes } from '../support/quantity';
import { declare } from '../support/declare';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { requireHost, requireName, requireReason, requireSeconds } from '../support/values';
import { requirePlainPaths } from './paths';

/** Where the certificate of a route is. */
export type RouteTls =
  /** A Secret of type `kubernetes.io/tls` in the namespace. */
  | { readonly secret: string }
  /** Clear text: TLS ends in front, or the release's `url` says `http`. Phoenix redirects to `https://` all the same, unless `force_ssl` is off. */
  | OptOut;

/** Properties of every route from outside to an application. */
export interface RouteProps {
  /** The release that answers. Its hosts are those of the route. */
  readonly release: PhoenixRelease;
  /** Name of the objects. @default - that of the application */
  readonly name?: string;
  /** Beginnings of the paths that it answers. @default ['/'] */
  readonly paths?: readonly string[];
  /** Hosts that are sent on to the release's host, by a permanent redirect: the canonical one is in the address bar. @default [] */
  readonly redirects?: readonly string[];
  /** How long a websocket or a long poll may be silent, a second to a day. Phoenix itself sends a heartbeat every 30 seconds. @default Duration.hours(1) */
  readonly idle?: Duration;
  /** The largest body of a request, where the route has a limit. Plug has its own, 8 MB. @default Size.mebibytes(8) */
  readonly bodySize?: Size;
  /** Whether a browser stays with one pod, by a cookie: for long polls to pods that form no cluster. @default false */
  readonly affinity?: boolean;
  /** Where the certificate is. */
  readonly tls: RouteTls;
  /** Annotations for the object that has the address, such as those for external-dns. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a route is, with every default in place. */
export interface Route extends Required<Omit<RouteProps, 'release' | 'tls'>> {
  /** Host of the application's own URLs. */
  readonly host: string;
  /** All hosts that are answered, `host` first; `redirects` are not among them. */
  readonly hosts: readonly string[];
  /** Service that answers, and its port. */
  readonly service: string;
  readonly port: number;
  /** Secret with the certificate, where there is one. */
  readonly secret?: string;
}

/** Fills in the defaults, and refuses what no route can do. */
export function routeOf(scope: Construct, props: RouteProps): Route {
  const { release, paths = ['/'], redirects = [], idle = Duration.hours(1), bodySize = Size.mebibytes(8) } = props;
  const { application, host } = release;
  const { name = application.name, affinity = false, tls, annotations = {} } = props;
  requireName(scope, name, 63);
  requireReason(scope, 'tls', tls);
  if (!(tls instanceof OptOut)) {
    requireName(scope, tls.secret, 253, 'tls.secret');
  }
  requireRedirects(scope, release, redirects);
  requirePlainPaths(scope, 'paths', paths);
  if (paths.length === 0) reject(scope, { prop: 'paths', must: 'name a path', got: paths, fix: "omit it to use '/'" });
  requireSeconds(scope, 'idle', idle, { minimum: 1, maximum: 86400, fix: 'omit it to use an hour' });
  if (bytes(bodySize) < 1024) {
    reject(scope, { prop: 'bodySize', must: 'be 1 KiB or more', got: bodySize, fix: 'omit it to use 8 MiB' });
  }
  const secret = tls instanceof OptOut ? undefined : tls.secret;
  if (secret !== undefined) requireHttps(scope, release);
  const hosts = [host, ...release.hosts];
  return {
    name,
    host,
    hosts,
    service: application.name,
    port: 80,
    paths,
    redirects,
    idle,
    bodySize,
    affinity,
    annotations,
    secret,
  };
}

/** The application's own URLs must lead back to where its visitors are. */
export function requireHttps(scope: Construct, { url }: PhoenixRelease): void {
  if (url.scheme === 'https' && url.port === 443) return;
  const must = "be { scheme: 'https', port: 443 }, which is where this route answers";
  reject(scope, { prop: 'release.url', must, got: url, fix: "remove the release's url" });
}

/**
 * Where there is no certificate at all, the reason says who ends TLS in front. Not for a shared Gateway: there it says whose
 * the certificate is, and whether the Gateway has a listener for it may be seen.
 */
export function leaveTlsToFront(scope: Construct, tls: object): void {
  if (tls instanceof OptOut) declare(scope, { leftOut: [{ rule: 'url-scheme-served', optOut: tls, target: scope }] });
}

/** A host that is answered and sent on is one or the other, as the controller sees fit; the canonical one would go in circles. */
function requireRedirects(scope: Construct, { host, hosts }: PhoenixRelease, redirects: readonly string[]): void {
  for (const [index, redirect] of redirects.entries()) {
    requireHost(scope, redirect, 'redirects');
    const answered = [host, ...hosts].includes(redirect);
    if (!answered && redirects.indexOf(redirect) === index) continue;
    const must = answered ? 'not be among the hosts that the release answers' : 'name each host once';
    reject(scope, { prop: 'redirects', must, got: redirect, fix: 'take it out of one of the two' });
  }
}

/** Which hosts are sent on from clear text to HTTPS, and below which paths: another release of a host sends on what is its own. */
export function sentOn({ hosts, redirects, paths }: Route): { hosts: readonly string[]; paths: readonly string[] }[] {
  if (paths.includes('/')) return [{ hosts: [...hosts, ...redirects], paths: ['/'] }];
  return [{ hosts, paths }, ...(redirects.length > 0 ? [{ hosts: redirects, paths: ['/'] }] : [])];
}
