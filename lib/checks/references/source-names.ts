import type { Finding, Rule, World } from '../rule';
import { isKey, isSubdomain } from '../../support/forms';
import { inventoryOf } from '../../model/inventory';
import { sourcesOfPods } from './names';

/** What is optional may be missing, so nobody asks for it: neither do the rules that follow a reference. */
export const sourceNames: Rule = {
  name: 'source-names',
  sentence: 'Names and keys of ConfigMaps and Secrets that a pod reads are such as there can be, also where they are optional.',
  why: 'The API server refuses the pod template, or takes it, and an optional file or variable is missing for ever without a word.',
  source: 'https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object',
  shape: true,
  *find(world: World): Iterable<Finding> {
    for (const { object, kind, field, name, keys = [] } of sourcesOfPods(inventoryOf(world))) {
      if (!isSubdomain(name)) {
        const must = `be a name that a ${kind} can have: lower-case letters, digits, '-' and '.'`;
        yield { object, field, must, got: name, fix: `write the name of the ${kind}` };
      }
      for (const { field: at, key } of keys.filter((wanted) => !isKey(wanted.key))) {
        const must = `be a key that a ${kind} can have: letters, digits, '-', '_' and '.'`;
        yield { object, field: at, must, got: key, fix: `write the key of the ${kind}` };
      }
    }
  },
};
