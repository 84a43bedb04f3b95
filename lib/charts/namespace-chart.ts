import { ApiObject, Chart, Duration, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { edit, type Manifest } from '../support/edit';
import { factsOf, type GatewayProxies } from '../support/facts';
import { chartLabels } from '../support/labels';
import { cpuQuantity, sizeQuantity, secondsOf } from '../support/quantity';
import { slug } from '../support/slug';
import { requireTypes, type PropTypes } from '../support/types';
import { requireInteger, requireName, requireKubernetes, requireSeconds, type KubernetesVersion } from '../support/values';

/** The most that an environment may use. */
export interface Quota {
  /** CPU that its pods may request: `requests.cpu`. */
  readonly cpu: Cpu;
  /** Memory that its pods may use: `limits.memory`, and so `requests.memory`. */
  readonly memory: Size;
  /** Disk that its volumes may claim: `requests.storage`. */
  readonly storage: Size;
  /** Pods that may run at a time: `pods`. */
  readonly pods: number;
}

/** A namespace that nobody misses after a while. */
export interface Temporary {
  /** What it is for, such as the branch of a pull request: annotation `cdk8s-phoenix/preview-of`. */
  readonly of: string;
  /**
   * How long it lives, an hour to 90 days: annotation `janitor/ttl`, by which kube-janitor deletes it
   * (https://codeberg.org/hjacobs/kube-janitor). A new image does not prolong it; `kubectl delete namespace` ends it.
   */
  readonly ttl: Duration;
}

/** Properties of {@link NamespaceChart}. */
export interface NamespaceChartProps {
  /** Name of the namespace. */
  readonly namespace: string;
  /** The application that it is for: label `app.kubernetes.io/part-of`. */
  readonly partOf: string;
  /** The oldest Kubernetes that the environment runs on: the Pod Security rules of that version hold. */
  readonly kubernetes: KubernetesVersion;
  /** The most that the environment may use. */
  readonly quota: Quota;
  /** Ports of nodes that Services may open: `services.nodeports`. @default 0 */
  readonly nodePorts?: number;
  /** Load balancers that Services may have: `services.loadbalancers`. Each costs money. @default 0 */
  readonly loadBalancers?: number;
  /** Whether it goes after a while, for a preview: label `cdk8s-phoenix/preview`, and what {@link Temporary} says. @default - it stays */
  readonly temporary?: Temporary;
}

const propTypes: PropTypes<NamespaceChartProps> = {
  ...{
    namespace: ['string'],
    partOf: ['string'],
    kubernetes: ['string'],
    quota: ['object'],
    nodePorts: ['number', undefined],
    loadBalancers: ['number', undefined],
  },
  temporary: ['object', undefined],
};

/**
 * The namespace of an environment, its fence and its budget: no pod that breaks Pod Security "restricted", none
 * without requests and limits, and not more than the quota.
 */
export class NamespaceChart extends Chart {
  /** The Namespace. */
  readonly namespaceObject: k8s.KubeNamespace;
  /** What the environment may use. */
  readonly quota: k8s.KubeResourceQuota;
  /** What a container gets that says nothing. */
  readonly limits: k8s.KubeLimitRange;

  constructor(scope: Construct, id: string, props: NamespaceChartProps) {
    // No namespace of its own: the Namespace object has none.
    super(scope, id, { labels: chartLabels(props.partOf), disableResourceNameHashes: true });
    requireTypes(this, props, propTypes);
    requireTypes(this, props.quota, { cpu: [Cpu], memory: [Size], storage: [Size], pods: ['number'] }, 'quota.');
    const { namespace, partOf, kubernetes, quota, nodePorts = 0, loadBalancers = 0, temporary } = props;
    requireKubernetes(this, kubernetes);
    requireName(this, namespace, 63, 'namespace');
    requireName(this, partOf, 63, 'partOf');
    requireInteger(this, 'nodePorts', nodePorts, { minimum: 0, fix: 'count the ports of Services that nodes open' });
    requireInteger(this, 'loadBalancers', loadBalancers, { minimum: 0, fix: 'count the Services that have one' });
    requireInteger(this, 'quota.pods', quota.pods, { minimum: 1, fix: 'leave room for a rollout and the jobs' });
    if (temporary) requireTemporary(this, temporary);
    this.namespaceObject = new k8s.KubeNamespace(this, 'Namespace', {
      metadata: withLifetime({ name: namespace, labels: podSecurity(kubernetes) }, temporary),
    });
    // Known once everything in it is.
    edit(ApiObject.of(this.namespaceObject), (manifest) => withLabels(manifest, factsOf(this).namespaceLabels));
    this.limits = new k8s.KubeLimitRange(this, 'LimitRange', { metadata: { name: 'defaults', namespace }, spec: defaults });
    this.quota = new k8s.KubeResourceQuota(this, 'ResourceQuota', {
      metadata: { name: 'budget', namespace },
      spec: { hard: hard(quota, nodePorts, loadBalancers) },
    });
    edit(ApiObject.of(this.quota), (manifest) => withProxies(manifest, factsOf(this).proxies));
  }
}

/** https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
function podSecurity(kubernetes: KubernetesVersion): Record<string, string> {
  const modes = ['enforce', 'warn', 'audit'];
  return Object.fromEntries(
    modes.flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, 'restricted'],
      [`pod-security.kubernetes.io/${mode}-version`, `v${kubernetes}`],
    ]),
  );
}

function requireTemporary(scope: Chart, temporary: Temporary): void {
  requireTypes(scope, temporary, { of: ['string'], ttl: [Duration] }, 'temporary.');
  const fix = 'a pull request of a week is served by Duration.days(7)';
  requireSeconds(scope, 'temporary.ttl', temporary.ttl, { minimum: 3600, maximum: 90 * 86400, fix });
}

/** Labels to find it by, and annotations that say what it was for. */
function withLifetime(metadata: k8s.ObjectMeta, temporary: Temporary | undefined): k8s.ObjectMeta {
  if (!temporary) return metadata;
  const seconds = secondsOf(temporary.ttl);
  const ttl = seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds}s`;
  return {
    ...metadata,
    labels: { ...metadata.labels, 'cdk8s-phoenix/preview': slug(temporary.of) },
    annotations: { 'cdk8s-phoenix/preview-of': temporary.of, 'janitor/ttl': ttl },
  };
}

function withLabels({ metadata, ...manifest }: Manifest, labels: ReadonlyMap<string, string>): Manifest {
  return { ...manifest, metadata: { ...metadata, labels: { ...metadata.labels, ...Object.fromEntries(labels) } } };
}

/** A controller that starts the proxies of a Gateway here gives them a load balancer, which opens their ports on every node. */
function withProxies({ spec, ...manifest }: Manifest, proxies: readonly GatewayProxies[]): Manifest {
  const hard = spec.hard as Manifest;
  const { 'services.nodeports': nodePorts, 'services.loadbalancers': loadBalancers } = hard;
  const ports = proxies.reduce((sum, one) => sum + one.ports, Number(nodePorts));
  const services = { 'services.nodeports': `${ports}`, 'services.loadbalancers': `${Number(loadBalancers) + proxies.length}` };
  return { ...manifest, spec: { ...spec, hard: { ...hard, ...services } } };
}

const quantity = (text: string | number): k8s.Quantity => k8s.Quantity.fromString(`${text}`);

/** For a pod that someone starts by hand: the quota refuses containers that say nothing. */
const defaults: k8s.LimitRangeSpec = {
  limits: [
    {
      type: 'Container',
      defaultRequest: { cpu: quantity('100m'), memory: quantity('128Mi'), 'ephemeral-storage': quantity('128Mi') },
      default: { memory: quantity('256Mi'), 'ephemeral-storage': quantity('256Mi') },
    },
  ],
};

function hard(quota: Quota, nodePorts: number, loadBalancers: number): Record<string, k8s.Quantity> {
  return {
    'requests.cpu': cpuQuantity(quota.cpu),
    'requests.memory': sizeQuantity(quota.memory),
    'limits.memory': sizeQuantity(quota.memory),
    'requests.storage': sizeQuantity(quota.storage),
    pods: quantity(quota.pods),
    'services.nodeports': quantity(nodePorts),
    'services.loadbalancers': quantity(loadBalancers),
  };
}
