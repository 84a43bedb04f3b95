import type { Finding, Rule, World } from '../rule';
import { placeOf } from '../../support/image';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { list, maps, nameIn, nameOf, text } from '../../model/values';
import { everyContainer, type Pod } from '../../model/pods';
import { either, remedy } from '../../model/remedy';

/** A login is for one repository, or for all of a registry: the pods that were forgotten have none. */
export const pullSecrets: Rule = {
  name: 'pull-secrets',
  sentence: 'Pods that run the image of others, which pull it with Secrets, have Secrets to pull it too.',
  why: 'The kubelet asks the registry without a login, and the pods stay in ImagePullBackOff: a migration that was forgotten stops the roll-out.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    if (!inventory.pods.some((pod) => hasLogin(pod))) return;
    const logins = loginsOf(inventory);
    for (const pod of inventory.pods) {
      if (hasLogin(pod) || mayHaveLogin(pod, inventory)) continue;
      const [known] = repositoriesOf(pod).flatMap((repository) => logins.get(`${pod.namespace} ${repository}`) ?? []);
      if (known === undefined) continue;
      const { other, names } = known;
      const must = `name what ${other.kind} ${nameOf(other.object.manifest) ?? ''} pulls the same image with`;
      const place = either(' in imagePullSecrets', ", in 'pods' of the environment or the release for all of its pods");
      const way = remedy`write ${names.join(', ')}${place}`;
      yield { object: pod.object, field: `${pod.path}.imagePullSecrets`, must, got: undefined, ...way };
    }
  },
};

/** Who pulls what with which Secrets. */
interface Login {
  readonly other: Pod;
  readonly names: readonly string[];
}

/**
 * The logins by namespace and repository. Of several repositories in one pod nobody knows which one the login is for, and those
 * that everyone may pull need none: someone has one there for the rate of pulls.
 */
function loginsOf({ pods }: Inventory): ReadonlyMap<string, Login> {
  const logins = new Map<string, Login>();
  for (const pod of pods.filter(hasLogin)) {
    const [repository, ...others] = repositoriesOf(pod);
    const key = `${pod.namespace} ${repository ?? ''}`;
    if (repository === undefined || others.length > 0 || PUBLIC.test(repository) || logins.has(key)) continue;
    logins.set(key, { other: pod, names: maps(pod.spec['imagePullSecrets']).flatMap(({ name }) => nameIn(name) ?? []) });
  }
  return logins;
}

/** Repositories without a private part. */
const PUBLIC = /^(?:docker\.io\/library|registry\.k8s\.io|public\.ecr\.aws|mcr\.microsoft\.com|gcr\.io\/distroless)\//;

function hasLogin({ spec }: Pod): boolean {
  return list(spec['imagePullSecrets']).length > 0;
}

/** Whether the ServiceAccount has a login, or is none of ours: admission gives it to the pods. */
function mayHaveLogin({ spec, namespace }: Pod, inventory: Inventory): boolean {
  const name = nameIn(spec['serviceAccountName']) ?? nameIn(spec['serviceAccount']);
  const account = name === undefined ? undefined : inventory.find('ServiceAccount', name, namespace)?.object;
  return account === undefined || list(account.manifest['imagePullSecrets']).length > 0;
}

/** What the kubelet pulls for a pod; what must be on the node already is asked of nobody. */
function repositoriesOf(pod: Pod): string[] {
  const pulled = everyContainer(pod).filter(({ spec: container }) => container['imagePullPolicy'] !== 'Never');
  const places = pulled.flatMap(({ spec: container }) => placeOf(text(container['image']) ?? '')?.repository ?? []);
  return [...new Set(places)];
}
