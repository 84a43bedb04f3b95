import type { IConstruct } from 'constructs';
import type { Opening, Peer } from './network';
import { reject } from './reject';
import { requireCidr, requireInteger, requireLabels, requireName } from './values';

/** Refuses peers that no object could be called like. */
export function requirePeers(scope: IConstruct, prop: string, peers: readonly Peer[]): void {
  for (const peer of peers) {
    if ('cidr' in peer) requireCidr(scope, `${prop}.cidr`, peer.cidr);
    else requireName(scope, 'pods' in peer ? peer.pods : 'mesh' in peer ? peer.mesh : peer.namespace, 63, prop);
    if ('namespace' in peer) requireSelection(scope, `${prop}.labels`, peer.labels);
  }
}

/** Refuses labels that no pod has, and none: no label selects all pods, as if nothing stood there. */
function requireSelection(scope: IConstruct, prop: string, labels: Readonly<Record<string, string>> | undefined): void {
  if (labels === undefined) return;
  requireLabels(scope, prop, labels);
  if (Object.keys(labels).length > 0) return;
  reject(scope, { prop, must: 'name a label', got: labels, fix: 'leave it out to let all pods of the namespace in' });
}

/** Refuses what no policy can open. */
export function requireOpenings(scope: IConstruct, prop: string, openings: readonly Opening[]): void {
  for (const opening of openings) {
    const { port: first, endPort = first, peer } = opening;
    requireInteger(scope, `${prop}.port`, first, {
      minimum: 1,
      maximum: 65535,
      fix: 'write the port of the service, such as 443',
    });
    requireInteger(scope, `${prop}.endPort`, endPort, { minimum: first, maximum: 65535, fix: "make it 'port' or more" });
    if (peer) requirePeers(scope, `${prop}.peer`, [peer]);
  }
}
