import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { type ClaimUse, singleClaims, type SingleClaim } from '../world/claims';
import { inventoryOf } from '../world/inventory';
import { map, maps, scalar, specOf, valueAt } from '../world/values';
import { podsOfTask, surgeOf, type Pod } from '../world/pods';
import { selectorMatches } from '../world/selectors';

/** A volume that one node alone may mount, under pods that may be on two. */
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
    const fix = `${ONE}; keep the files in object storage, or use a volume with ReadWriteMany or a StatefulSet with claim templates`;
    yield { object, field: 'spec.replicas', must: `be 1 ${holds}`, got: replicas.most, fix };
  } else if (surgeOf(workload) > 0) {
    const got = map(specOf(object)['strategy'])['type'] ?? 'RollingUpdate by default';
    const fix = `set it to Recreate, by ${SINGLETON}: the old pod goes before the new one comes`;
    yield { object, field: 'spec.strategy.type', must: `start no second pod ${holds}`, got, fix };
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
const SINGLETON = "'singleton: true' of a role";
const ONE = `run one that goes before the next one comes, by ${SINGLETON}`;

const HOSTNAME = 'kubernetes.io/hostname';

function follows({ spec: pod, namespace }: Pod, { labels, namespace: home }: Pod): boolean {
  const terms = maps(valueAt(pod, 'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution'));
  return (
    namespace === home &&
    terms.some(({ topologyKey, labelSelector }) => topologyKey === HOSTNAME && selectorMatches(labelSelector, labels))
  );
}
