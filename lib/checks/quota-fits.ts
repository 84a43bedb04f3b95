import type { Manifest } from '../support/edit';
import { parseQuantity } from '../support/quantity';
import { peaks, podQuantity, type Peak } from './peak';
import type { Finding, FinishedObject, Rule, World } from './rule';

/** Pods beyond the quota are never created: a rollout then stands still with all old pods in place. */
export const quotaFits: Rule = {
  name: 'quota-fits',
  sentence: 'All that an environment runs at its worst moment fits into its ResourceQuota.',
  why: 'In the middle of a rollout the quota is full, the next pod is refused, and the rollout stands still until its deadline.',
  source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  *find(world: World): Iterable<Finding> {
    for (const object of world.objects.filter(({ manifest }) => manifest['kind'] === 'ResourceQuota')) {
      const { namespace } = object.manifest['metadata'];
      const mine = peaks(world).filter(({ pod }) => pod.object.manifest['metadata'].namespace === namespace);
      const others = world.objects.filter(({ manifest }) => manifest['metadata']?.namespace === namespace);
      for (const [resource, hard] of Object.entries((object.manifest['spec']?.hard ?? {}) as Record<string, unknown>)) {
        const most = parseQuantity(hard);
        const parts = uses(resource, mine, others);
        const sum = parts.reduce((total, { amount }) => total + amount, 0);
        if (most === undefined || sum <= most) continue;
        const list = parts.map(({ name, amount }) => `${name} ${readable(amount)}`).join(' + ');
        const fix = 'raise the quota, or lower replicas, surge or requests';
        const must = `be at least ${readable(sum)}, the sum of ${list}`;
        yield { object, field: `spec.hard["${resource}"]`, must, got: hard, fix };
      }
    }
  },
};

interface Use {
  readonly name: string;
  readonly amount: number;
}

/** Who uses how much of one line of a quota. */
function uses(resource: string, pods: readonly Peak[], objects: readonly FinishedObject[]): Use[] {
  const all =
    resource === 'requests.storage'
      ? objects.map(storage)
      : resource === 'services.nodeports'
        ? objects.map(nodePorts)
        : pods.map((peak) => podUse(resource, peak));
  return all.filter(({ amount }) => amount > 0);
}

function podUse(resource: string, { pod, pods }: Peak): Use {
  const name = `${pods} x ${pod.object.manifest['metadata'].name}`;
  if (resource === 'pods') return { name, amount: pods };
  const [kind, ...rest] = resource.split('.');
  const counted = kind === 'requests' || kind === 'limits';
  const amount = counted ? podQuantity(pod, kind, rest.join('.')) : podQuantity(pod, 'requests', resource);
  return { name, amount: pods * amount };
}

function storage({ manifest }: FinishedObject): Use {
  const claims =
    manifest['kind'] === 'PersistentVolumeClaim' ? [manifest] : ((manifest['spec']?.volumeClaimTemplates ?? []) as Manifest[]);
  const replicas = manifest['kind'] === 'StatefulSet' ? (manifest['spec'].replicas ?? 1) : 1;
  const each = claims.map((claim) => parseQuantity(claim['spec']?.resources?.requests?.storage) ?? 0);
  return { name: manifest['metadata'].name, amount: replicas * each.reduce((sum, amount) => sum + amount, 0) };
}

function nodePorts({ manifest }: FinishedObject): Use {
  const open = manifest['kind'] === 'Service' && ['NodePort', 'LoadBalancer'].includes(manifest['spec']?.type);
  return { name: manifest['metadata']?.name, amount: open ? (manifest['spec'].ports ?? []).length : 0 };
}

function readable(amount: number): string {
  if (amount >= 2 ** 20) return `${Math.ceil(amount / 2 ** 20)}Mi`;
  return Number.isInteger(amount) ? `${amount}` : `${Math.round(amount * 1000)}m`;
}
