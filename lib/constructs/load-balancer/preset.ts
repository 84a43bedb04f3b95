import type { k8s } from 'cdk8s-plus-27';

/**
 * Lets the AWS Load Balancer Controller hold a new pod for not ready until its target is healthy: by default a rollout
 * takes the last old pod while the load balancer has not yet found the new ones.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/pod_readiness_gate/
 */
export const READINESS_GATE = { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } as const;

/** A port of the Service, as it stands in the YAML. */
export type BalancedPort = Pick<k8s.ServicePort, 'name' | 'port' | 'targetPort' | 'protocol' | 'appProtocol'>;

/** What a cloud needs of a Service to make a load balancer as it was told. */
export interface Preset {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Pick<k8s.ServiceSpec, 'loadBalancerClass' | 'allocateLoadBalancerNodePorts' | 'externalTrafficPolicy'>;
  /** Ports beside those of the Service. @default [] */
  readonly ports?: readonly BalancedPort[];
  /** Ranges that the load balancer itself connects from, beside its clients. @default [] */
  readonly ownRanges?: readonly string[];
  /** Port of the pods at which it asks, where that is none of those it leads to. @default - it asks where it leads to */
  readonly checked?: number;
  /** Labels that it reads from the namespace. @default {} */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
}
