import type { AccessSubject } from '../constructs/access-subject';
import { CONTAINER_LISTS, type Controller } from './release-images';

/** What image deployers are held to. */
export interface ImagePolicy {
  readonly namespace: string;
  readonly subjects: readonly AccessSubject[];
  /** The one repository whose digests may run. */
  readonly repository: string;
  readonly controllers: readonly Controller[];
}

/** What the API server and its clients keep themselves whenever an object changes. */
const KEPT_BY_SERVER = ['managedFields', 'resourceVersion', 'generation'];

/**
 * A policy by which some people change nothing of Deployments and StatefulSets but the images of containers. Whatever else there is in
 * the object is compared as a whole: a list of fields would not know those of the next Kubernetes.
 */
export function imagePolicy({ namespace, subjects, repository, controllers }: ImagePolicy) {
  const names = controllers.map(({ name }) => name).join(', ');
  const message = (said: string) => `${said}; everything else comes with the YAML of the environment`;
  const resources = ['deployments', 'statefulsets'].flatMap((one) => [one, `${one}/*`]);
  return {
    failurePolicy: 'Fail',
    matchConstraints: {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources }],
    },
    matchConditions: [{ name: 'is-an-image-deployer', expression: subjects.map(isSubject).join(' || ') }],
    // `dyn`: objects are read as maps, whose keys are whatever the server knows.
    variables: [
      { name: 'named', expression: namedIn(controllers) },
      { name: 'own', expression: `request.resource.resource + '/' + request.name` },
      {
        name: 'updates',
        expression:
          "request.operation == 'UPDATE' && (!has(request.subResource) || request.subResource == '') && variables.own in variables.named",
      },
      { name: 'was', expression: 'dyn(oldObject.spec.template.spec)' },
      { name: 'is', expression: 'dyn(object.spec.template.spec)' },
    ],
    validations: [
      { expression: 'variables.updates', message: message(`image deployers change the images of ${names}`), reason: 'Forbidden' },
      ...STAY.map(([what, expression]) => ({
        expression: `!variables.updates || (${expression})`,
        message: message(`image deployers change no ${what}`),
        reason: 'Forbidden',
      })),
      {
        expression: `!variables.updates || (${imagesAre(repository)})`,
        message: `image deployers roll out ${repository}@sha256:<64 hex digits>, in the containers of the release`,
        reason: 'Forbidden',
      },
    ],
  };
}

/** Whether a request is one of a subject. */
function isSubject(subject: AccessSubject): string {
  if ('group' in subject) return `(has(request.userInfo.groups) && ${JSON.stringify(subject.group)} in request.userInfo.groups)`;
  const name = 'user' in subject ? subject.user : `system:serviceaccount:${subject.namespace}:${subject.serviceAccount}`;
  return `request.userInfo.username == ${JSON.stringify(name)}`;
}

/** Containers by their controllers, as an expression. */
function namedIn(controllers: readonly Controller[]): string {
  const entries = controllers.map(({ resource, name, containers }) => {
    return `'${resource}/${name}': [${containers.map((one) => `'${one}'`).join(', ')}]`;
  });
  return `{${entries.join(', ')}}`;
}

/** Whether two maps are alike but for some keys. */
function alike(is: string, was: string, but: readonly string[]): string {
  const others = `k in [${but.map((key) => `'${key}'`).join(', ')}]`;
  return `${is}.all(k, ${others} || (k in ${was} && ${is}[k] == ${was}[k])) && ${was}.all(k, ${others} || k in ${is})`;
}

const LISTS = `[${CONTAINER_LISTS.map((one) => `'${one}'`).join(', ')}]`;

/** What stays as it is, as a word and as an expression. */
const STAY: readonly (readonly [what: string, expression: string])[] = [
  ['metadata', alike('dyn(object.metadata)', 'dyn(oldObject.metadata)', KEPT_BY_SERVER)],
  ['field of the controller', alike('dyn(object.spec)', 'dyn(oldObject.spec)', ['template'])],
  ['metadata of pods', alike('dyn(object.spec.template)', 'dyn(oldObject.spec.template)', ['spec'])],
  ['field of pods', alike('variables.is', 'variables.was', CONTAINER_LISTS)],
  // The same containers, in the same order.
  [
    'field of containers',
    `${LISTS}.all(l, (l in variables.is) == (l in variables.was) && (!(l in variables.is) || (variables.is[l].map(c, c.name) == variables.was[l].map(c, c.name) && variables.is[l].all(c, variables.was[l].exists(o, o.name == c.name && ${alike('c', 'o', ['image'])})))))`,
  ],
];

/** Whether each image is what it was, or in a named container one of the repository, by its digest. */
function imagesAre(repository: string): string {
  const form = `^${repository.replace(/[^A-Za-z0-9/_-]/g, String.raw`\$&`)}@sha256:[0-9a-f]{64}$`;
  return `${LISTS}.all(l, !(l in variables.is) || variables.is[l].all(c, (l in variables.was && variables.was[l].exists(o, o.name == c.name && o.image == c.image)) || (c.name in variables.named[variables.own] && c.image.matches(r'${form}'))))`;
}
