import { KUBERNETES_VERSIONS } from '../../support/kubernetes-versions';
import type { Finding, Rule, World } from '../rule';
import { nearest } from '../../support/nearest';
import { isProvided, ownKinds } from '../../model/kinds';
import { unserved } from '../../schema/releases';
import { builtInKinds, deprecation, isBuiltIn, replacement, servedSince } from '../../schema/api-versions';
import { newerKubernetes, remedy } from '../../model/remedy';

/** Beta versions are switched off years before anybody notices. */
export const apiVersion: Rule = {
  name: 'api-version',
  sentence:
    'Every object is of a kind and an API version that all supported releases of Kubernetes from the oldest on serve by default, or its operator does.',
  why: 'After the upgrade of the cluster the object cannot be applied any more: "no matches for kind Ingress in version extensions/v1beta1".',
  shape: true,
  source: 'https://kubernetes.io/docs/reference/using-api/deprecation-guide/',
  *find(world: World): Iterable<Finding> {
    const { objects, kubernetes } = world;
    const minor = Number(kubernetes.split('.')[1]);
    for (const object of objects) {
      const { apiVersion: got, kind } = object.manifest;
      if (typeof got !== 'string' || typeof kind !== 'string' || got === '' || kind === '') {
        const field = typeof got !== 'string' || got === '' ? 'apiVersion' : 'kind';
        yield {
          object,
          field,
          must: 'be given',
          got: object.manifest[field],
          fix: 'write it as apiVersion: apps/v1, kind: Deployment',
        };
        continue;
      }
      if (!isBuiltIn(got)) {
        const fault = customFault(world, got, kind);
        if (fault) yield { object, ...fault };
        continue;
      }
      const since = servedSince(got, kind);
      const going = deprecation(got, kind);
      if (since === undefined) yield { object, ...notServed(kubernetes, got, kind) };
      else if (since > minor) {
        const must = `be served by Kubernetes ${kubernetes}`;
        const way = remedy`it is served from 1.${since} on: ${newerKubernetes(since)}`;
        yield { object, field: 'apiVersion', must, got: `${got} ${kind}`, ...way };
      } else if (going) yield { object, field: 'kind', must: 'not be deprecated', got: kind, fix: going, severity: 'warning' };
    }
  },
};

/** What a definition in the YAML says of its kind holds; else what is known of operators. */
function customFault(world: World, got: string, kind: string): Omit<Finding, 'object'> | undefined {
  const [group = '', version = ''] = got.split('/');
  const own = ownKinds(world).get(`${group}/${kind}`);
  if (!own) return isProvided(world, group, kind) ? undefined : unserved(got, kind, world.operators ?? {});
  if (own.has(version)) return undefined;
  const fix = `write ${[...own].map((one) => `${group}/${one}`).join(' or ') || 'a version that is served'}`;
  return { field: 'apiVersion', must: 'be served by the CustomResourceDefinition of the kind', got, fix };
}

function notServed(kubernetes: string, got: string, kind: string): Omit<Finding, 'object'> {
  const newest = KUBERNETES_VERSIONS.at(-1);
  const must =
    kubernetes === newest
      ? `be served by Kubernetes ${newest}`
      : `be served by default from Kubernetes ${kubernetes} to ${newest}`;
  const instead = replacement(kind);
  if (instead) return { field: 'apiVersion', must, got: `${got} ${kind}`, fix: instead };
  const meant = nearest(kind, builtInKinds);
  const fix = meant ? `write kind: ${meant}` : 'look the kind up with kubectl api-resources';
  return { field: 'kind', must, got: `${got} ${kind}`, fix };
}
