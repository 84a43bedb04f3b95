import type { Rule } from '../rule';
import { walked } from '../../schema/walk';

/** A misspelt field is dropped by every tool that does not ask for strict checks. */
export const knownFields: Rule = {
  name: 'known-fields',
  sentence:
    'Every field exists in the oldest Kubernetes that the environment runs on, and in the oldest release of each operator.',
  why: 'A misspelt or too new readinessProbe is dropped without a word, and traffic goes to pods that do not serve yet.',
  shape: true,
  source: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation',
  find: (world) => walked(world).unknown,
};

/** YAML has its own idea of what is a number, and the API server another. */
export const fieldTypes: Rule = {
  name: 'field-types',
  sentence: 'Every value is of the type that its field has.',
  why: 'A port that stands as a bare number among variables makes the API server refuse the whole Deployment, in the middle of an apply.',
  shape: true,
  source: 'https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/',
  find: (world) => walked(world).type,
};

/** What a patch took away, or an object by hand never had. */
export const requiredFields: Rule = {
  name: 'required-fields',
  sentence: 'Every field that the API server wants is given.',
  why: 'The object is refused after those before it were applied, and the environment stands half changed.',
  shape: true,
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/#required-fields',
  find: (world) => walked(world).missing,
};

/** Constants of the API are case sensitive. */
export const knownValues: Rule = {
  name: 'known-values',
  sentence: 'A field with a fixed set of values has one of them.',
  why: 'A "rollingUpdate" in lower case is refused by the API server, after the objects before it were applied.',
  source: 'https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/',
  find: (world) => walked(world).value,
};

/** Server-side apply finds an item of a list by its keys, and kubectl merges by them. */
export const uniqueItems: Rule = {
  name: 'unique-items',
  sentence: 'No list holds two items with the same key, such as two variables with one name.',
  why: 'Of two variables with one name the next kubectl apply drops one, and Flux and Helm refuse the whole object.',
  source: 'https://github.com/kubernetes/kubernetes/issues/58477',
  find: (world) => walked(world).duplicate,
};

/** What an API says of one value alone beside its type. */
export const valueBounds: Rule = {
  name: 'value-bounds',
  sentence: 'Numbers are in the range, and texts and lists have the length and the form, that the API of their kind asks for.',
  why: 'A weight of 1500000 or a host name in capitals is refused by the API server, with the whole object.',
  source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation',
  find: (world) => walked(world).bounds,
};

/** Conditions between the fields of custom kinds, in the language in which their authors wrote them. */
export const kindConditions: Rule = {
  name: 'kind-conditions',
  sentence: 'Every custom object meets the conditions of its kind, such as fields that exclude each other.',
  why: 'A route that redirects and names a backend too is refused by the API server, and the roll-out stops half way.',
  source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules',
  find: (world) => walked(world).condition,
};
