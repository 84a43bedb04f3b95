import type { IConstruct } from 'constructs';
import type { k8s } from 'cdk8s-plus-27';
import { declare } from '../../support/declare';
import type { Visitor } from '../../support/network';
import { reject } from '../../support/reject';
import { requireCidr } from '../../support/values';
import { awsPreset, type AwsLoadBalancer } from './aws';
import { azurePreset, type AzureLoadBalancer } from './azure';
import { gcpPreset, type GcpLoadBalancer } from './gcp';
import type { BalancedPort, Preset } from './preset';

/**
 * What makes a load balancer.
 * @write { aws: { scheme: 'internet-facing', subnets: ['10.0.0.0/20'] } }, { gcp: { scheme: 'external' } }, { azure: { scheme: 'external' } } or { other: {} }
 */
export type LoadBalancerCloud =
  | { readonly aws: AwsLoadBalancer }
  | { readonly gcp: GcpLoadBalancer }
  | { readonly azure: AzureLoadBalancer }
  /** Whatever the cluster has, such as MetalLB: `loadBalancerClass` where it has several. */
  | { readonly other: { readonly class?: string } };

/**
 * A load balancer of layer 4 before the Service, for applications that answer browsers themselves. The pods see the
 * addresses of their clients; by way of nodes that means that only nodes with a pod get any traffic, each the same share.
 */
export interface LoadBalancer {
  /** Who may connect, as ranges of addresses: `loadBalancerSourceRanges`. */
  readonly sourceRanges: 'everyone' | readonly string[];
  /** What makes it. */
  readonly cloud: LoadBalancerCloud;
  /** Annotations beside those of the cloud, such as those for external-dns. @default {} */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a Service with a load balancer says more than others. */
export interface BalancedService {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Omit<k8s.ServiceSpec, 'ports'>;
  readonly ports: readonly BalancedPort[];
}

/** A port of pods behind that of a Service. */
export type BackPort = Pick<Visitor, 'port' | 'protocol'>;

/** What a load balancer is put in front of. */
export interface Balanced {
  readonly pods: string;
  readonly ports: readonly BalancedPort[];
  readonly behind: readonly BackPort[];
  readonly healthPort: number | undefined;
}

/** All addresses. */
export const EVERYONE = ['0.0.0.0/0', '::/0'];

/**
 * Fills in what the cloud needs, and tells the fence who comes.
 *
 * @param pods name of the controller whose pods answer
 * @param behind their ports behind the Service
 * @param healthPort that at which they are asked by TCP where those carry UDP
 */
export function balancedService(
  scope: IConstruct,
  balancer: LoadBalancer,
  { pods, ports, behind, healthPort }: Balanced,
): BalancedService {
  const at = 'exposure.loadBalancer';
  const { sourceRanges, cloud, annotations = {} } = balancer;
  requireRanges(scope, `${at}.sourceRanges`, sourceRanges);
  const preset = presetOf(scope, cloud, ports, healthPort);
  const ranges = typeof sourceRanges === 'string' ? EVERYONE : sourceRanges;
  const { ownRanges = [], checked } = preset;
  const comers = ranges === EVERYONE ? ranges : [...ranges, ...ownRanges];
  const clients = behind.flatMap((port) => comers.map((cidr) => ({ pods, ...port, peer: { cidr } })));
  const asked = checked === undefined ? [] : ownRanges.map((cidr) => ({ pods, port: checked, peer: { cidr } }));
  declare(scope, { visitors: [...clients, ...asked], namespaceLabels: [preset.namespaceLabels ?? {}] });
  return {
    annotations: { ...preset.annotations, ...annotations },
    spec: {
      type: 'LoadBalancer',
      ...preset.spec,
      ...(typeof sourceRanges === 'string' ? {} : { loadBalancerSourceRanges: [...sourceRanges] }),
    },
    ports: [...ports, ...(preset.ports ?? [])],
  };
}

/** Refuses what names nobody: an empty list would let everyone in. */
export function requireRanges(scope: IConstruct, prop: string, ranges: LoadBalancer['sourceRanges']): void {
  if (ranges.length === 0) {
    const fix = "write them as ['203.0.113.0/24'], or 'everyone'";
    reject(scope, { prop, must: "name a range, or be 'everyone'", got: ranges, fix });
  }
  if (typeof ranges !== 'string') for (const range of ranges) requireCidr(scope, prop, range);
}

function presetOf(scope: IConstruct, cloud: LoadBalancerCloud, ports: readonly BalancedPort[], healthPort?: number): Preset {
  if ('aws' in cloud) return awsPreset(scope, cloud.aws, ports, healthPort);
  if ('gcp' in cloud) return gcpPreset(scope, cloud.gcp);
  if ('azure' in cloud) return azurePreset(scope, cloud.azure);
  const { class: loadBalancerClass } = cloud.other;
  return {
    annotations: {},
    spec: { externalTrafficPolicy: 'Local', ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }) },
  };
}
