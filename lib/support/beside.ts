/** Folder of what is applied to a cluster once, by who administers it: a folder for each cluster. */
export const CLUSTERS = 'cluster';
/** Folder of what Argo CD is told. */
export const ARGO = 'argo';
/** Folder of what Flux is told beside an environment. */
export const FLUX = 'flux';

/** Whether a folder of an output has what others apply beside the environments, such as `cluster/production-eu`. */
export function isBeside(folder: string): boolean {
  return folder === ARGO || folder === FLUX || isOfCluster(folder);
}

/** Whether it has what somebody applies who administers a cluster: guards and rights. */
export function isOfCluster(folder: string): boolean {
  return /^cluster[/\\]/.test(folder);
}
