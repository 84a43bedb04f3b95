import type { Finding, Rule, World } from '../rule';
import { ROUTES } from '../world/routes';
import { inventoryOf } from '../world/inventory';
import { hostsAt, listenersOf, listens } from './hosts';

/** A route and its Gateway must agree on the hosts. */
export const listenerTakesHost: Rule = {
  name: 'listener-takes-host',
  sentence: 'Every host of a route is taken by a listener of its Gateway.',
  why: 'The Gateway leaves the host of the route out, which then answers 404 or not at all.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/httproute/#hostnames',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind(...ROUTES)) {
      const found = listenersOf(object, inventory);
      if (!found || found.length === 0 || found.some(({ host }) => host === undefined)) continue;
      const names = found.flatMap(({ host }) => host ?? []);
      for (const { field, host } of hostsAt(object.manifest, 'spec.hostnames[]')) {
        if (names.some((name) => listens(name, host))) continue;
        const must = `be taken by a listener of its Gateway, which are for ${[...new Set(names)].join(', ')}`;
        yield { object, field, must, got: host, fix: 'correct the host, or add a listener for it' };
      }
    }
  },
};
