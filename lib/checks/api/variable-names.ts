import { isAtLeast } from '../../support/kubernetes-versions';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { maps } from '../world/values';

const CLASSIC = /^[-._A-Za-z][-._A-Za-z0-9]*$/;
const RELAXED = /^[ -<>-~]+$/;

/** Names of variables as the API server takes them: any printable ASCII but `=` since 1.32. */
export const variableNames: Rule = {
  name: 'variable-names',
  sentence: 'Names of variables hold letters, digits, _, - and dots, and begin with no digit.',
  why: 'The API server refuses the pod template, after the objects before it were applied.',
  source: 'https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/',
  *find(world: World): Iterable<Finding> {
    const valid = isAtLeast(world.kubernetes, '1.32') ? RELAXED : CLASSIC;
    const must =
      valid === CLASSIC ? "be letters, digits, '_', '-' and dots, and begin with no digit" : "be printable ASCII without '='";
    for (const { object, containers } of inventoryOf(world).pods) {
      for (const { path, spec: container } of containers) {
        for (const [index, { name }] of maps(container['env']).entries()) {
          if (typeof name !== 'string' || name === '' || valid.test(name)) continue;
          yield { object, field: `${path}.env[${index}].name`, must, got: name, fix: 'write it in upper case, as in POOL_SIZE' };
        }
        for (const [index, { prefix }] of maps(container['envFrom']).entries()) {
          if (typeof prefix !== 'string' || prefix === '' || valid.test(prefix)) continue;
          yield {
            object,
            field: `${path}.envFrom[${index}].prefix`,
            must,
            got: prefix,
            fix: 'write it in upper case, as in APP_',
          };
        }
      }
    }
  },
};
