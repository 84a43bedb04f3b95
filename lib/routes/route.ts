import { Duration, Size } from 'cdk8s';
import type { Construct } from 'constructs';
import { PhoenixRelease } from '../constructs/phoenix-release';
import { bytes } from '../support/quantity';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { requireTypes, type PropTypes } from '../support/types';
import { requireHost, requireName, requireReason, requireSeconds } from '../support/values';

/** Where the certificate of a route is. */
export type RouteTls =
  /** A Secret of type `kubernetes.io/tls` in the namespace. */
  | { readonly secret: string }
  /** Clear text. Phoenix redirects to `https://` all the same, unless `force_ssl` is off. */
  | OptOut;

/** What every road from outside to an application is told. */
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
  /** The largest body of a request, where the road has a limit. Plug has its own, 8 MB. @default Size.mebibytes(8) */
  readonly bodySize?: Size;
  /** Whether a browser stays with one pod, by a cookie: for long polls to pods that form no cluster. @default false */
  readonly affinity?: boolean;
  /** Where the certificate is. */
  readonly tls: RouteTls;
  /** Annotations for the object that has the address, such as those for external-dns. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The types of {@link RouteProps}, for the constructs that add their own. */
export const routePropTypes: PropTypes<RouteProps> = {
  ...{ release: [PhoenixRelease], name: ['string', undefined], paths: ['array', undefined], redirects: ['array', undefined] },
  ...{ idle: [Duration, undefined], bodySize: [Size, undefined], affinity: ['boolean', undefined], tls: ['object'] },
  annotations: ['object', undefined],
};

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

/** Fills in the defaults, and refuses what no road can do. */
export function routeOf(scope: Construct, props: RouteProps): Route {
  const { release, paths = ['/'], redirects = [], idle = Duration.hours(1), bodySize = Size.mebibytes(8) } = props;
  const { application, host } = release;
  const { name = application.name, affinity = false, tls, annotations = {} } = props;
  requireName(scope, name, 63);
  requireReason(scope, 'tls', tls);
  if (!(tls instanceof OptOut)) {
    requireTypes(scope, tls, { secret: ['string'] }, 'tls.');
    requireName(scope, tls.secret, 253, 'tls.secret');
  }
  for (const redirect of redirects) requireHost(scope, redirect, 'redirects');
  for (const path of paths.filter((one) => typeof one !== 'string' || !/^\/[\w\-./~%]*$/.test(one))) {
    reject(scope, { prop: 'paths', must: "begin with '/' and be a plain path", got: path, fix: "write it as '/' or '/api'" });
  }
  requireSeconds(scope, 'idle', idle, { minimum: 1, maximum: 86400, fix: 'omit it to use an hour' });
  if (bytes(bodySize) < 1024) {
    reject(scope, { prop: 'bodySize', must: 'be 1 KiB or more', got: bodySize, fix: 'omit it to use 8 MiB' });
  }
  const secret = tls instanceof OptOut ? undefined : tls.secret;
  const hosts = [host, ...release.hosts];
  return {
    ...{ name, host, hosts, service: application.name, port: 80, paths, redirects, idle, bodySize },
    affinity,
    annotations,
    secret,
  };
}
