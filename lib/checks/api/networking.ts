import type { Manifest } from '../../support/edit';
import { isSubdomain } from '../../support/forms';
import { isInside, parseCidr } from '../../model/cidr';
import { list, map, texts } from '../../model/values';
import { always, filled, is, isGiven, PORT, PORT_OR_NONE, text, where, type Fault, type TypeRule } from './condition';

const CLASS = 'kubernetes.io/ingress.class';

/** Where an Ingress sends requests. */
export const ingressFields: TypeRule = {
  name: 'ingress-fields',
  sentence: 'An Ingress has rules or a default, with plain paths, and a Service and its port behind each.',
  why: 'The API server refuses the whole Ingress for one path, and none of its hosts is reachable.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types',
  types: {
    Ingress: [sameClass],
    IngressSpec: [
      where('ingressClassName', 'be a DNS name', 'use the name of an IngressClass: kubectl get ingressclass', text(isSubdomain)),
      always(
        'rules',
        'have a rule, or stand beside a defaultBackend',
        'add the host of the application',
        (got, { defaultBackend }) => list(got).length > 0 || isGiven(defaultBackend),
      ),
    ],
    IngressTLS: [where('hosts', 'name hosts', 'write those of the certificate', (got) => !texts(got).includes(''))],
    HTTPIngressPath: [
      always(
        'path',
        (got, of) => pathFault(got, of) ?? '',
        'write it as "/" or "/admin"',
        (got, of) => pathFault(got, of) === undefined,
      ),
    ],
    IngressBackend: [
      always(
        '',
        'have one of service and resource',
        'name the Service behind the path',
        ({ service, resource }) => isGiven(service) !== isGiven(resource),
        ({ service }) => (isGiven(service) ? 'both' : undefined),
      ),
      always(
        'service.port',
        'have one of name and number',
        "give the name of the Service's port",
        (got, { service, resource }) => !isGiven(service) || isGiven(resource) || isNamed(got) !== isNumbered(got),
        (got) => (isNamed(got) ? 'both' : undefined),
      ),
    ],
    ServiceBackendPort: [is('number', PORT_OR_NONE)],
  },
};

function* sameClass({ metadata, spec }: Manifest): Iterable<Fault> {
  const got: unknown = map(map(metadata)['annotations'])[CLASS];
  const { ingressClassName } = map(spec);
  if (typeof got !== 'string' || typeof ingressClassName !== 'string' || got === ingressClassName) return;
  const must = `equal ingressClassName, which is "${ingressClassName}"`;
  yield { field: `metadata.annotations["${CLASS}"]`, must, got, fix: 'take the annotation out: it is deprecated' };
}

const ODD = [/\/\//, /\/\.\//, /\/\.\.\//, /%2f/, /%2F/, /\/\.\.$/, /\/\.$/];

function pathFault(path: unknown, { pathType }: Manifest): string | undefined {
  const isOpen = pathType === 'ImplementationSpecific';
  if (isGiven(path) && typeof path !== 'string') return undefined;
  const given = String(path ?? '');
  if (!given.startsWith('/') && !(isOpen && given === '')) return 'begin with /';
  const [odd] = ODD.flatMap((part) => part.exec(given) ?? []);
  return odd === undefined || isOpen ? undefined : `be without "${odd}"`;
}

function isNamed(port: unknown): boolean {
  const { name } = map(port);
  return typeof name === 'string' && name !== '';
}

function isNumbered(port: unknown): boolean {
  const { number } = map(port);
  return typeof number === 'number' && number !== 0;
}

/** Who may talk to whom. */
export const networkPolicyFields: TypeRule = {
  name: 'network-policy-fields',
  sentence: 'Peers of a NetworkPolicy are pods, namespaces or addresses, and ranges go upwards.',
  why: 'The API server refuses the policy: with a deny in force before it, the pods stay cut off.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
  types: {
    NetworkPolicySpec: [
      where('policyTypes', 'have two items at most', 'name Ingress and Egress, each once', (got) => list(got).length <= 2),
    ],
    NetworkPolicyPort: [
      is('port', PORT),
      where(
        'endPort',
        'stand beside a port that is a number',
        'write the first port of the range as a number',
        (got, { port }) => typeof got !== 'number' || typeof port === 'number',
      ),
      where(
        'endPort',
        (_got, { port }) => `be from ${port} to 65535`,
        'write the last port of the range',
        (got, { port }) => typeof got !== 'number' || typeof port !== 'number' || (got >= port && got <= 65535),
      ),
    ],
    NetworkPolicyPeer: [
      always(
        '',
        'have podSelector, namespaceSelector or ipBlock',
        'write podSelector: {} for all pods of the namespace',
        ({ ipBlock, podSelector, namespaceSelector }) => [ipBlock, podSelector, namespaceSelector].some(isGiven),
        () => undefined,
      ),
      where(
        'ipBlock',
        (_got, { podSelector }) => `not stand beside ${isGiven(podSelector) ? 'podSelector' : 'namespaceSelector'}`,
        'make a peer for each',
        (_got, { podSelector, namespaceSelector }) => !isGiven(podSelector) && !isGiven(namespaceSelector),
        () => 'both',
      ),
    ],
    IPBlock: [
      where(
        'cidr',
        'be a CIDR block',
        'write it as 10.0.0.0/8',
        filled((cidr) => parseCidr(cidr) !== undefined),
      ),
      where('except[]', 'be a smaller block inside of cidr', 'leave it out, or widen cidr', (got, { cidr }) =>
        isWithin(got, cidr),
      ),
    ],
  },
};

function isWithin(part: unknown, whole: unknown): boolean {
  const [inner, outer] = [parseCidr(part), parseCidr(whole)];
  return inner !== undefined && outer !== undefined && isInside(inner, outer);
}
