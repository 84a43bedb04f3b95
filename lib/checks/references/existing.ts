import { isKey, isSubdomain } from '../../support/forms';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { maps, nameOf, specOf, valueAt } from '../../model/values';
import { namesOf, type NamesOf, sourcesOfPods } from './names';
import { dangling, type Reference } from './references';

/** What is in every cluster, or in every namespace, without being in the YAML. */
export function isEverywhere({ kind, name }: Pick<Reference, 'kind' | 'name'>): boolean {
  return EVERYWHERE[kind]?.test(name) ?? false;
}

const EVERYWHERE: Readonly<Record<string, RegExp>> = {
  ConfigMap: /^kube-root-ca\.crt$/,
  ServiceAccount: /^default$/,
  PriorityClass: /^system-/,
  ClusterRole: /^(?:(?:cluster-)?admin|edit|view|system:.*)$/,
};

/** A rule whose references stand in the table of names. */
function exists(
  name: NamesOf,
  sentence: string,
  why: string,
  source: string,
  isWanted: (reference: Reference) => boolean = () => true,
): Rule {
  return {
    name,
    sentence,
    why,
    source,
    *find(world: World) {
      const inventory = inventoryOf(world);
      const wanted = namesOf(name, inventory).filter((one) => !one.optional && !isEverywhere(one) && isWanted(one));
      yield* dangling(wanted, inventory);
    },
  };
}

export const configReference = exists(
  'config-reference',
  'Every ConfigMap, and every key of one, that a pod names exists.',
  'The pods stay in CreateContainerConfigError or ContainerCreating, and the rollout ends at its deadline.',
  'https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#restrictions',
);

export const secretReference = exists(
  'secret-reference',
  'Every Secret, and every key of one, that an object names exists.',
  'Pods stay in CreateContainerConfigError, images are not pulled, and hosts answer with a certificate of nobody.',
  'https://kubernetes.io/docs/concepts/configuration/secret/#using-a-secret',
);

export const serviceAccountExists = exists(
  'service-account-exists',
  'Every ServiceAccount that a pod or a binding names exists.',
  'Pods of an unknown account are refused, which only the events of their ReplicaSet say, and its bindings grant nothing.',
  'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
);

export const claimExists = exists(
  'claim-exists',
  'Every PersistentVolumeClaim that a pod mounts exists.',
  'The scheduler leaves the pod Pending until somebody makes the claim.',
  'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes',
  (reference) => !isTemplate(reference),
);

/** A claim template of a StatefulSet takes the place of the volume of its name. */
function isTemplate({ object, field }: Reference): boolean {
  const [, volumes = '', index] = /^(.*\.volumes)\[(\d+)\]/.exec(field) ?? [];
  const name = maps(valueAt(object.manifest, volumes))[Number(index)]?.['name'];
  return maps(specOf(object)['volumeClaimTemplates']).some((claim) => nameOf(claim) === name);
}

export const priorityClassExists = exists(
  'priority-class-exists',
  'Every PriorityClass that a pod names exists.',
  'Admission refuses pods of an unknown class, so the Deployment stands there and no pod is ever created.',
  'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#pod-priority',
);

export const gatewayExists = exists(
  'gateway-exists',
  'Every Gateway, and every listener of one, that a route names exists.',
  'No Gateway takes the route, its hosts answer 404, and only the status of the route says so.',
  'https://gateway-api.sigs.k8s.io/api-types/httproute/#attaching-to-gateways',
);

export const backendTlsTarget = exists(
  'backend-tls-target',
  'Every Service, port and authority that a BackendTLSPolicy names exists.',
  'The Gateway speaks clear text to a port that expects TLS, or trusts no certificate at all: every request ends in 502.',
  'https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/',
);

export const scaleTargetExists = exists(
  'scale-target-exists',
  'What an autoscaler scales exists.',
  'The replicas stay where they are while the load grows, and only the conditions of the autoscaler say why.',
  'https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/',
);

export const roleExists = exists(
  'role-exists',
  'The Role or ClusterRole that a binding grants exists.',
  'The API server takes the binding, and every call of the account is refused; a BEAM that lists its peers finds none.',
  'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding',
);

export const issuerExists = exists(
  'issuer-exists',
  'Every Issuer or ClusterIssuer that is named exists.',
  'No certificate is ever issued, the Secret stays missing, and browsers meet a certificate of nobody.',
  'https://cert-manager.io/docs/concepts/issuer/',
);

export const secretStoreExists = exists(
  'secret-store-exists',
  'Every SecretStore or ClusterSecretStore that is named exists.',
  'The Secret is never written, and the pods that need it never start.',
  'https://external-secrets.io/latest/api/externalsecret/',
);

/** What is optional may be missing, so nobody asks for it: neither do the rules that follow a reference. */
export const sourceNames: Rule = {
  name: 'source-names',
  sentence: 'Names and keys of ConfigMaps and Secrets that a pod reads are such as there can be, also where they are optional.',
  why: 'The API server refuses the pod template, or takes it, and an optional file or variable is missing for ever without a word.',
  source: 'https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object',
  shape: true,
  *find(world: World): Iterable<Finding> {
    for (const { object, kind, field, name, keys = [] } of sourcesOfPods(inventoryOf(world))) {
      if (!isSubdomain(name)) {
        const must = `be a name that a ${kind} can have: lower-case letters, digits, '-' and '.'`;
        yield { object, field, must, got: name, fix: `write the name of the ${kind}` };
      }
      for (const { field: at, key } of keys.filter((wanted) => !isKey(wanted.key))) {
        const must = `be a key that a ${kind} can have: letters, digits, '-', '_' and '.'`;
        yield { object, field: at, must, got: key, fix: `write the key of the ${kind}` };
      }
    }
  },
};
