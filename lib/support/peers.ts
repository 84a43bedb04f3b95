import type { IConstruct } from 'constructs';
import type { Opening, Peer } from './facts';
import { requireOneProp, requireTypes } from './types';
import { requireCidr, requireInteger, requireName, requireOneOf } from './values';

/** Refuses peers that are none, and those that are two: which of them is meant cannot be known. */
export function requirePeers(scope: IConstruct, prop: string, peers: readonly Peer[]): void {
  for (const peer of peers) {
    const fix =
      "write { namespace: 'gateway' }, { pods: 'web' }, or addresses: { cidr: '203.0.113.7/32' }; policies know no host names";
    requireOneProp(scope, prop, peer, ['pods', 'mesh', 'namespace', 'cidr'], fix, 'string');
    if ('cidr' in peer) requireCidr(scope, `${prop}.cidr`, peer.cidr);
    else requireName(scope, 'pods' in peer ? peer.pods : 'mesh' in peer ? peer.mesh : peer.namespace, 63, prop);
  }
}

/** Refuses what no policy can open. */
export function requireOpenings(scope: IConstruct, prop: string, openings: readonly Opening[]): void {
  for (const opening of openings) {
    const types = {
      port: ['number'],
      endPort: ['number', undefined],
      protocol: ['string', undefined],
      peer: ['object', undefined],
    } as const;
    requireTypes(scope, opening, types, `${prop}.`);
    const { port: first, endPort = first, protocol = 'TCP', peer } = opening;
    requireOneOf(scope, `${prop}.protocol`, protocol, ['TCP', 'UDP']);
    requireInteger(scope, `${prop}.port`, first, {
      minimum: 1,
      maximum: 65535,
      fix: 'write the port of the service, such as 443',
    });
    requireInteger(scope, `${prop}.endPort`, endPort, { minimum: first, maximum: 65535, fix: "make it 'port' or more" });
    if (peer) requirePeers(scope, `${prop}.peer`, [peer]);
  }
}
