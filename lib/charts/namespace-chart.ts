import { ApiObject, Chart, type Duration, Lazy, type Size } from 'cdk8s';
import { type Cpu, k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { namespaceAnnotations, type Delivery } from '../release/delivery';
import { edit, type Manifest } from '../support/edit';
import { declaredIn } from '../support/declare';
import type { Declared } from '../support/facts';
import { kubernetesOf } from '../support/kubernetes';
import { chartLabels, requireOwnLabels } from '../support/labels';
import { cpuQuantity, secondsOf, sizeQuantity } from '../support/quantity';
import { slug } from '../support/slug';
import { requireInteger, requireName, requireSeconds } from '../support/values';
import { requireProps } from '../support/props';
import { hardOf, requireQuota, services, withPeak, withProxies, type Quota } from './quota';

export type { Quota };

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

/** The most that one container may use. */
export interface LargestContainer {
  /** Memory. */
  readonly memory: Size;
  /** CPU. A container without a limit of its own gets this one for its limit. @default - any */
  readonly cpu?: Cpu;
}

/** Properties of {@link NamespaceChart}. */
export interface NamespaceChartProps {
  /** Name of the namespace. */
  readonly namespace: string;
  /** The application that it is for: label `app.kubernetes.io/part-of`. */
  readonly partOf: string;
  /** Further labels of the namespace and its objects, such as those of its owner and of a cost centre. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * The most that the environment may use.
   * @default - what its objects need in the middle of a roll-out with all jobs, a quarter more, rounded up to whole cores and gibibytes
   */
  readonly quota?: Quota;
  /** The most that one container may use: `max` of the LimitRange. @default - what the quota lets all of them use */
  readonly largestContainer?: LargestContainer;
  /** Ports of nodes that Services may open: `services.nodeports`. @default 0 */
  readonly nodePorts?: number;
  /** Load balancers that Services may have: `services.loadbalancers`. Each costs money. @default 0 */
  readonly loadBalancers?: number;
  /** Whether it goes after a while, for a preview: label `cdk8s-phoenix/preview`, and what {@link Temporary} says. @default - it stays */
  readonly temporary?: Temporary;
  /**
   * Who delivers it. Argo CD and Flux are told to keep it when it is gone from their files, because volumes and Secrets would go with it,
   * unless it is there for a while alone: annotations `argocd.argoproj.io/sync-options` and `kustomize.toolkit.fluxcd.io/prune`.
   * @default 'apply'
   */
  readonly delivery?: Delivery;
}

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
    super(scope, id, { labels: chartLabels(props.partOf, props.labels), disableResourceNameHashes: true });
    requireProps(this, props, 'NamespaceChartProps');
    const { namespace, partOf, quota, nodePorts = 0, loadBalancers = 0, temporary, labels = {} } = props;
    const { largestContainer, delivery = 'apply' } = props;
    requireName(this, namespace, 63, 'namespace');
    requireName(this, partOf, 63, 'partOf');
    requireOwnLabels(this, 'labels', labels);
    requireInteger(this, 'nodePorts', nodePorts, { minimum: 0, fix: 'count the ports of Services that nodes open' });
    requireInteger(this, 'loadBalancers', loadBalancers, { minimum: 0, fix: 'count the Services that have one' });
    if (quota) requireQuota(this, quota);
    if (temporary) requireTemporary(this, temporary);
    this.namespaceObject = new k8s.KubeNamespace(this, 'Namespace', {
      metadata: withLifetime({ name: namespace, labels: podSecurity(this), ...keptBy(delivery) }, temporary),
    });
    // Known once everything in it is.
    edit(ApiObject.of(this.namespaceObject), (manifest) => withLabels(manifest, declaredIn(this, namespace).namespaceLabels));
    this.limits = new k8s.KubeLimitRange(this, 'LimitRange', {
      metadata: { name: 'defaults', namespace },
      spec: limitsOf(largestContainer),
    });
    this.quota = new k8s.KubeResourceQuota(this, 'ResourceQuota', {
      metadata: { name: 'budget', namespace },
      spec: { hard: { ...(quota ? hardOf(quota) : {}), ...services(nodePorts, loadBalancers) } },
    });
    const object = ApiObject.of(this.quota);
    if (!quota) edit(object, (manifest) => withPeak(manifest, object));
    edit(object, (manifest) => withProxies(manifest, declaredIn(this, namespace).proxies));
  }
}

/**
 * The rules of the version that the App is applied to.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
function podSecurity(scope: Chart): Record<string, string> {
  const version = Lazy.any({ produce: () => `v${kubernetesOf(scope)}` }) as string;
  const modes = ['enforce', 'warn', 'audit'];
  return Object.fromEntries(
    modes.flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, 'restricted'],
      [`pod-security.kubernetes.io/${mode}-version`, version],
    ]),
  );
}

function requireTemporary(scope: Chart, temporary: Temporary): void {
  const fix = 'a pull request of a week is served by Duration.days(7)';
  requireSeconds(scope, 'temporary.ttl', temporary.ttl, { minimum: 3600, maximum: 90 * 86400, fix });
}

function keptBy(delivery: Delivery): Pick<k8s.ObjectMeta, 'annotations'> {
  const annotations = namespaceAnnotations(delivery);
  return Object.keys(annotations).length === 0 ? {} : { annotations };
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

function withLabels({ metadata, ...manifest }: Manifest, labels: Declared['namespaceLabels']): Manifest {
  return { ...manifest, metadata: { ...metadata, labels: { ...metadata.labels, ...Object.assign({}, ...labels) } } };
}

const quantity = (text: string | number): k8s.Quantity => k8s.Quantity.fromString(`${text}`);

/** For a pod that someone starts by hand: the quota refuses containers that say nothing. */
function limitsOf(largest: LargestContainer | undefined): k8s.LimitRangeSpec {
  const max = largest && {
    ...(largest.cpu ? { cpu: cpuQuantity(largest.cpu) } : {}),
    memory: sizeQuantity(largest.memory),
  };
  return {
    limits: [
      {
        type: 'Container',
        defaultRequest: { cpu: quantity('100m'), memory: quantity('128Mi'), 'ephemeral-storage': quantity('128Mi') },
        default: { memory: quantity('256Mi'), 'ephemeral-storage': quantity('256Mi') },
        ...(max ? { max } : {}),
      },
    ],
  };
}
