import { isAtLeast } from '../../support/kubernetes-versions';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';
import { handlerFaults } from './probe-fields';

const HANDLERS = ['exec', 'httpGet', 'sleep', 'tcpSocket'];

/** A hook does one thing, and ends before the grace period does. */
export const lifecycleHooks: Rule = {
  name: 'lifecycle-hooks',
  sentence: 'A hook does one thing, and a sleep ends within the grace period of its pod.',
  why: 'The API server refuses a sleep that is longer than the grace period, and with it the Deployment.',
  source: 'https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-implementations',
  *find(world: World): Iterable<Finding> {
    const shortest = isAtLeast(world.kubernetes, '1.33') ? 0 : 1;
    for (const { object, spec, containers } of inventoryOf(world).pods) {
      const grace: unknown = spec['terminationGracePeriodSeconds'] ?? 30;
      for (const { path, spec: container } of containers) {
        const lifecycle = map(container['lifecycle']);
        for (const name of ['postStart', 'preStop']) {
          if (lifecycle[name] === undefined || lifecycle[name] === null) continue;
          const hook = map(lifecycle[name]);
          const at = `${path}.lifecycle.${name}`;
          const given = HANDLERS.filter((handler) => hook[handler] !== undefined && hook[handler] !== null);
          if (given.length !== 1) {
            const got = given.length === 0 ? undefined : given.join(' and ');
            yield { object, field: at, must: `have one of ${HANDLERS.join(', ')}`, got, fix: 'leave one of them' };
          }
          for (const fault of handlerFaults(hook)) yield { ...fault, object, field: at + fault.field };
          const { seconds } = map(hook['sleep']);
          if (typeof seconds !== 'number' || typeof grace !== 'number' || (seconds >= shortest && seconds <= grace)) continue;
          const must = `be from ${shortest} to the grace period of ${grace} seconds`;
          yield {
            object,
            field: `${at}.sleep.seconds`,
            must,
            got: seconds,
            fix: 'raise terminationGracePeriodSeconds, or sleep less',
          };
        }
      }
    }
  },
};
