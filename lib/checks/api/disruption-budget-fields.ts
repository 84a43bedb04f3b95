import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { specOf } from '../world/values';
import { shareFault } from './numbers';

/** How many pods a drained node may take. */
export const disruptionBudgetFields: Rule = {
  name: 'disruption-budget-fields',
  sentence: 'A disruption budget says how many pods stay, or how many may go, and not both.',
  why: 'The API server refuses the budget, and the next drained node takes all pods at once.',
  source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/#specifying-a-poddisruptionbudget',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('PodDisruptionBudget')) {
      const { minAvailable, maxUnavailable } = specOf(object);
      const given = (value: unknown) => value !== undefined && value !== null;
      if (given(minAvailable) && given(maxUnavailable)) {
        const fix = 'leave maxUnavailable, which follows the number of replicas';
        yield { object, field: 'spec.minAvailable', must: 'not be given together with maxUnavailable', got: minAvailable, fix };
      }
      for (const [name, got] of Object.entries({ minAvailable, maxUnavailable })) {
        const fault = shareFault(got, 100);
        if (fault) yield { object, field: `spec.${name}`, got, ...fault };
      }
    }
  },
};
