import { list, map, valueAt } from '../model/values';
import type { Pod, Container } from '../model/pods';
import type { Comparison } from './comparison';
import { knownName, referenceOf, titleOf } from './shown';
import type { Statement } from './statement';
import { workloadOf } from './workload-of';

/** A way in which a container, or its pod, is hardened. */
interface Guard {
  /** What it is with it. */
  readonly held: string;
  /** What it is without it. */
  readonly lowered: string;
  readonly holds: (container: Container, workload: Pod) => boolean;
}

/** A field of the container, or of its pod where the container says nothing. */
function context(field: string): (container: Container, workload: Pod) => unknown {
  return ({ spec }, { spec: pod }) => valueAt(spec, `securityContext.${field}`) ?? valueAt(pod, `securityContext.${field}`);
}

const profile = context('seccompProfile.type');

const GUARDS: readonly Guard[] = [
  { held: 'runs as no root', lowered: 'may run as root', holds: (...at) => context('runAsNonRoot')(...at) === true },
  {
    held: 'cannot write its image',
    lowered: 'may write its image',
    holds: ({ spec }) => valueAt(spec, 'securityContext.readOnlyRootFilesystem') === true,
  },
  {
    held: 'gains no rights',
    lowered: 'may gain rights',
    holds: ({ spec }) => valueAt(spec, 'securityContext.allowPrivilegeEscalation') === false,
  },
  {
    held: 'is not privileged',
    lowered: 'is privileged',
    holds: ({ spec }) => valueAt(spec, 'securityContext.privileged') !== true,
  },
  {
    held: 'drops all capabilities',
    lowered: 'keeps capabilities',
    holds: ({ spec }) => list(valueAt(spec, 'securityContext.capabilities.drop')).includes('ALL'),
  },
  {
    held: 'adds no capability',
    lowered: 'adds capabilities',
    holds: ({ spec }) => list(valueAt(spec, 'securityContext.capabilities.add')).length === 0,
  },
  {
    held: 'has a seccomp profile',
    lowered: 'has no seccomp profile',
    holds: (...at) => profile(...at) !== 'Unconfined' && profile(...at) !== undefined,
  },
  {
    held: 'is apart from the processes of its node',
    lowered: 'sees the processes of its node',
    holds: (_, { spec: pod }) => pod['hostPID'] !== true && pod['hostIPC'] !== true,
  },
];

const LEVELS = ['privileged', 'baseline', 'restricted'];
const LEVEL = 'pod-security.kubernetes.io/enforce';

/** What is hardened less than before, or more. Less is what a reviewer must not miss. */
export function hardeningChanges(comparison: Comparison): Statement[] {
  const found = new Map<string, { kind: string; titles: string[]; objects: string[] }>();
  for (const one of comparison.compared) {
    const [was, is] = [workloadOf(comparison.before, one.before), workloadOf(comparison.now, one.now)];
    if (!was || !is) continue;
    for (const { held, lowered, holds } of GUARDS) {
      const [before, after] = [was, is].map((workload) => workload.containers.every((container) => holds(container, workload)));
      if (before === after) continue;
      const line = before ? `LOWERED: ${lowered}` : `hardened: ${held}`;
      const known = found.get(line) ?? { kind: before ? 'lowered' : 'hardened', titles: [], objects: [] };
      known.titles.push(titleOf(one.now));
      known.objects.push(referenceOf(one.now));
      found.set(line, known);
    }
  }
  const pods = [...found].map(([line, { kind, titles, objects }]) => ({ kind, text: `${line} (${titles.join(', ')})`, objects }));
  return [...pods, ...levels(comparison)];
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
