import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { CONTROLLERS, selectorMatches, selectorText } from '../world/selectors';
import { map } from '../world/values';

/** A controller must find again the pods that it made. */
export const selectorMatchesTemplate: Rule = {
  name: 'selector-matches-template',
  sentence: "A controller's selector finds the pods of its own template.",
  why: 'The API server refuses the controller, and what it should run does not run.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  *find(world: World): Iterable<Finding> {
    const kinds: ReadonlySet<unknown> = new Set(CONTROLLERS);
    for (const { object, labels } of inventoryOf(world).pods) {
      if (!kinds.has(object.manifest['kind'])) continue;
      const selector = map(map(object.manifest['spec'])['selector']);
      const wanted = selectorText(selector);
      if (wanted !== '' && selectorMatches(selector, labels)) continue;
      const own = selectorText({ matchLabels: labels });
      const must = `find the labels of its own template, ${own || '(none)'}`;
      const missing = map(object.manifest['spec'])['selector'] === undefined && own !== '';
      const fix = missing ? 'write these labels into spec.selector.matchLabels' : 'make both from one map of labels';
      yield { object, field: 'spec.selector', must, got: wanted || undefined, fix };
    }
  },
};
