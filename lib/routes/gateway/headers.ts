import type { Construct } from 'constructs';
import {
  HttpRouteSpecRulesFiltersType as Type,
  type HttpRouteSpecRulesFilters,
} from '../../../imports/gateway.networking.k8s.io';
import { reject } from '../../support/reject';

/** Changes to the headers of each request, or of each response. */
export interface HeaderChanges {
  /** Headers that get this value, whatever they had: `set`. @default {} */
  readonly set?: Readonly<Record<string, string>>;
  /** Headers that get a value beside those that they have: `add`. @default {} */
  readonly add?: Readonly<Record<string, string>>;
  /** Headers that are taken away: `remove`. @default [] */
  readonly remove?: readonly string[];
}

/** The filters of a rule. */
export function headerFilters(
  request: HeaderChanges | undefined,
  response: HeaderChanges | undefined,
): HttpRouteSpecRulesFilters[] {
  return [
    ...(request ? [{ type: Type.REQUEST_HEADER_MODIFIER, requestHeaderModifier: changes(request) }] : []),
    ...(response ? [{ type: Type.RESPONSE_HEADER_MODIFIER, responseHeaderModifier: changes(response) }] : []),
  ];
}

function changes({ set = {}, add = {}, remove = [] }: HeaderChanges) {
  const entries = (headers: Readonly<Record<string, string>>) =>
    Object.entries(headers).map(([name, value]) => ({ name, value }));
  return {
    ...(Object.keys(set).length > 0 ? { set: entries(set) } : {}),
    ...(Object.keys(add).length > 0 ? { add: entries(add) } : {}),
    ...(remove.length > 0 ? { remove: [...remove] } : {}),
  };
}

/** What the proxies must be left to say themselves, or a websocket is no websocket and a client names its own address. */
const PROXY_OWN = /^(?:connection|upgrade|host|x-forwarded-(?:for|proto|host|port))$/i;

/** Refuses what is no header, and what the proxies say themselves. */
export function requireHeaders(scope: Construct, prop: string, wanted: HeaderChanges | undefined): void {
  if (!wanted) return;
  const { set = {}, add = {}, remove = [] } = wanted;
  const names = [...Object.keys(set), ...Object.keys(add), ...remove];
  if (names.length === 0 || names.length > 16) {
    reject(scope, { prop, must: 'change 1 to 16 headers', got: names.length, fix: 'omit it to change none' });
  }
  for (const name of names.filter((one) => typeof one !== 'string' || !/^[\w!#$%&'*+\-.^`|~]{1,256}$/.test(one))) {
    reject(scope, { prop, must: 'name headers', got: name, fix: "write them as 'x-robots-tag'" });
  }
  for (const name of names.filter((one) => typeof one === 'string' && PROXY_OWN.test(one))) {
    const must = 'leave to the proxy what it says itself';
    reject(scope, { prop, must, got: name, fix: 'remove it: websockets, redirects and addresses depend on it' });
  }
  for (const [name, value] of [...Object.entries(set), ...Object.entries(add)]) {
    if (typeof value === 'string' && value.length > 0 && value.length <= 4096) continue;
    reject(scope, {
      prop: `${prop}.${name}`,
      must: 'be a text of 1 to 4096 characters',
      got: value,
      fix: 'use remove to take it away',
    });
  }
}
