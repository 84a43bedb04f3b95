import type { Construct } from 'constructs';
import { HttpRoute, type HttpRouteSpec, type HttpRouteSpecRules } from '../../../imports/gateway.networking.k8s.io';
import { sentOn, type Route } from '../route';
import type { Parents } from './parents';
import { toHost, toHttps } from './rules';

interface Metadata {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The routes that lead to pods: one for every sixteen hosts, which is the most that one takes. */
export function answering(
  scope: Construct,
  metadata: Metadata,
  parents: Parents,
  { hosts }: Route,
  rules: HttpRouteSpecRules[],
): HttpRoute[] {
  return inSixteens(hosts).map((hostnames, index) =>
    make(scope, 'Route', metadata, index, { parentRefs: [parents.secure], hostnames, rules }),
  );
}

/** The routes that redirect: from clear text to HTTPS, and from other hosts to that of the release. */
export function redirecting(scope: Construct, metadata: Metadata, parents: Parents, route: Route): HttpRoute[] {
  const { host, redirects, secret } = route;
  const { clear } = parents;
  const fromClearText = (clear ? sentOn(route) : []).flatMap(({ hosts, paths }, part) =>
    inSixteens(hosts).map((hostnames, index) => {
      const [id, name] = part === 0 ? ['Http', 'http'] : ['HttpRedirects', 'http-redirects'];
      const spec = { parentRefs: clear && [clear], hostnames, rules: [toHttps(paths)] };
      return make(scope, id, named(metadata, name), index, spec);
    }),
  );
  // Behind a shared Gateway the scheme stays what the request came with.
  const fromOthers = inSixteens(redirects).map((hostnames, index) =>
    make(scope, 'Canonical', named(metadata, 'canonical'), index, {
      parentRefs: [parents.secure],
      hostnames,
      rules: [toHost(host, secret !== undefined)],
    }),
  );
  return [...fromClearText, ...fromOthers];
}

function make(
  scope: Construct,
  id: string,
  { name, labels, annotations }: Metadata,
  index: number,
  spec: HttpRouteSpec,
): HttpRoute {
  const more = annotations ? { annotations: { ...annotations } } : {};
  const number = index === 0 ? '' : `-${index + 1}`;
  return new HttpRoute(scope, `${id}${number}`, { metadata: { name: `${name}${number}`, labels: { ...labels }, ...more }, spec });
}

function named({ name, ...metadata }: Metadata, suffix: string): Metadata {
  return { ...metadata, name: `${name}-${suffix}` };
}

function inSixteens(hosts: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(hosts.length / 16) }, (_, index) => hosts.slice(index * 16, index * 16 + 16));
}
