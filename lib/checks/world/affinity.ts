const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution[]';
/** The terms that the scheduler weighs. */
export const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution[]';

/** The affinities of a pod to other pods. */
export const POD_AFFINITIES = ['affinity.podAffinity', 'affinity.podAntiAffinity'];

/** The paths in a pod's spec where it says which pods it stays near to, or away from. */
export const NEIGHBOURS = POD_AFFINITIES.flatMap((kind) => [`${kind}.${REQUIRED}`, `${kind}.${PREFERRED}.podAffinityTerm`]);
