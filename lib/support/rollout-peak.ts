/** The pods of a controller in the middle of its rollout, when most of them hold connections. */
export interface RolloutPeak {
  /** How many there are. */
  readonly pods: number;
  /** How they add up, for sentences. */
  readonly text: string;
}

/** How many pods a `maxSurge` allows beyond the replicas: Kubernetes rounds a percentage up. */
export function surgePods(maxSurge: number | string, replicas: number): number {
  const text = `${maxSurge}`;
  const number = Number.parseFloat(text) || 0;
  return text.endsWith('%') ? Math.ceil((number / 100) * replicas) : number;
}

/** Who may hold connections where each pod is gone before the next one comes: nobody beside the `most` that there are. */
export function steadyPeak(most: number): RolloutPeak {
  return { pods: most, text: `${most}` };
}

/**
 * Who may hold connections while a Deployment of `most` pods rolls: the new ones and the surge, and as many old ones that
 * are going. Those still work until they are gone, and no surge counts them.
 */
export function rolloutPeak(most: number, surge: number): RolloutPeak {
  return { pods: most + surge + most, text: `(${most} + ${surge} + ${most})` };
}
