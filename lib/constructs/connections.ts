import type { IConstruct } from 'constructs';
import { declaredIn, namespaceOf } from '../support/declare';
import type { FenceSettings, Traffic, Visitor } from '../support/network';
import { mergedTraffic } from '../support/traffic';
import { connected, withSenders } from './fence-rules';
import { openingsTo } from './reached-hosts';

/** Who connects to whom in a namespace. */
export interface Connections {
  /** What the pods of each controller send, with both ends of each connection where a fence says who is at the other one. */
  readonly traffic: readonly Traffic[];
  readonly visitors: readonly Visitor[];
  /** @default - nobody fences the namespace */
  readonly fence?: FenceSettings;
}

/**
 * Who connects to whom in the namespace of a construct, as far as all of it is there now.
 *
 * @param own what a fence is told @default - that of the namespace, where it has one
 */
export function connectionsIn(scope: IConstruct, own?: FenceSettings): Connections {
  const { traffic, visitors, fences, sidecars } = declaredIn(scope, namespaceOf(scope));
  const fence = own ?? fences.at(0);
  const meshes = sidecars.map(({ sends, members }) => ({ sends, members: members() }));
  const declared = withSenders(mergedTraffic(traffic)).map((one) => {
    const beside = meshes.flatMap(({ sends, members }) => (members.has(one.pods) ? sends : []));
    return { ...one, sends: [...one.sends, ...beside, ...openingsTo(scope, one.reaches ?? [])] };
  });
  return { traffic: fence ? connected(declared, fence) : declared, visitors, fence };
}
