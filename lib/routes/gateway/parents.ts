import type { Construct } from 'constructs';
import type { HttpRouteSpecParentRefs } from '../../../imports/gateway.networking.k8s.io';
import { reject } from '../../support/reject';
import { requireName } from '../../support/values';
import { dnsTarget } from '../dns';
import type { Route } from '../route';
import { requireOwn, type OwnGateway } from './own';

/** A Gateway of another team, which has the address, the ports and the certificates. It must allow routes of this namespace. */
export interface SharedGateway {
  readonly name: string;
  readonly namespace: string;
  /** Its listener for HTTPS: `sectionName`. @default - every listener that takes the host; Phoenix redirects clear text itself */
  readonly sectionName?: string;
  /** Its listener for clear text, whose requests are sent on to HTTPS. Beside `sectionName` alone. @default - none */
  readonly httpSectionName?: string;
}

/**
 * Which Gateway the route belongs to.
 * @write { shared: { name: 'public', namespace: 'gateway' } } or { own: { className: 'eg' } }
 */
export type RouteGateway = { readonly shared: SharedGateway } | { readonly own: OwnGateway };

/** What routes are attached to. */
export interface Parents {
  /** For requests that are answered. */
  readonly secure: HttpRouteSpecParentRefs;
  /** For those in clear text that are sent on, where there is a listener for them. */
  readonly clear?: HttpRouteSpecParentRefs;
}

/** Refuses what names no Gateway. */
export function requireGateway(scope: Construct, gateway: RouteGateway, route: Route): void {
  if ('own' in gateway) {
    requireOwn(scope, gateway.own, route);
    return;
  }
  requireShared(scope, gateway.shared);
  const target = dnsTarget(route.annotations);
  if (target !== undefined) {
    const must = 'be left to the shared Gateway, which is where external-dns reads it';
    const fix = 'remove it, or leave the hosts to a DnsRecord';
    reject(scope, { prop: `annotations.${target}`, must, got: route.annotations[target], fix });
  }
  if (route.secret === undefined) return;
  const fix = "write OptOut.because('the shared Gateway has the certificate')";
  reject(scope, { prop: 'tls', must: 'be left to a shared Gateway, which names its own Secret', got: route.secret, fix });
}

/** Refuses a reference that no Gateway could have. */
export function requireShared(scope: Construct, shared: SharedGateway): void {
  const { name, namespace, sectionName, httpSectionName } = shared;
  requireName(scope, name, 253, 'gateway.shared.name');
  requireName(scope, namespace, 63, 'gateway.shared.namespace');
  if (sectionName !== undefined) requireName(scope, sectionName, 253, 'gateway.shared.sectionName');
  if (httpSectionName === undefined) return;
  requireName(scope, httpSectionName, 253, 'gateway.shared.httpSectionName');
  if (sectionName !== undefined && sectionName !== httpSectionName) return;
  const fix = 'name the listener for HTTPS too: without it the route answers in clear text as well';
  reject(scope, {
    prop: 'gateway.shared.sectionName',
    must: 'be another listener beside httpSectionName',
    got: sectionName,
    fix,
  });
}

/** What the routes of a Gateway name. Defaults are written out: what the API server adds looks like drift to GitOps tools. */
export function parentsOf(gateway: RouteGateway, { name, secret }: Route): Parents {
  if ('shared' in gateway) {
    const { sectionName, httpSectionName } = gateway.shared;
    // One listener for both was refused.
    const apart = httpSectionName !== undefined && httpSectionName !== sectionName;
    const clear = apart ? sharedRef(gateway.shared, httpSectionName) : undefined;
    return { secure: sharedRef(gateway.shared, sectionName), clear };
  }
  const own = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name };
  const clear = { ...own, sectionName: 'http' };
  return secret === undefined ? { secure: clear } : { secure: { ...own, sectionName: 'https' }, clear };
}

/** A reference to a shared Gateway. */
export function sharedRef({ name, namespace }: SharedGateway, sectionName: string | undefined): HttpRouteSpecParentRefs {
  const kind = { group: 'gateway.networking.k8s.io', kind: 'Gateway' };
  return { ...kind, name, namespace, ...(sectionName === undefined ? {} : { sectionName }) };
}
