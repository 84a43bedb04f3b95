import type { Manifest } from '../../support/edit';
import { eachOf, eachPod } from '../each';
import type { Finding, Rule, World } from '../rule';
import { type ClaimUse, type SingleClaim, singleClaims } from '../../model/claims';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { type Container, onWindows, type Pod, podsOfTask, surgeOf } from '../../model/pods';
import { selectorMatches } from '../../model/selectors';
import { list, map, maps, scalar, scalars, specOf, text, valueAt } from '../../model/values';
import { onlyInLiteral, remedy } from '../../model/remedy';

export const claimWritable = eachPod({
  name: 'claim-writable',
  sentence: 'Pods that write to a claim, and are not root, have a group for its files.',
  why: 'A fresh volume belongs to root with mode 0755: the pod is ready, and its first write fails with EACCES.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-the-security-context-for-a-pod',
  *each(pod, world) {
    const inventory = inventoryOf(world);
    const { path, spec } = pod;
    const { fsGroup, supplementalGroups } = map(spec['securityContext']);
    if (fsGroup !== undefined || list(supplementalGroups).length > 0 || onWindows(pod)) return;
    const volume = claimsOf(pod, inventory).find((name) => isWrittenWithoutRoot(pod, name));
    if (volume === undefined) return;
    const fix =
      "set it to the group of the program, with fsGroupChangePolicy: OnRootMismatch; where the volume's owner is set otherwise, as on an NFS server, leave the rule out";
    const must = `be set: the volume ${volume} comes as root's, and the containers are not root`;
    yield { field: `${path}.securityContext.fsGroup`, must, got: fsGroup, fix };
  },
});

/** Names of the pod's volumes that are claims which somebody may write to. */
function claimsOf({ object, kind, namespace, spec }: Pod, inventory: Inventory): string[] {
  const templates = kind === 'StatefulSet' ? maps(specOf(object)['volumeClaimTemplates']) : [];
  const claims = maps(spec['volumes']).filter(({ persistentVolumeClaim, ephemeral, csi }) => {
    const { claimName, readOnly } = map(persistentVolumeClaim);
    // Without a file system of its own, a driver's volume may be of anyone.
    if (map(csi)['fsType'] !== undefined) return map(csi)['readOnly'] !== true;
    if (text(claimName) === undefined) return ephemeral !== undefined && ephemeral !== null;
    const known = inventory.find('PersistentVolumeClaim', String(claimName), namespace)?.object;
    return readOnly !== true && !isReadOnly(map(known?.manifest['spec']));
  });
  return [...claims.map(({ name }) => text(name)), ...templates.map(({ metadata }) => text(map(metadata)['name']))].flatMap(
    (name) => name ?? [],
  );
}

function isReadOnly({ accessModes }: Manifest): boolean {
  const modes = scalars(accessModes);
  return modes.length > 0 && modes.every((mode) => mode === 'ReadOnlyMany');
}

/** Whether containers write to a volume, and none of them is root, which could give it away first. */
function isWrittenWithoutRoot({ spec, containers }: Pod, volume: string): boolean {
  const writers = containers.filter(({ spec: container }) =>
    maps(container['volumeMounts']).some(({ name, readOnly }) => name === volume && readOnly !== true),
  );
  return writers.length > 0 && writers.every((writer) => isNobody(writer, spec));
}

/** Whether a container is surely not root; its own word counts before that of its pod. */
function isNobody({ spec: container }: Container, spec: Manifest): boolean {
  const said = (field: string) => valueAt(container, `securityContext.${field}`) ?? valueAt(spec, `securityContext.${field}`);
  const user = said('runAsUser');
  return user === undefined ? said('runAsNonRoot') === true : user !== 0;
}

export const singleWriter: Rule = {
  name: 'single-writer',
  sentence: 'A volume for one node, or for one pod, is mounted by one pod at a time.',
  why: 'The new pod waits for the volume that the old one holds, and the old one waits for the new one to be ready; a job beside them never starts.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes',
  *find(world: World): Iterable<Finding> {
    for (const [claim, uses] of singleClaims(inventoryOf(world))) {
      const running = uses.filter(({ workload: { task, replicas } }) => task || replicas.most > 0);
      for (const use of running) yield* alone(claim, use);
      yield* beside(claim, running);
    }
  },
};

