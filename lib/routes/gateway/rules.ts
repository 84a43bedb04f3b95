import type { Duration } from 'cdk8s';
import {
  HttpRouteSpecRulesFiltersRequestRedirectScheme as Scheme,
  HttpRouteSpecRulesFiltersRequestRedirectStatusCode as Status,
  HttpRouteSpecRulesFiltersType as Type,
  type HttpRouteSpecRules,
  type HttpRouteSpecRulesBackendRefs,
  HttpRouteSpecRulesMatchesPathType as PathType,
} from '../../../imports/gateway.networking.k8s.io';
import { headerFilters, type HeaderChanges } from './headers';
import { splitPaths } from './paths';
import { secondsOf } from '../../support/quantity';

/** A share of the requests, and the ports of the Service that gets it. */
export interface Share {
  readonly service: string;
  readonly weight: number;
  /** For websockets and long polls. */
  readonly socketPort: number;
  /** For everything else. */
  readonly port: number;
}

/** What the rules of a route are made from. */
export interface RuleSettings {
  readonly paths: readonly string[];
  readonly upgrades: readonly string[];
  readonly shares: readonly Share[];
  /** Longest time of a request; none where there is no limit. */
  readonly timeout?: Duration;
  /** Whether the implementation reads `timeouts`. */
  readonly timeouts: boolean;
  readonly headers?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
}

/** The rules that lead to pods: one, or two where websockets need another port or another limit than the rest. */
export function answers(settings: RuleSettings): HttpRouteSpecRules[] {
  const { paths, upgrades, shares, timeout } = settings;
  const { sockets, rest } = splitPaths(paths, upgrades);
  const differ = timeout !== undefined || shares.some(({ port, socketPort }) => port !== socketPort);
  if (!differ || sockets.length === 0) return [rule(settings, paths, 'port', timeout)];
  const first = rule(settings, sockets, 'socketPort', undefined);
  return rest.length === 0 ? [first] : [first, rule(settings, rest, 'port', timeout)];
}

function rule(
  settings: RuleSettings,
  paths: readonly string[],
  port: 'port' | 'socketPort',
  timeout: Duration | undefined,
): HttpRouteSpecRules {
  const { shares, timeouts, headers, responseHeaders } = settings;
  const filters = headerFilters(headers, responseHeaders);
  return {
    matches: paths.map((value) => ({ path: { type: PathType.PATH_PREFIX, value } })),
    ...(filters.length > 0 ? { filters } : {}),
    backendRefs: shares.map((share) => backend(share.service, share[port], share.weight)),
    // Left out it is whatever the implementation thinks, 15 seconds in Envoy Gateway: uploads and reports take longer.
    ...(timeouts ? { timeouts: { request: timeout ? `${secondsOf(timeout)}s` : '0s' } } : {}),
  };
}

/** A Service that answers. Defaults are written out: what the API server adds looks like drift to GitOps tools. */
export function backend(name: string, port: number, weight: number): HttpRouteSpecRulesBackendRefs {
  return { group: '', kind: 'Service', name, port, weight };
}

/** The rule that sends all that is below some paths on to HTTPS. */
export function toHttps(paths: readonly string[]): HttpRouteSpecRules {
  return redirect({ scheme: Scheme.HTTPS }, paths);
}

/** The rule that sends everything on to another host. */
export function toHost(hostname: string, secure: boolean): HttpRouteSpecRules {
  return redirect({ ...(secure ? { scheme: Scheme.HTTPS } : {}), hostname }, ['/']);
}

/** 301 is the permanent one that every implementation has. */
function redirect(target: { scheme?: Scheme; hostname?: string }, paths: readonly string[]): HttpRouteSpecRules {
  return {
    matches: paths.map((value) => ({ path: { type: PathType.PATH_PREFIX, value } })),
    filters: [{ type: Type.REQUEST_REDIRECT, requestRedirect: { ...target, statusCode: Status.VALUE_301 } }],
  };
}
