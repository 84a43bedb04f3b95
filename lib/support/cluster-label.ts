/** Label of every object of an environment that names its cluster, with that name: what a guard of the cluster asks for. */
export const CLUSTER_LABEL = 'cdk8s-phoenix/cluster';
