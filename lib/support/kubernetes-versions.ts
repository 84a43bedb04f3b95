/** Kubernetes releases that the synthesized objects are valid for, oldest first. */
export const KUBERNETES_VERSIONS = ['1.27', '1.28', '1.29', '1.30', '1.31', '1.32', '1.33', '1.34', '1.35', '1.36'] as const;

/** A minor release of Kubernetes. Environments name the oldest one that they run on. */
export type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number];

/** Whether `version` is `minimum` or newer. */
export function isAtLeast(version: KubernetesVersion, minimum: KubernetesVersion): boolean {
  return KUBERNETES_VERSIONS.indexOf(nearestKubernetes(version)) >= KUBERNETES_VERSIONS.indexOf(minimum);
}

/** The release that was meant by one that is not known, so that what depends on it does not fail as well. */
export function nearestKubernetes(version: string): KubernetesVersion {
  const minors = KUBERNETES_VERSIONS.map((known) => Number(known.slice(2)));
  const [, minor = '0'] = /^v?1\.(\d+)/.exec(version) ?? [];
  const [oldest = 0] = minors;
  const index = Math.min(Math.max(Number(minor) - oldest, 0), KUBERNETES_VERSIONS.length - 1);
  return KUBERNETES_VERSIONS[index] ?? KUBERNETES_VERSIONS[0];
}
