import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { isSubdomain } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { map, maps, specOf, texts } from '../world/values';
import { portFault } from './port-values';

type Fault = Omit<Finding, 'object'>;
const CLASS = 'kubernetes.io/ingress.class';

/** Where an Ingress sends requests. */
export const ingressFields: Rule = {
  name: 'ingress-fields',
  sentence: 'An Ingress has rules or a default, with plain paths, and a Service and its port behind each.',
  why: 'The API server refuses the whole Ingress for one path, and none of its hosts is reachable.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('Ingress')) {
      const spec = specOf(object);
      const annotated: unknown = map(map(object.manifest['metadata'])['annotations'])[CLASS];
      const { ingressClassName } = spec;
      if (typeof annotated === 'string' && typeof ingressClassName === 'string' && annotated !== ingressClassName) {
        const must = `equal ingressClassName, which is "${ingressClassName}"`;
        yield {
          object,
          field: `metadata.annotations["${CLASS}"]`,
          must,
          got: annotated,
          fix: 'take the annotation out: it is deprecated',
        };
      }
      if (typeof ingressClassName === 'string' && !isSubdomain(ingressClassName)) {
        const fix = 'use the name of an IngressClass: kubectl get ingressclass';
        yield { object, field: 'spec.ingressClassName', must: 'be a DNS name', got: ingressClassName, fix };
      }
      for (const fault of faultsOf(spec)) yield { ...fault, object };
    }
  },
};

function* faultsOf({ defaultBackend, rules, tls }: Manifest): Iterable<Fault> {
  const list = maps(rules);
  if (list.length === 0 && (defaultBackend === undefined || defaultBackend === null))
    yield {
      field: 'spec.rules',
      must: 'have a rule, or stand beside a defaultBackend',
      got: rules,
      fix: 'add the host of the application',
    };
  for (const [index, { hosts }] of maps(tls).entries())
    if (texts(hosts).includes(''))
      yield { field: `spec.tls[${index}].hosts`, must: 'name hosts', got: hosts, fix: 'write those of the certificate' };
  if (defaultBackend !== undefined && defaultBackend !== null) yield* ofBackend('spec.defaultBackend', map(defaultBackend));
  for (const [number, { http }] of list.entries()) {
    for (const [index, { path, pathType, backend }] of maps(map(http)['paths']).entries()) {
      const field = `spec.rules[${number}].http.paths[${index}]`;
      const must = pathType === 'ImplementationSpecific' && path === undefined ? undefined : pathFault(path, pathType);
      if (must) yield { field: `${field}.path`, must, got: path, fix: 'write it as "/" or "/admin"' };
      yield* ofBackend(`${field}.backend`, map(backend));
    }
  }
}

function pathFault(path: unknown, pathType: unknown): string | undefined {
  if (path !== undefined && typeof path !== 'string') return undefined;
  const given = path ?? '';
  if (pathType !== 'ImplementationSpecific' || given !== '') {
    if (!given.startsWith('/')) return 'begin with /';
  }
  const odd =
    ['//', '/./', '/../', '%2f', '%2F'].find((part) => given.includes(part)) ?? ['/..', '/.'].find((end) => given.endsWith(end));
  return odd === undefined || pathType === 'ImplementationSpecific' ? undefined : `be without "${odd}"`;
}

function* ofBackend(field: string, { service, resource }: Manifest): Iterable<Fault> {
  const given = Object.entries({ service, resource }).filter(([, value]) => value !== undefined && value !== null);
  if (given.length !== 1) {
    const got = given.length === 0 ? undefined : 'both';
    yield { field, must: 'have one of service and resource', got, fix: 'name the Service behind the path' };
    return;
  }
  if (service === undefined || service === null) return;
  const { name, number } = map(map(service)['port']);
  const named = typeof name === 'string' && name !== '';
  const numbered = typeof number === 'number' && number !== 0;
  if (named === numbered) {
    const fix = "give the name of the Service's port";
    yield { field: `${field}.service.port`, must: 'have one of name and number', got: named ? 'both' : undefined, fix };
  }
  const fault = portFault(number);
  if (fault && numbered) yield { field: `${field}.service.port.number`, got: number, ...fault };
}
