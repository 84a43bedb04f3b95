import { inventoryOf } from '../checks/world/inventory';
import { list, map, valueAt } from '../checks/world/values';
import type { Workload, WorkloadContainer } from '../checks/world/workloads';
import type { Comparison } from './comparison';
import { knownName, referenceOf, titleOf } from './shown';
import type { Statement } from './statement';

/** A way in which a container, or its pod, is hardened. */
interface Guard {
  readonly what: string;
  readonly holds: (container: WorkloadContainer, workload: Workload) => boolean;
}

/** A field of the container, or of its pod where the container says nothing. */
function context(field: string): (container: WorkloadContainer, workload: Workload) => unknown {
  return ({ spec }, { pod }) => valueAt(spec, `securityContext.${field}`) ?? valueAt(pod, `securityContext.${field}`);
}

const GUARDS: readonly Guard[] = [
  { what: 'runs as no root', holds: (...at) => context('runAsNonRoot')(...at) === true },
  { what: 'cannot write its image', holds: ({ spec }) => valueAt(spec, 'securityContext.readOnlyRootFilesystem') === true },
  { what: 'gains no rights', holds: ({ spec }) => valueAt(spec, 'securityContext.allowPrivilegeEscalation') === false },
  { what: 'is not privileged', holds: ({ spec }) => valueAt(spec, 'securityContext.privileged') !== true },
  {
    what: 'drops all capabilities',
    holds: ({ spec }) => list(valueAt(spec, 'securityContext.capabilities.drop')).includes('ALL'),
  },
  { what: 'adds no capability', holds: ({ spec }) => list(valueAt(spec, 'securityContext.capabilities.add')).length === 0 },
  {
    what: 'has the seccomp profile of the runtime',
    holds: (...at) =>
      context('seccompProfile.type')(...at) !== 'Unconfined' && context('seccompProfile.type')(...at) !== undefined,
  },
  { what: 'is apart from the processes of its node', holds: (_, { pod }) => pod['hostPID'] !== true && pod['hostIPC'] !== true },
];

const LEVELS = ['privileged', 'baseline', 'restricted'];
const LEVEL = 'pod-security.kubernetes.io/enforce';

/** What is hardened less than before, or more. Less is what a reviewer must not miss. */
export function hardeningChanges(comparison: Comparison): Statement[] {
  const found = new Map<string, { kind: string; titles: string[]; objects: string[] }>();
  const { compared, before, now } = comparison;
  const [old, present] = [byManifest(inventoryOf(before).workloads), byManifest(inventoryOf(now).workloads)];
  for (const one of compared) {
    const [was, is] = [old.get(one.before), present.get(one.now)];
    if (!was || !is) continue;
    for (const { what, holds } of GUARDS) {
      const [held, kept] = [was, is].map((workload) => workload.containers.every((container) => holds(container, workload)));
      if (held === kept) continue;
      const line = held ? `LOWERED: no longer ${what}` : `hardened: ${what}`;
      const known = found.get(line) ?? { kind: held ? 'lowered' : 'hardened', titles: [], objects: [] };
      known.titles.push(titleOf(one.now));
      known.objects.push(referenceOf(one.now));
      found.set(line, known);
    }
  }
  const pods = [...found].map(([line, { kind, titles, objects }]) => ({ kind, text: `${line} (${titles.join(', ')})`, objects }));
  return [...pods, ...levels(comparison)];
}

function byManifest(workloads: readonly Workload[]): ReadonlyMap<unknown, Workload> {
  return new Map(workloads.map((workload) => [workload.object.manifest, workload]));
}

/** What a namespace demands of its pods. */
function levels({ compared, told }: Comparison): Statement[] {
  return compared.flatMap(({ before, now, differences }): Statement[] => {
    if (now['kind'] !== 'Namespace') return [];
    const [was, is] = [before, now].map((one) =>
      LEVELS.indexOf(String(map(map(one['metadata'])['labels'])[LEVEL] ?? 'privileged')),
    );
    if (was === is || was === undefined || is === undefined) return [];
    told.tell(differences.filter(({ path }) => path.endsWith(`["${LEVEL}"]`)));
    const sign = is < was ? 'LOWERED' : 'hardened';
    const text = `${sign}: the namespace ${knownName(now)} demands ${LEVELS[is]} of its pods, before it was ${LEVELS[was]}`;
    return [{ kind: is < was ? 'lowered' : 'hardened', text, objects: [referenceOf(now)] }];
  });
}
