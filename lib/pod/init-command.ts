import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { hardenedPod, type HardenedPod, volumesOf } from './hardened-pod';
import { podMounts, type Mount } from './mount';
import type { Variables } from './variables';

/** A command of the pod's own image that must succeed before the pod's container starts. */
export interface InitCommand {
  /** Name of its container: `initContainers[].name`. */
  readonly name: string;
  /** What it runs: `command`. */
  readonly command: readonly string[];
  /** Its variables, above those of the pod's ConfigMap: `env`. */
  readonly variables: Variables;
  /** Names of the pod's files that it has no use for, such as certificates of what only the pod serves. @default - it has all */
  readonly without?: readonly string[];
  /** Files that it alone has, such as its script. @default [] */
  readonly mounts?: readonly Mount[];
  /** The longest that it may take, so that the roll-out is not given up before. */
  readonly limit: Duration;
}

/** The init containers of a pod: with its image, its files, its sources of variables and its resources; and all volumes, where they have some. */
export function initContainers(
  pod: HardenedPod,
  commands: readonly InitCommand[],
): Pick<k8s.PodSpec, 'initContainers' | 'volumes'> {
  if (commands.length === 0) return {};
  const own = commands.flatMap((command) => command.mounts ?? []);
  const { image, imagePullPolicy, variableSources, mounts, resources, user, serviceAccountName } = pod;
  const shared = { image, imagePullPolicy, variableSources, resources, user, serviceAccountName };
  return {
    initContainers: commands.flatMap(({ name, command, variables, without = [], mounts: its = [] }) => {
      const needed = podMounts(mounts).filter((mount) => !without.includes(mount.name));
      return hardenedPod({ ...shared, container: name, command, variables, mounts: [...needed, ...podMounts(its)] }).containers;
    }),
    ...(own.length > 0 ? { volumes: volumesOf([...mounts, ...own]) } : {}),
  };
}

/** The names of their containers. */
export function namesOf(commands: readonly InitCommand[]): readonly string[] {
  return commands.map(({ name }) => name);
}

/** The longest that a pod may take to start: its commands one after the other, then its container. */
export function slowestStart(commands: readonly Pick<InitCommand, 'limit'>[], bootTime: Duration): Duration {
  return Duration.millis([bootTime, ...commands.map(({ limit }) => limit)].reduce((sum, time) => sum + time.toMilliseconds(), 0));
}
