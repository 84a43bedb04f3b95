import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';

/** Docker's links live on as variables of every pod. */
export const serviceLinks: Rule = {
  name: 'service-links',
  sentence: 'No pod gets variables for the Services of its namespace.',
  why: 'A Service named "database" sets DATABASE_PORT to tcp://10.0.0.1:5432 in every pod, and a release that reads it as a number does not boot.',
  source: 'https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    for (const { object, path, spec } of inventoryOf(world).pods) {
      const got: unknown = spec['enableServiceLinks'];
      if (got === false) continue;
      const fix = 'set it: names of Services are found by DNS';
      yield { object, field: `${path}.enableServiceLinks`, must: 'be false', got, fix };
    }
  },
};
