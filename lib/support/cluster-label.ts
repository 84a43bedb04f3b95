/** Label of every object of an environment that names its cluster, with that name: what a guard of the cluster asks for. */
export const CLUSTER_LABEL = 'cdk8s-phoenix/cluster';

/** How the policy is called by which a cluster refuses objects for another one. Objects of everybody's cluster have names that say whose they are. */
export const GUARD = 'cdk8s-phoenix-cluster';
