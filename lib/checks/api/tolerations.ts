import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { isQualifiedName } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { maps } from '../world/values';

type Fault = Omit<Finding, 'object'>;

/** Which tainted nodes a pod may run on. */
export const tolerations: Rule = {
  name: 'tolerations',
  sentence: "A toleration names a taint's key, or tolerates all with 'Exists', and then has no value.",
  why: 'The API server refuses the pod template, with the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#concepts',
  *find(world: World): Iterable<Finding> {
    for (const { object, path, spec } of inventoryOf(world).pods) {
      for (const [index, toleration] of maps(spec['tolerations']).entries()) {
        for (const fault of faultsOf(toleration))
          yield { ...fault, object, field: `${path}.tolerations[${index}].${fault.field}` };
      }
    }
  },
};

function* faultsOf({ key = '', operator = 'Equal', value = '', effect = '', tolerationSeconds }: Manifest): Iterable<Fault> {
  if (key === '' && operator !== 'Exists')
    yield { field: 'operator', must: "be 'Exists' where there is no key", got: operator, fix: 'name the key of the taint' };
  if (typeof key === 'string' && key !== '' && !isQualifiedName(key))
    yield { field: 'key', must: 'be the key of a taint', got: key, fix: 'write it as in example.com/dedicated' };
  if (operator === 'Exists' && value !== '')
    yield { field: 'value', must: "not be given with operator 'Exists'", got: value, fix: 'take it out' };
  if (typeof tolerationSeconds === 'number' && effect !== 'NoExecute') {
    const fix = "write effect: 'NoExecute', or take it out";
    yield { field: 'tolerationSeconds', must: "stand with effect 'NoExecute' alone", got: tolerationSeconds, fix };
  }
}
