import type { Finding, FinishedObject, Rule, World } from './rule';
import { inventoryOf } from './world/inventory';
import { type Container, everyContainer, type Pod } from './world/pods';

/** A place in one object where a rule about it does not hold. */
export type Fault = Omit<Finding, 'object'>;

/** A rule that looks at one thing at a time. */
interface RuleAbout<Things extends readonly unknown[]> extends Omit<Rule, 'find'> {
  /** Where it does not hold for a thing. */
  readonly find: (...about: Things) => Iterable<Fault>;
}

/** A rule about each object by itself: of some kinds, or of all where none is said. */
export function perObject(kinds: readonly string[], rule: RuleAbout<[object: FinishedObject, world: World]>): Rule {
  return {
    ...rule,
    *find(world) {
      const objects = kinds.length === 0 ? world.objects : inventoryOf(world).ofKind(...kinds);
      for (const object of objects) for (const fault of rule.find(object, world)) yield { object, ...fault };
    },
  };
}

/** A rule about the pods of each object by themselves. */
export function perPod(rule: RuleAbout<[pod: Pod, world: World]>): Rule {
  return {
    ...rule,
    *find(world) {
      for (const pod of inventoryOf(world).pods)
        for (const fault of rule.find(pod, world)) yield { object: pod.object, ...fault };
    },
  };
}

/** A rule about each container of a pod by itself, those for debugging too. */
export function perContainer(rule: RuleAbout<[container: Container, pod: Pod]>): Rule {
  return perPod({
    ...rule,
    *find(pod) {
      for (const container of everyContainer(pod)) yield* rule.find(container, pod);
    },
  });
}
