import type { Finding, Rule, World } from '../rule';
import { LABEL, SUBDOMAIN } from '../../support/forms';
import { kindOf } from '../world/kinds';
import { map, nameOf } from '../world/values';

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
const LETTER_FIRST: Form = {
  pattern: /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/,
  words: "be lower-case letters, digits and '-', start with a letter and end with a letter or digit",
};
const PATH: Form = { pattern: /^(?!\.{1,2}$)[^/%]+$/, words: "hold neither '/' nor '%'" };

/** What each kind allows, and how much room it needs for the names that are derived from it. */
const FORMS: Readonly<Record<string, readonly [Form, number]>> = {
  Service: [LETTER_FIRST, 63],
  Namespace: [ONE_LABEL, 63],
  // A label of the pods holds the name, a dash and a hash of ten characters.
  StatefulSet: [ONE_LABEL, 52],
  // The controller appends eleven characters to the names of its Jobs.
  CronJob: [DNS_NAME, 52],
  // The names of these become values of labels.
  Job: [DNS_NAME, 63],
  Gateway: [DNS_NAME, 63],
  ScaledObject: [DNS_NAME, 63],
  // Its Services and Secrets are named after it.
  Cluster: [LETTER_FIRST, 50],
  // A ReplicaSet and a ControllerRevision get eleven characters more.
  Deployment: [DNS_NAME, 242],
  DaemonSet: [DNS_NAME, 242],
  Role: [PATH, 253],
  ClusterRole: [PATH, 253],
  RoleBinding: [PATH, 253],
  ClusterRoleBinding: [PATH, 253],
};

/** Some names are accepted and fail later, in the objects that a controller makes from them. */
export const validNames: Rule = {
  name: 'valid-names',
  sentence: 'Every name is valid for its kind and short enough for the names that Kubernetes derives from it.',
  why: 'A StatefulSet of 60 characters is accepted and never gets a pod, because a label of the pod would be too long.',
  source: 'https://github.com/kubernetes/kubernetes/issues/64023',
  *find({ objects }: World): Iterable<Finding> {
    for (const object of objects) {
      const { manifest } = object;
      const name = nameOf(manifest);
      const [{ pattern, words }, most] = formOf(kindOf(manifest));
      if (name !== undefined && name.length <= most && pattern.test(name)) continue;
      const metadata = map(manifest['metadata']);
      if (name === undefined && metadata['generateName'] !== undefined) continue;
      const must = `${words}, at most ${most} characters`;
      yield { object, field: 'metadata.name', must, got: metadata['name'], fix: name === undefined ? 'name it' : 'rename it' };
    }
  },
};

function formOf(kind: string): readonly [Form, number] {
  return (Object.hasOwn(FORMS, kind) ? FORMS[kind] : undefined) ?? [DNS_NAME, 253];
}