/** What a workload does to a claim that nobody else has. */
function* alone(claim: SingleClaim, use: ClaimUse): Iterable<Finding> {
  const { workload } = use;
  const { object, kind, replicas } = workload;
  const holds = `while the claim ${claim.name} is for one ${claim.onePod ? 'pod' : 'node'}`;
  const fixed = !claim.onePod && (claim.pinned || nodeOf(workload.spec) !== undefined || follows(workload, workload));
  if (kind === 'CronJob') {
    const policy: unknown = specOf(object)['concurrencyPolicy'];
    if (!use.reads && (policy === undefined || policy === 'Allow')) {
      const fix = 'set it to Forbid: a run that takes long would meet the next one';
      yield { object, field: 'spec.concurrencyPolicy', must: `let one run end ${holds}`, got: policy ?? 'Allow by default', fix };
    }
  }
  if (fixed) return;
  if (workload.task) {
    const pods = podsOfTask(workload);
    const field = kind === 'CronJob' ? 'spec.jobTemplate.spec.parallelism' : 'spec.parallelism';
    if (pods > 1) yield { object, field, must: `be 1 ${holds}`, got: pods, fix: 'use a volume with ReadWriteMany' };
  } else if (kind === 'DaemonSet') {
    const fix = 'give each node a volume of its own, or use one with ReadWriteMany';
    yield { object, field: use.field, must: `be mounted on one node ${holds}`, got: 'a pod on each node', fix };
  } else if (replicas.most > 1) {
    const way = remedy`run one that goes before the next one comes${SINGLETON}; keep the files in object storage, or use a volume with ReadWriteMany or a StatefulSet with claim templates`;
    yield { object, field: 'spec.replicas', must: `be 1 ${holds}`, got: replicas.most, ...way };
  } else if (surgeOf(workload) > 0) {
    const got = map(specOf(object)['strategy'])['type'] ?? 'RollingUpdate by default';
    const way = remedy`set it to Recreate${SINGLETON}: the old pod goes before the new one comes`;
    yield { object, field: 'spec.strategy.type', must: `start no second pod ${holds}`, got, ...way };
  }
}

/** Others that want a claim that somebody has: each is told once, jobs before what they wait for. */
function* beside(claim: SingleClaim, uses: readonly ClaimUse[]): Iterable<Finding> {
  const { name, onePod, owner } = claim;
  const inOrder = [...uses].sort((one, other) => Number(one.workload.task) - Number(other.workload.task));
  for (const [index, use] of inOrder.entries()) {
    const first = inOrder.slice(0, index).find((other) => collide(claim, other, use));
    if (!first && (!owner || owner === use.workload.object)) continue;
    const { object, kind, task } = use.workload;
    const holder = first?.workload.object.manifest ?? owner?.manifest ?? {};
    const whose = `${String(holder['kind'])} ${String(map(holder['metadata'])['name'])}`;
    const must = `be no claim that ${whose} mounts: ${name} is for one ${onePod ? 'pod' : 'node'}`;
    const both = 'put both on one node, by a required podAffinity over kubernetes.io/hostname, ';
    const share = `${onePod ? '' : both}use one with ReadWriteMany`;
    const last = task
      ? `keep the files in object storage, or let the ${String(holder['kind'])} do it`
      : 'or keep the files in object storage';
    const fix = `${share}, ${last}`;
    yield { object, field: use.field, must, got: `${kind} with ${use.reads ? 'a reader' : 'a writer'} of its own`, fix };
  }
}

/** A pod that stays holds the volume for ever; of two that end, one waits, and both write where they meet on a node. */
function collide(claim: SingleClaim, one: ClaimUse, other: ClaimUse): boolean {
  const [former, latter] = [one.workload, other.workload];
  if (former === latter) return false;
  if (former.task && latter.task && (one.reads || other.reads)) return false;
  return claim.onePod || !(claim.pinned || together(former, latter));
}

/** Whether the pods of both are on one node, for sure. */
function together(one: Pod, other: Pod): boolean {
  const [here, there] = [nodeOf(one.spec), nodeOf(other.spec)];
  return (here !== undefined && here === there) || follows(one, other) || follows(other, one);
}

function nodeOf({ nodeName, nodeSelector }: Manifest): string | undefined {
  return scalar(nodeName) ?? scalar(map(nodeSelector)[HOSTNAME]);
}

/** The prop of ours that writes the strategy. */
const SINGLETON = onlyInLiteral(", by 'singleton: true' of a role");
const HOSTNAME = 'kubernetes.io/hostname';

function follows({ spec: pod, namespace }: Pod, { labels, namespace: home }: Pod): boolean {
  const terms = maps(valueAt(pod, 'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution'));
  return (
    namespace === home &&
    terms.some(({ topologyKey, labelSelector }) => topologyKey === HOSTNAME && selectorMatches(labelSelector, labels))
  );
}

export const volumesKept = eachOf('StatefulSet')({
  name: 'volumes-kept',
  sentence: 'Volumes outlive the StatefulSet that made them.',
  why: 'A renamed chart or a wrong prune deletes the StatefulSet, its claims go with it, and the data with them.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention',
  *each(object) {
    const { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy } = specOf(object);
    if (maps(volumeClaimTemplates).length === 0) return;
    for (const moment of ['whenDeleted', 'whenScaled'] as const) {
      const got: unknown = map(persistentVolumeClaimRetentionPolicy)[moment];
      if (got !== 'Delete') continue;
      const fix = 'write Retain, or leave the rule out with the reason why nobody will miss the data';
      yield { field: `spec.persistentVolumeClaimRetentionPolicy.${moment}`, must: 'be Retain', got, fix };
    }
  },
});
