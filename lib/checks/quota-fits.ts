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
        const sum = parts.reduce((total, { count, each }) => total + count * each, 0);
        if (most === undefined || sum <= most) continue;
        const list = parts.map(({ name, count, each }) => `${count} x ${readable(each)} ${name}`).join(' + ');
        const fix = 'raise the quota, or lower replicas, surge or requests';
        const must = `be at least ${readable(sum)}, the sum of ${list}`;
        yield { object, field: `spec.hard["${resource}"]`, must, got: hard, fix };
      }
    }
  },
};

interface Use {
  readonly name: string;
  readonly count: number;
  readonly each: number;
}

/** Who uses how much of one line of a quota. */
function uses(resource: string, pods: readonly Peak[], objects: readonly FinishedObject[]): Use[] {
  const all = (): Use[] => {
    if (resource === 'requests.storage') return objects.map(storage);
    if (resource === 'services.nodeports') return objects.map(nodePorts);
    return pods.map((peak) => podUse(resource, peak));
  };
  return all().filter(({ count, each }) => count * each > 0);
}

function podUse(resource: string, { pod, pods: count }: Peak): Use {
  const name = nameOf(pod.object);
  if (resource === 'pods') return { name, count, each: 1 };
  const [kind, ...rest] = resource.split('.');
  const counted = kind === 'requests' || kind === 'limits';
  return { name, count, each: counted ? podQuantity(pod, kind, rest.join('.')) : podQuantity(pod, 'requests', resource) };
}

function storage(object: FinishedObject): Use {
  const { kind, spec } = object.manifest;
  const claims = kind === 'PersistentVolumeClaim' ? [object.manifest] : ((spec?.volumeClaimTemplates ?? []) as Manifest[]);
  const sizes = claims.map((claim) => parseQuantity(claim['spec']?.resources?.requests?.storage) ?? 0);
  const count = kind === 'StatefulSet' ? (spec?.replicas ?? 1) : 1;
  return { name: nameOf(object), count, each: sizes.reduce((sum, size) => sum + size, 0) };
}

function nodePorts(object: FinishedObject): Use {
  const { kind, spec } = object.manifest;
  const open = kind === 'Service' && ['NodePort', 'LoadBalancer'].includes(spec?.type);
  return { name: nameOf(object), count: open ? (spec.ports ?? []).length : 0, each: 1 };
}

/** The name that people know: a hash at the end says nothing. */
function nameOf({ manifest: { metadata } }: FinishedObject): string {
  return metadata?.labels?.['app.kubernetes.io/instance'] ?? metadata?.name;
}

function readable(amount: number): string {
  if (amount >= 2 ** 20) return `${Math.ceil(amount / 2 ** 20)}Mi`;
  return Number.isInteger(amount) ? `${amount}` : `${Math.round(amount * 1000)}m`;
}
