import { surgePods } from '../support/rollout-peak';
import { map, maps, numberOr, scalar, text } from '../model/values';
import type { Pod } from '../model/pods';
import type { Manifest } from '../support/edit';

/** How the pods of a workload are replaced, in words. */
export interface RollOut {
  /** Which and how many: `3 to 6 pods, 1 more at a time and never fewer`. */
  readonly pods: string;
  /** How long it takes at the least, and how that adds up. @default - nothing can be said */
  readonly time?: string;
  /** Whether no pod runs between the old ones and the new ones. @default false */
  readonly away?: boolean;
}

/** A number of pods, or the range that an autoscaler keeps it in. */
export function podsText({ replicas: { least, most } }: Pick<Pod, 'replicas'>): string {
  return least === most ? `${most} pod${most === 1 ? '' : 's'}` : `${least} to ${most} pods`;
}

/** Whether a Deployment leaves its pods as they are, whatever their template says. */
export function isPaused({ kind, object }: Pod): boolean {
  return kind === 'Deployment' && map(object.manifest['spec'])['paused'] === true;
}

/** How the pods of a workload are replaced when their template changes; undefined where they are not. */
export function rollOutOf(workload: Pod): RollOut | undefined {
  const { kind, object, replicas } = workload;
  const { strategy, updateStrategy } = map(object.manifest['spec']);
  const pods = podsText(workload);
  if (isPaused(workload)) return undefined;
  switch (kind) {
    case 'DaemonSet':
      return { pods: onNodes(map(updateStrategy)) };
    case 'StatefulSet':
      if (replicas.most === 0) return { pods };
      if (map(updateStrategy)['type'] === 'OnDelete') return { pods: `${pods}, each once somebody deletes it` };
      return inTurn(workload, numberOr(0, map(map(updateStrategy)['rollingUpdate'])['partition']));
    case 'Deployment':
      if (replicas.most === 0) return { pods };
      if (map(strategy)['type'] !== 'Recreate') return surging(workload, map(map(strategy)['rollingUpdate']));
      return { pods: `${pods}, stopped before the first new one starts`, time: timeText(workload, () => 1), away: true };
    default:
      return undefined;
  }
}

/** The pods of a DaemonSet. */
function onNodes({ type, rollingUpdate }: Manifest): string {
  if (type === 'OnDelete') return 'one pod on each node, each once somebody deletes it';
  const { maxSurge = 0, maxUnavailable } = map(rollingUpdate);
  const [more, fewer] = [scalar(maxSurge) ?? '0', scalar(maxUnavailable) ?? '1'];
  if (Number.parseFloat(more) > 0) return `one pod on each node, ${more} more at a time`;
  return `one pod on each node, ${fewer === '1' ? 'one after another' : `${fewer} at a time`}`;
}

/** The pods of a StatefulSet: each is gone before the one of its name comes; those below the partition stay what they are. */
function inTurn(workload: Pod, partition: number): RollOut {
  const { least, most } = workload.replicas;
  if (partition > 0) return behind(workload, { least: Math.max(0, least - partition), most: Math.max(0, most - partition) });
  const alone = most === 1;
  const pods = `${podsText(workload)}, ${alone ? 'stopped before the new one starts' : 'one after another, from the last one down'}`;
  return { pods, time: timeText(workload, (count) => count, drainOf(workload)), away: alone };
}

function behind(workload: Pod, replicas: Pod['replicas']): RollOut {
  const all = podsText(workload);
  if (replicas.most === 0) return { pods: `none of ${all}: the partition keeps them back` };
  const pods = `${podsText({ replicas })} of ${all}, from the last one down: the partition keeps the others back`;
  return { pods, time: timeText({ ...workload, replicas }, (count) => count, drainOf(workload)) };
}

function surging(workload: Pod, { maxSurge, maxUnavailable }: Readonly<Record<string, unknown>>): RollOut {
  const atOnce = (pods: number): readonly [more: number, fewer: number] => [
    surgePods(scalar(maxSurge) ?? '25%', pods),
    fewerPods(scalar(maxUnavailable) ?? '25%', pods),
  ];
  const [more, fewer] = atOnce(workload.replicas.most);
  const steps = (pods: number): number =>
    Math.ceil(
      pods /
        Math.max(
          1,
          atOnce(pods).reduce((sum, one) => sum + one, 0),
        ),
    );
  const how = [...(more > 0 ? [`${more} more at a time`] : []), fewer > 0 ? `${fewer} fewer` : 'never fewer'];
  return {
    pods: `${podsText(workload)}, ${how.join(' and ')}`,
    time: timeText(workload, steps),
    away: fewer >= workload.replicas.most,
  };
}

/** Kubernetes rounds a percentage of pods that may be missing down. */
function fewerPods(maxUnavailable: string, pods: number): number {
  const number = Number.parseFloat(maxUnavailable) || 0;
  return maxUnavailable.endsWith('%') ? Math.floor((number / 100) * pods) : number;
}

/**
 * What a roll-out takes at the least: in each step a new pod boots and counts as available, and the last old ones drain.
 *
 * @param stepsOf how many steps so many pods take
 * @param between seconds that each step waits for an old pod @default - old ones go while the next ones boot
 */
function timeText(workload: Pod, stepsOf: (pods: number) => number, between = 0): string {
  const { least, most } = workload.replicas;
  const [low, high] = [stepsOf(Math.max(1, least)), stepsOf(most)];
  const step = between + delayOf(workload) + numberOr(0, map(workload.object.manifest['spec'])['minReadySeconds']);
  const drain = between > 0 ? 0 : drainOf(workload);
  const [shortest, longest] = [low * step + drain, high * step + drain];
  const range = (one: number, other: number): string => (one === other ? `${one}` : `${one} to ${other}`);
  if (longest === 0) return 'as long as the old pod takes to end and the new one to boot';
  const steps = `${range(low, high)} step${high === 1 ? '' : 's'} of ${step} s`;
  return `at least ${range(shortest, longest)} s, and the boots: ${steps}${drain > 0 ? `, then ${drain} s until the last old pod goes` : ''}`;
}

/** Seconds that probes wait before they ask a new pod for the first time. */
function delayOf({ spec: pod }: Pod): number {
  const delays = maps(pod['containers']).map(({ startupProbe, readinessProbe }) => {
    const delay = (probe: unknown): number => numberOr(0, map(probe)['initialDelaySeconds']);
    return delay(startupProbe) + delay(readinessProbe);
  });
  return Math.max(0, ...delays);
}

/** Seconds that a pod goes on at the least when it is told to stop. */
function drainOf({ spec: pod }: Pod): number {
  const waits = maps(pod['containers']).map(({ lifecycle }) => {
    const { sleep, exec } = map(map(lifecycle)['preStop']);
    const words: unknown = map(exec)['command'];
    const command = Array.isArray(words) ? words.map(text).join(' ') : '';
    return numberOr(Number(/\bsleep (\d+)\b/.exec(command)?.[1] ?? 0), map(sleep)['seconds']);
  });
  return Math.max(0, ...waits);
}
