import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { list, map, maps, namespaceOf, specOf } from '../world/values';

/** A file behind one host proves nothing about all others. */
export const wildcardNeedsDns: Rule = {
  name: 'wildcard-needs-dns',
  sentence: 'A certificate for a wildcard is signed by an issuer that writes DNS records.',
  why: 'The authority refuses the order, again and again, and every preview is served with a certificate that no browser takes.',
  source: 'https://letsencrypt.org/docs/challenge-types/#http-01-challenge',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('Certificate')) {
      const { dnsNames, issuerRef } = specOf(object);
      const wildcard = list(dnsNames).find((host) => typeof host === 'string' && host.startsWith('*.'));
      const { kind = 'Issuer', name } = map(issuerRef);
      if (wildcard === undefined || typeof name !== 'string') continue;
      const issuer = inventory.find(String(kind), name, namespaceOf(object.manifest))?.object;
      const { acme } = issuer ? specOf(issuer) : {};
      if (acme === undefined || maps(map(acme)['solvers']).some(({ dns01 }) => dns01 !== undefined)) continue;
      const must = `name no wildcard, because ${String(kind)} ${name} answers by HTTP alone`;
      yield { object, field: 'spec.dnsNames', must, got: wildcard, fix: 'give the issuer a DNS-01 challenge, or name each host' };
    }
  },
};
