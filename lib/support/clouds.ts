import type { Opening } from './network';

/** Who a pod may be to: the providers that know ServiceAccounts. */
export type Cloud = 'aws' | 'google' | 'azure';

/** The annotation by which each finds who the pods of a ServiceAccount are to it. */
export const IDENTITY_ANNOTATIONS: Readonly<Record<Cloud, string>> = {
  aws: 'eks.amazonaws.com/role-arn',
  google: 'iam.gke.io/gcp-service-account',
  azure: 'azure.workload.identity/client-id',
};

/**
 * GKE's metadata server, which gives pods their credentials: on the node with Calico, at the address that programs ask with Dataplane V2.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy#network-policy-and-workload-identity
 */
export const GKE_METADATA: readonly Opening[] = [
  ...[988, 987].map((port) => ({ port, peer: { cidr: '169.254.169.252/32' } })),
  ...[80, 8080].map((port) => ({ port, peer: { cidr: '169.254.169.254/32' } })),
];

/**
 * The agent of EKS Pod Identity on each node: by the family of the cluster's addresses.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
 */
export const EKS_AGENT: readonly Opening[] = ['169.254.170.23/32', 'fd00:ec2::23/128'].map((cidr) => ({
  port: 80,
  peer: { cidr },
}));
