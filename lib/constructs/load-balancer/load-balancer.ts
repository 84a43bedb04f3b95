import type { IConstruct } from 'constructs';
import type { k8s } from 'cdk8s-plus-27';
import { declare } from '../../support/facts';
import { nearest } from '../../support/nearest';
import { reject } from '../../support/reject';
import { requireTexts, requireTypes } from '../../support/types';
import { requireCidr } from '../../support/values';
import { awsPreset, type AwsLoadBalancer } from './aws';
import { azurePreset, type AzureLoadBalancer } from './azure';
import { gcpPreset, type GcpLoadBalancer } from './gcp';
import type { BalancedPort, Preset } from './preset';

/** What makes a load balancer. */
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

/** All addresses. */
export const EVERYONE = ['0.0.0.0/0', '::/0'];

/**
 * Fills in what the cloud needs, and tells the fence who comes.
 *
 * @param pods name of the controller whose pods answer
 * @param containerPorts their ports behind the Service
 */
export function balancedService(
  scope: IConstruct,
  balancer: LoadBalancer,
  { pods, ports, containerPorts }: { pods: string; ports: readonly BalancedPort[]; containerPorts: readonly number[] },
): BalancedService {
  const at = 'exposure.loadBalancer';
  requireTypes(
    scope,
    balancer,
    { sourceRanges: ['string', 'array'], cloud: ['object', 'string'], annotations: ['object', undefined] },
    `${at}.`,
  );
  const { sourceRanges, cloud, annotations = {} } = balancer;
  requireTexts(scope, annotations, `${at}.annotations.`);
  requireRanges(scope, `${at}.sourceRanges`, sourceRanges);
  const preset = presetOf(scope, cloud, ports);
  const ranges = typeof sourceRanges === 'string' ? EVERYONE : sourceRanges;
  const comers = ranges === EVERYONE ? ranges : [...ranges, ...(preset.ownRanges ?? [])];
  const visitors = [...new Set(containerPorts)].flatMap((port) => comers.map((cidr) => ({ pods, port, peer: { cidr } })));
  declare(scope, { visitors, namespaceLabels: [preset.namespaceLabels ?? {}] });
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
  if (typeof ranges === 'string' ? ranges !== 'everyone' : ranges.length === 0) {
    const fix = "write them as ['203.0.113.0/24'], or 'everyone'";
    reject(scope, { prop, must: "name a range, or be 'everyone'", got: ranges, fix });
  }
  if (typeof ranges !== 'string') for (const range of ranges) requireCidr(scope, prop, range);
}

/** How each is written with what it cannot do without. */
const CLOUDS: Readonly<Record<string, string>> = {
  aws: "{ aws: { scheme: 'internet-facing', subnets: ['subnet-...'] } }",
  gcp: "{ gcp: { scheme: 'external' } }",
  azure: "{ azure: { scheme: 'external' } }",
  other: '{ other: {} }',
};

function presetOf(scope: IConstruct, cloud: LoadBalancerCloud, ports: readonly BalancedPort[]): Preset {
  const prop = 'exposure.loadBalancer.cloud';
  const named = typeof cloud === 'string' ? String(cloud) : Object.keys(cloud).join(', ');
  if (typeof cloud === 'string' || !Object.hasOwn(CLOUDS, named)) {
    const meant = nearest(named, Object.keys(CLOUDS), 2);
    const fix = `write ${meant === undefined ? Object.values(CLOUDS).join(' or ') : String(CLOUDS[meant])}`;
    const must = `be an object with one of ${Object.keys(CLOUDS).join(', ')}`;
    reject(scope, { prop, must, got: named || undefined, fix });
    return { annotations: {}, spec: {} };
  }
  if ('aws' in cloud) return awsPreset(scope, cloud.aws, ports);
  if ('gcp' in cloud) return gcpPreset(scope, cloud.gcp);
  if ('azure' in cloud) return azurePreset(scope, cloud.azure);
  requireTypes(scope, cloud.other, { class: ['string', undefined] }, 'exposure.loadBalancer.cloud.other.');
  const { class: loadBalancerClass } = cloud.other;
  return {
    annotations: {},
    spec: { externalTrafficPolicy: 'Local', ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }) },
  };
}
