import { isIP } from 'node:net';
import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { addressesIn, endsPublicly, isLocal, serviceOf } from '../support/addresses';
import { declare } from '../support/declare';
import type { Reach } from '../support/network';
import { reject } from '../support/reject';
import { requireCidr, requireHost, requireInteger } from '../support/values';

/** Where a host is on the network, where its name does not say it. */
export interface Whereabouts {
  /**
   * Addresses that a host outside of the cluster may have, because fences know no names; `'everyone'` opens its port to any address.
   * @default - a Service: its name says the namespace, and of one in the environment which pods; an address means itself
   */
  readonly cidrs?: 'everyone' | readonly string[];
  /**
   * Port of the pods behind a Service of another namespace, at which fences look. Must be given where the Service's own is
   * below 1024, which pods without rights do not have. @default - the port of the Service
   */
  readonly targetPort?: number;
}

/** What a URL, or a list of hosts and ports, leads to; refused where nobody could tell, or where it has a password. */
export function reachesOfUrl(scope: IConstruct, prop: string, { url, ...where }: { url: string } & Whereabouts): Reach[] {
  if (/:\/\/[^\s/@:]*:[^\s/@]+@|^[^\s@]*:[^\s@]+@tcp|\b(?:password|pwd)\s*=/i.test(url)) {
    const fix = "keep the URL in a Secret, and write 'host', 'port' and, for another Secret than the release's, 'secret' here";
    reject(scope, { prop: `${prop}.url`, must: 'have no password', got: `${url.length} characters`, fix });
    return [];
  }
  const addresses = addressesIn(url);
  const unclear = addresses.find(({ ports }) => ports.length !== 1);
  if (addresses.length === 0 || unclear) {
    const usual = unclear && unclear.ports.length > 1 ? `, of which ${unclear.ports.join(', ')} are usual` : '';
    const fix = "write it as 'redis://redis.cache.svc:6379' or 'broker.example.com:9092'";
    reject(scope, { prop: `${prop}.url`, must: `name a host and its port${usual}`, got: url, fix });
    return [];
  }
  return addresses.flatMap(({ host, ports: [port = 0] }) => reachesOf(scope, prop, { host, port }, where));
}

/** What a host and a port lead to. */
export function reachesOf(
  scope: IConstruct,
  prop: string,
  { host, port }: { readonly host: string; readonly port: number },
  { cidrs, targetPort }: Whereabouts,
): Reach[] {
  requireCidrs(scope, prop, cidrs);
  if (targetPort !== undefined && (cidrs !== undefined || isIP(host) !== 0)) {
    const must = 'be left out where addresses are opened: it is the port of the pods behind a Service';
    reject(scope, { prop: `${prop}.targetPort`, must, got: targetPort, fix: `remove it, or write the port that ${host} has` });
  }
  if (isLocal(host)) {
    const fix = 'take it out: what is in the same pod needs no way, and no declaration';
    reject(scope, { prop, must: 'lead out of the pod', got: `${host}:${port}`, fix });
    return [];
  }
  if (cidrs !== undefined) {
    declare(scope, { outside: [{ host, port, cidrs: cidrs === 'everyone' ? ['0.0.0.0/0', '::/0'] : cidrs }] });
    return [{ host, port, cidrs }];
  }
  if (isIP(host) !== 0) return [{ host, port, cidrs: [`${host}/${isIP(host) === 4 ? 32 : 128}`] }];
  const own = Chart.of(scope).namespace ?? 'default';
  const service = serviceOf(host, own);
  if (!service || (endsPublicly(host) && !host.includes('.svc'))) {
    const must = 'say which addresses a host outside of the cluster has: fences know no names';
    const fix = `write them, such as ['203.0.113.0/24'], or 'everyone'; a Service is written as ${service ? host : '<service>.<namespace>'}.svc`;
    reject(scope, { prop: `${prop}.cidrs`, must, got: `nothing for ${host}`, fix });
    return [];
  }
  requireTarget(scope, prop, { port, targetPort, own: service.namespace === own });
  return [{ host, port, ...(targetPort === undefined ? {} : { targetPort }) }];
}

/** Refuses a host and a port that no program has. */
export function requirePlace(scope: IConstruct, prop: string, { host, port }: { host: string; port: number }): void {
  if (isIP(host) === 0) requireHost(scope, host, `${prop}.host`);
  requireInteger(scope, `${prop}.port`, port, { minimum: 1, maximum: 65535, fix: 'write the port that stands in the URL' });
}

function requireCidrs(scope: IConstruct, prop: string, cidrs: Whereabouts['cidrs']): void {
  if (typeof cidrs === 'object' && cidrs.length > 0) {
    for (const cidr of cidrs) requireCidr(scope, `${prop}.cidrs`, cidr);
  } else if (cidrs !== undefined && cidrs !== 'everyone') {
    const fix = "write them, such as ['203.0.113.0/24'], or 'everyone' for any address";
    reject(scope, { prop: `${prop}.cidrs`, must: "be 'everyone' or a list of ranges", got: cidrs, fix });
  }
}

function requireTarget(
  scope: IConstruct,
  prop: string,
  { port, targetPort, own }: { readonly port: number; readonly targetPort: number | undefined; readonly own: boolean },
): void {
  if (targetPort !== undefined) {
    requireInteger(scope, `${prop}.targetPort`, targetPort, { minimum: 1, maximum: 65535, fix: 'write the port of the pods' });
  } else if (port < 1024 && !own) {
    const must = `be given for port ${port} of a Service in another namespace: the fence opens the port of its pods`;
    const fix = "write what 'kubectl get endpointslices' shows for it, such as 4000";
    reject(scope, { prop: `${prop}.targetPort`, must, got: targetPort, fix });
  }
}
