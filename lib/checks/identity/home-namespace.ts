import type { Finding, FinishedObject, Rule, World } from '../rule';
import { isClusterScoped, isNamespaced, kindOf } from '../world/kinds';
import { nameIn, nameOf, namespaceOf } from '../world/values';

/** An object without a namespace goes wherever the context of whoever applies it happens to point. */
export const homeNamespace: Rule = {
  name: 'home-namespace',
  sentence: 'Every object is in a namespace of its environment, and those of the whole cluster are in none.',
  why: 'An object of staging that names the namespace of production replaces the one there.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
  *find(world: World): Iterable<Finding> {
    const homes = homesOf(world);
    for (const object of world.objects) {
      const { manifest } = object;
      const namespace = namespaceOf(manifest);
      const kind = kindOf(manifest);
      const field = 'metadata.namespace';
      if (isClusterScoped(kind)) {
        const fix = 'remove it; a chart with a namespace gives it to all of its objects, so move this one to a chart without';
        if (namespace !== '')
          yield { object, field, must: `be absent: a ${kind} belongs to the whole cluster`, got: namespace, fix };
      } else if (namespace === '') {
        if (!isNamespaced(manifest)) continue;
        const fix = `write ${homes[0] ?? 'the namespace'} into it, or create it in a chart with that namespace`;
        yield { object, field, must: 'be given', got: undefined, fix };
      } else if (!homes.includes(namespace)) {
        const fix = "correct it, or declare the other namespace with Checks.of(app).provide({ kind: 'Namespace', name })";
        yield { object, field, must: `be ${homes.join(' or ')}`, got: namespace, fix };
      }
    }
  },
};

/** The namespaces of the environment: those that it makes or declares, else the one of its first object. */
function homesOf({ objects, externals }: World): string[] {
  const made = objects.filter(({ manifest }) => manifest['kind'] === 'Namespace').map(({ manifest }) => nameOf(manifest));
  const outside = externals.filter(({ kind }) => kind === 'Namespace').map(({ name }) => name);
  const homes = [...made, ...outside].filter((name) => name !== undefined);
  if (made.length > 0) return homes;
  const first = objects.find(isElsewhere(homes));
  return [...(first ? [namespaceOf(first.manifest)] : []), ...homes];
}

function isElsewhere(homes: readonly string[]): (object: FinishedObject) => boolean {
  return ({ manifest }) => {
    const namespace = namespaceOf(manifest);
    return (
      namespace !== '' &&
      !homes.includes(namespace) &&
      nameIn(manifest['kind']) !== undefined &&
      !isClusterScoped(kindOf(manifest))
    );
  };
}
