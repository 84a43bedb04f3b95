import { isIP } from 'node:net';
import type { Finding, Rule, World } from '../rule';
import { isSubdomain } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { list, map, nameIn } from '../world/values';
import { placesInPod } from '../world/pods';

/** How the containers of a pod find names. */
export const podDns: Rule = {
  name: 'pod-dns',
  sentence: "Options of a pod's DNS have names, its domains are valid, and its servers are addresses, three at most.",
  why: 'The API server refuses the pod template, with the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config',
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      const { object, path, spec } = pod;
      for (const { field, value } of placesInPod(pod, 'dnsConfig.options[]')) {
        const { name } = map(value);
        if (nameIn(name) !== undefined) continue;
        yield { object, field: `${field}.name`, must: 'be given', got: name, fix: 'write a name such as ndots' };
      }
      for (const { field, value } of placesInPod(pod, 'dnsConfig.searches[]')) {
        if (typeof value !== 'string' || isSearch(value)) continue;
        yield { object, field, must: 'be a DNS name', got: value, fix: 'write a domain such as example.com' };
      }
      const servers = list(map(spec['dnsConfig'])['nameservers']);
      const field = `${path}.dnsConfig.nameservers`;
      const odd = servers.find((server) => typeof server === 'string' && isIP(server) === 0);
      if (odd !== undefined) yield { object, field, must: 'be addresses', got: odd, fix: 'write the address of the server' };
      if (servers.length > 3) yield { object, field, must: 'be three at most', got: servers, fix: 'leave the others out' };
      if (spec['dnsPolicy'] !== 'None' || servers.length > 0) continue;
      const fix = 'name a server, or leave dnsPolicy out';
      yield { object, field, must: "be given with dnsPolicy 'None'", got: undefined, fix };
    }
  },
};

/** A domain to search in: names of hosts with an underscore are not unusual there, and a dot may end it. */
function isSearch(domain: string): boolean {
  return domain === '.' || isSubdomain(domain.replace(/\.$/, '').replaceAll('_', '0'));
}
