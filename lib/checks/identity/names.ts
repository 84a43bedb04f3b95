import { isLabel, isPortName, LABEL, LETTER_FIRST, SUBDOMAIN } from '../../support/forms';
import { eachObject } from '../each';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { groupOf, isClusterScoped, isNamespaced, kindOf } from '../../model/kinds';
import { placesInPod } from '../../model/pods';
import { portsOfService } from '../../model/routes';
import { map, maps, nameIn, nameOf, namespaceOf, placesOf } from '../../model/values';
import { onlyInLiteral, provided, remedy } from '../../model/remedy';

export const uniqueObjects: Rule = {
  name: 'unique-objects',
  sentence: 'No two objects have the same kind, namespace and name.',
  why: 'kubectl applies both, the second replaces the first, and nobody says so.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/names/',
  *find({ objects }) {
    const seen = new Map<string, string>();
    for (const object of objects) {
      const { kind, metadata } = object.manifest;
      // The API server makes a name of generateName, another one each time.
      if (metadata?.name === undefined) continue;
      const key = [groupOf(object.manifest), kind, metadata.namespace, metadata.name].join('/');
      const first = seen.get(key);
      const must = `differ from that of the ${kind} of [${first}]`;
      if (first === undefined) seen.set(key, object.construct.node.path);
      else yield { object, field: 'metadata.name', must, got: metadata.name, fix: 'rename one of the two' };
    }
  },
};

/** An object without a namespace goes wherever the context of whoever applies it happens to point. */
export const homeNamespace: Rule = {
  name: 'home-namespace',
  sentence: 'Every object is in a namespace of its environment, and those of the whole cluster are in none.',
  why: 'An object of staging that names the namespace of production replaces the one there.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
  *find(world) {
    const homes = homesOf(world);
    for (const object of world.objects) {
      const namespace = namespaceOf(object.manifest);
      const kind = kindOf(object.manifest);
      const at = { object, field: 'metadata.namespace' };
      if (isClusterScoped(kind)) {
        const must = `be absent: a ${kind} belongs to the whole cluster`;
        if (namespace !== '') yield { ...at, must, got: namespace, ...remedy`remove it${MOVE}` };
      } else if (namespace === '') {
        const way = remedy`write ${homes[0] ?? 'the namespace'} into it${CREATE}`;
        if (isNamespaced(object.manifest)) yield { ...at, must: 'be given', got: undefined, ...way };
      } else if (!homes.includes(namespace)) {
        const way = remedy`correct it, or ${provided('Namespace', undefined, 'the other namespace')}`;
        yield { ...at, must: `be ${homes.join(' or ')}`, got: namespace, ...way };
      }
    }
  },
};

const MOVE = onlyInLiteral('; a chart with a namespace gives it to all of its objects, so move this one to a chart without');
const CREATE = onlyInLiteral(', or create it in a chart with that namespace');

/** The namespaces of the environment: those that its charts are for, and that it makes or declares, else the one of its first object. */
function homesOf({ objects, externals, homes: known = [] }: World): string[] {
  const made = objects.filter(({ manifest }) => manifest['kind'] === 'Namespace').map(({ manifest }) => nameOf(manifest));
  const outside = externals.filter(({ kind }) => kind === 'Namespace').map(({ name }) => name);
  const homes = [...new Set([...known, ...made, ...outside])].filter((name) => name !== undefined);
  if (made.length > 0 || known.length > 0) return homes;
  const first = objects.find(({ manifest }) => {
    const [namespace, kind] = [namespaceOf(manifest), kindOf(manifest)];
    return namespace !== '' && !homes.includes(namespace) && kind !== '' && !isClusterScoped(kind);
  });
  return [...(first ? [namespaceOf(first.manifest)] : []), ...homes];
}

interface Form {
  readonly pattern: RegExp;
  readonly words: string;
}

const DNS_NAME: Form = {
  pattern: SUBDOMAIN,
  words: "be lower-case letters, digits, '-' and '.', with a letter or digit at both ends of every part",
};
const ONE_LABEL: Form = {
  pattern: LABEL,
  words: "be lower-case letters, digits and '-', with a letter or digit at both ends",
};
const BY_LETTER: Form = {
  pattern: LETTER_FIRST,
  words: "be lower-case letters, digits and '-', start with a letter and end with a letter or digit",
};
const PATH: Form = { pattern: /^(?!\.{1,2}$)[^/%]+$/, words: "hold neither '/' nor '%'" };

