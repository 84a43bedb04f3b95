import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { nodePortsOf } from '../world/services';

/** A port of the nodes belongs to one Service of the whole cluster, whatever it speaks. */
export const nodePortOnce: Rule = {
  name: 'node-port-once',
  sentence: 'No two Services open the same port of the nodes.',
  why: 'The API server refuses the second with "provided port is already allocated", after the objects before it were changed.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  *find(world: World): Iterable<Finding> {
    const taken = new Map<number, { object: FinishedObject; service: number }>();
    for (const object of inventoryOf(world).ofKind('Service')) {
      for (const { field, number, service } of nodePortsOf(object)) {
        const first = taken.get(number);
        if (!first) taken.set(number, { object, service });
        // One port of a Service may be open by TCP and by UDP.
        else if (first.object !== object || first.service !== service) {
          const whose = first.object === object ? 'this Service opens already' : `[${first.object.construct.node.path}] opens`;
          const fix = 'choose another of 30000 to 32767, or leave it to the cluster';
          yield { object, field, must: `be another port than ${whose}`, got: number, fix };
        }
      }
    }
  },
};
