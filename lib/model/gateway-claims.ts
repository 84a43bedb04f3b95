import type { Manifest } from '../support/edit';
import type { FinishedObject } from './world';
import type { Inventory } from './inventory';
import { map, maps, nameIn, namespaceOf, placesOf, scalar, specOf } from './values';
import { commonHost, hostText, plainPath, type RouteClaim, sortedText } from './route-claims';

/** What a route of the Gateway API claims at the listeners that it is attached to. */
export function gatewayClaims(object: FinishedObject, inventory: Inventory): RouteClaim[] {
  const own = placesOf(object.manifest, 'spec.hostnames[]').map(({ field, value }) => ({ field, host: hostText(value) }));
  const hosts = own.length > 0 ? own : [{ field: 'spec', host: '*' }];
  const matches = matchesOf(object);
  return attachments(object, inventory).flatMap(({ entrance, host: listener }) =>
    hosts.flatMap(({ field, host: wanted }) => {
      const host = commonHost(wanted, listener);
      if (host === undefined) return [];
      const at = wanted === '*' ? host : wanted;
      return matches.map(({ match, shown }) => ({ object, field, host, match, entrance, got: `${at}${shown}` }));
    }),
  );
}

/** The listeners of a route: those of a Gateway of the YAML one by one, else what the route says of them. */
function attachments({ manifest }: FinishedObject, inventory: Inventory): Pick<RouteClaim, 'entrance' | 'host'>[] {
  const parents = placesOf(manifest, 'spec.parentRefs[]');
  // Whoever attaches it later attaches all that are like it.
  if (parents.length === 0) return [{ entrance: [], host: '*' }];
  return parents.flatMap(({ value }) => {
    const { group = 'gateway.networking.k8s.io', kind = 'Gateway', name, namespace, sectionName, port } = map(value);
    const home = nameIn(namespace) ?? namespaceOf(manifest);
    const parent = `${group}/${kind}/${home}/${name}`;
    const gateway = kind === 'Gateway' ? inventory.find('Gateway', String(name), home)?.object : undefined;
    const listeners = gateway ? maps(specOf(gateway)['listeners']) : [];
    const found = listeners.filter(
      (listener) =>
        (sectionName === undefined || listener['name'] === sectionName) && (port === undefined || listener['port'] === port),
    );
    if (found.length === 0) return [{ entrance: [parent, nameIn(sectionName), scalar(port)], host: '*' }];
    return found.map((one) => {
      return { entrance: [parent, nameIn(one['name']), scalar(one['port'])], host: hostText(one['hostname']) };
    });
  });
}

interface Match {
  readonly match: string;
  readonly shown: string;
}

/** What a route matches, with the defaults of the API. */
function matchesOf({ manifest }: FinishedObject): Match[] {
  const kind = String(manifest['kind']);
  if (kind !== 'HTTPRoute' && kind !== 'GRPCRoute') return [{ match: '', shown: '' }];
  const { rules } = map(manifest['spec']);
  return (maps(rules).length > 0 ? maps(rules) : [{}]).flatMap(({ matches }: Manifest) => {
    const own = maps(matches).length > 0 ? maps(matches) : [{}];
    return own.map(kind === 'HTTPRoute' ? httpMatch : grpcMatch);
  });
}

function httpMatch({ path, method, headers, queryParams }: Manifest): Match {
  const { type = 'PathPrefix', value = '/' } = map(path);
  const shown = String(value);
  const text = type === 'PathPrefix' ? plainPath(shown) : shown;
  return { match: sortedText([type, text, method, named(headers, true), named(queryParams, false)]), shown };
}

function grpcMatch({ method, headers }: Manifest): Match {
  const { type = 'Exact', service, method: call } = map(method);
  const all = service === undefined && call === undefined;
  const shown = all ? '' : ` ${service ?? '*'}/${call ?? '*'}`;
  return { match: sortedText(['gRPC', all ? '' : type, service, call, named(headers, true)]), shown };
}

/** Conditions by name in any order; of two with one name the first counts. Names of headers have no case. */
function named(conditions: unknown, lower: boolean): readonly (readonly [string, string])[] {
  const found = new Map<string, string>();
  for (const { name, type = 'Exact', value } of maps(conditions)) {
    const key = lower ? String(name).toLowerCase() : String(name);
    if (!found.has(key)) found.set(key, `${type} ${value}`);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}