/** What each kind allows, and how much room it needs for the names that are derived from it. */
const FORMS: ReadonlyMap<string, readonly [Form, number]> = new Map<string, readonly [Form, number]>([
  ['Service', [BY_LETTER, 63]],
  ['Namespace', [ONE_LABEL, 63]],
  // A label of the pods holds the name, a dash and a hash of ten characters.
  ['StatefulSet', [ONE_LABEL, 52]],
  // The controller appends eleven characters to the names of its Jobs.
  ['CronJob', [DNS_NAME, 52]],
  // The names of these become values of labels.
  ...['Job', 'Gateway', 'ScaledObject'].map((kind) => [kind, [DNS_NAME, 63]] as const),
  // Its Services and Secrets are named after it.
  ['Cluster', [BY_LETTER, 50]],
  // A ReplicaSet and a ControllerRevision get eleven characters more.
  ...['Deployment', 'DaemonSet'].map((kind) => [kind, [DNS_NAME, 242]] as const),
  ...['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'].map((kind) => [kind, [PATH, 253]] as const),
]);

export const validNames = eachObject({
  name: 'valid-names',
  sentence: 'Every name is valid for its kind and short enough for the names that Kubernetes derives from it.',
  why: 'A StatefulSet of 60 characters is accepted and never gets a pod, because a label of the pod would be too long.',
  source: 'https://github.com/kubernetes/kubernetes/issues/64023',
  *each({ manifest }) {
    const name = nameOf(manifest);
    const [{ pattern, words }, most] = FORMS.get(kindOf(manifest)) ?? [DNS_NAME, 253];
    if (name !== undefined && name.length <= most && pattern.test(name)) return;
    const { name: got, generateName } = map(manifest['metadata']) as Record<string, unknown>;
    if (name === undefined && generateName !== undefined) return;
    const must = `${words}, at most ${most} characters`;
    yield { field: 'metadata.name', must, got, fix: name === undefined ? 'name it' : 'rename it' };
  },
});

/** What a name inside of an object must be. */
interface PartForm {
  readonly fits: (text: string) => boolean;
  readonly must: string;
}

const PART: PartForm = {
  fits: isLabel,
  must: "be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends",
};
const PORT: PartForm = {
  fits: isPortName,
  must: "be at most 15 lower-case letters, digits and single '-', a letter among them, none at the ends a '-'",
};

export const validPartNames: Rule = {
  name: 'valid-part-names',
  sentence: 'Every name of a container, a volume or a port is valid.',
  why: 'One port name of 16 characters has the whole Deployment refused in the middle of an apply.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#port-definitions',
  *find(world) {
    const inventory = inventoryOf(world);
    for (const pod of inventory.pods) {
      for (const { path, spec } of pod.containers) {
        yield* judge(pod.object, `${path}.name`, spec['name'], PART);
        for (const [index, { name }] of maps(spec['ports']).entries())
          yield* judge(pod.object, `${path}.ports[${index}].name`, name, PORT);
      }
      for (const { field, value } of placesInPod(pod, 'volumes[]'))
        yield* judge(pod.object, `${field}.name`, map(value)['name'], PART);
    }
    for (const object of inventory.ofKind('StatefulSet')) {
      const claims = placesOf(object.manifest, 'spec.volumeClaimTemplates[].metadata.name');
      for (const { field, value } of claims) yield* judge(object, field, value, PART);
    }
    for (const object of inventory.ofKind('Service')) yield* ofService(object);
  },
};

function* ofService(object: FinishedObject): Iterable<Finding> {
  const ports = portsOfService(object);
  for (const [index, { name }] of ports.entries()) {
    const field = `spec.ports[${index}].name`;
    if (nameIn(name) !== undefined) yield* judge(object, field, name, PART);
    else if (ports.length > 1)
      yield { object, field, must: 'be given where there are several', got: name, fix: 'name every port' };
  }
}

function* judge(object: FinishedObject, field: string, name: unknown, { fits, must }: PartForm): Iterable<Finding> {
  // What is missing or no text is refused by the rules of the API server.
  const given = nameIn(name);
  if (given !== undefined && !fits(given)) yield { object, field, must, got: name, fix: 'rename it' };
}
