import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { Resources } from '../../pod/resources';
import type { Connections } from '../../constructs/connections';
import { reject, type Refusal } from '../../support/reject';
import { requireHost, requireLabelValue, requireName } from '../../support/values';
import { isAtLeast, type KubernetesVersion } from '../../support/kubernetes-versions';
import { isGuaranteed, type Member } from './members';

/** Properties of `ServiceMesh`. */
export interface ServiceMeshProps {
  /** Namespaces of the gateways that call the web pods. Gateways are in the mesh themselves. */
  readonly gateways: readonly string[];
  /**
   * What each sidecar may use; guaranteed where pods are, which would not be any more. The quota counts it for every pod.
   * @default Resources.guaranteed({ cpu: Cpu.millis(250), memory: Size.mebibytes(256) })
   */
  readonly sidecar?: Resources;
  /**
   * How nodes of a cluster meet. `excluded`: past the sidecars, so that no restart of a proxy tears the cluster, and in clear
   * text unless the cluster has TLS of its own. `mutual-tls`: through them; nodes must find each other by DNS. @default 'excluded'
   */
  readonly distribution?: 'excluded' | 'mutual-tls';
  /** Revision of the control plane, where it has one: label `istio.io/rev`. @default - its default */
  readonly revision?: string;
  /** Namespace of the control plane, which every sidecar calls. @default 'istio-system' */
  readonly controlPlane?: string;
  /** Domain of the identities that the mesh gives. @default 'cluster.local' */
  readonly trustDomain?: string;
  /** Domain of the cluster's names. @default 'cluster.local' */
  readonly clusterDomain?: string;
}

/** Properties of a mesh, with their defaults. */
export type MeshSettings = ReturnType<typeof withDefaults>;

/** Fills in what a mesh was not told. */
export function withDefaults(props: ServiceMeshProps) {
  const { gateways, distribution = 'excluded', revision, controlPlane = 'istio-system' } = props;
  const { sidecar = Resources.guaranteed({ cpu: Cpu.millis(250), memory: Size.mebibytes(256) }) } = props;
  const { trustDomain = 'cluster.local', clusterDomain = 'cluster.local' } = props;
  return { gateways, sidecar, distribution, revision, controlPlane, trustDomain, clusterDomain };
}

/** Refuses settings that no mesh can have. */
export function requireSettings(scope: Construct, settings: MeshSettings): void {
  const { gateways, sidecar, revision, controlPlane, trustDomain, clusterDomain } = settings;
  if (gateways.length === 0) {
    const fix = "write it as ['istio-ingress']";
    reject(scope, { prop: 'gateways', must: 'name the namespace of a gateway', got: gateways, fix });
  }
  for (const namespace of gateways) requireName(scope, namespace, 63, 'gateways');
  sidecar.require(scope);
  if (revision !== undefined) requireLabelValue(scope, 'revision', revision);
  requireName(scope, controlPlane, 63, 'controlPlane');
  requireHost(scope, trustDomain, 'trustDomain');
  requireHost(scope, clusterDomain, 'clusterDomain');
}

/** What is wrong with a Kubernetes that has no sidecar containers. */
export function tooOld(kubernetes: KubernetesVersion): Refusal[] {
  if (isAtLeast(kubernetes, '1.29')) return [];
  const must = 'be 1.29 or newer: before it a sidecar keeps Jobs from ending and init containers from the network';
  const fix =
    "say Checks.of(app).kubernetes = '1.30', or 'kubernetes' of the environment, once the cluster is; or leave the mesh out";
  return [{ prop: 'kubernetes', must, got: kubernetes, fix }];
}

/** What is wrong with gateways that a fence keeps out where it names its clients. An empty list says that another policy lets them in. */
export function keptOut(gateways: readonly string[], { fence, visitors }: Connections): Refusal[] {
  const { clients = 'everyone' } = fence ?? {};
  if (clients === 'everyone' || clients.length === 0) return [];
  const peers = [...clients, ...visitors.map(({ peer }) => peer)];
  const comeIn = peers.some((peer) => 'cidr' in peer || ('namespace' in peer && gateways.includes(peer.namespace)));
  if (comeIn) return [];
  const must = 'name a namespace among the clients of the NetworkFence, which keeps the others out';
  const fix = `write clients: [{ namespace: '${gateways[0]}' }], or the namespace of the gateways here`;
  return [{ prop: 'gateways', must, got: gateways, fix }];
}

/** What is wrong with sidecars that take the class from pods that are guaranteed. */
export function classTaken(sidecar: Resources, members: readonly Member[]): Refusal[] {
  const guaranteed = members.filter(isGuaranteed).map(({ controller }) => controller);
  if (sidecar.qosClass === 'Guaranteed' || guaranteed.length === 0) return [];
  const must = `be guaranteed like the pods of ${guaranteed.join(', ')}, which a node evicts last`;
  return [{ prop: 'sidecar', must, got: 'burstable', fix: 'use Resources.guaranteed, or make the pods burstable' }];
}
