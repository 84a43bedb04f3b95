import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { annotationsOf, nameIn } from '../world/values';
import { type HostAt, hostsAt } from './hosts';

const PLACES: Readonly<Record<string, readonly string[]>> = {
  Ingress: ['spec.rules[].host', 'spec.tls[].hosts[]'],
  HTTPRoute: ['spec.hostnames[]'],
  GRPCRoute: ['spec.hostnames[]'],
  TLSRoute: ['spec.hostnames[]'],
  Gateway: ['spec.listeners[].hostname'],
  Certificate: ['spec.dnsNames[]'],
  DNSEndpoint: ['spec.endpoints[].dnsName'],
};

/** That of external-dns before 0.22, and since. */
const ANNOTATIONS = ['external-dns.alpha.kubernetes.io/hostname', 'external-dns.kubernetes.io/hostname'];
const HOST = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A host is what stands between `https://` and the next slash or colon, and no more. */
export const validHosts: Rule = {
  name: 'valid-hosts',
  sentence: 'Every host is a DNS name, with a wildcard only as its whole first label.',
  why: 'A host with a port or a scheme is refused by the API server, or never matches a request and never gets a certificate.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const [kind, places] of Object.entries(PLACES)) {
      for (const object of inventory.ofKind(kind)) {
        yield* judge(
          object,
          places.flatMap((place) => hostsAt(object.manifest, place)),
        );
      }
    }
    for (const object of inventory.ofKind('Service', 'Ingress', 'Gateway')) yield* judge(object, annotated(object));
  },
};

function annotated({ manifest }: FinishedObject): HostAt[] {
  const annotations = annotationsOf(manifest);
  return ANNOTATIONS.flatMap((name) =>
    (nameIn(annotations[name])?.split(',') ?? []).map((host) => ({
      field: `metadata.annotations["${name}"]`,
      host: host.trim(),
    })),
  );
}

function* judge(object: FinishedObject, hosts: readonly HostAt[]): Iterable<Finding> {
  for (const { field, host } of hosts) {
    // Records of the mail and of services begin with an underscore, and a zone may end with a dot.
    const name = object.manifest['kind'] === 'DNSEndpoint' ? host.replaceAll(/(^|\.)_/g, '$1').replace(/\.$/, '') : host;
    if (HOST.test(name) && name.length <= 253 && !/^[\d.]+$/.test(name)) continue;
    const must = 'be a DNS name in lower case, without scheme, port or path';
    yield { object, field, must, got: host, fix: 'write it as app.example.com or *.example.com' };
  }
}
