import { ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { clusterDns } from '../support/cluster-dns';
import { readable, type Manifest } from '../support/edit';
import { declare, declaredIn } from '../support/declare';
import type { DnsPeer, FenceSettings, Opening, Peer, Traffic } from '../support/network';
import { nearest } from '../support/nearest';
import { OptOut } from '../support/opt-out';
import { requireOpenings, requirePeers } from '../support/peers';
import { requireProps } from '../support/props';
import { reject, rejectLate, type Refusal } from '../support/reject';
import { requireInteger, requireReason } from '../support/values';
import { onceWhole } from '../support/whole';
import { connectionsIn } from './connections';
import { podsIn, policyOf } from './fence-rules';

/** Properties of {@link NetworkFence}. */
export interface NetworkFenceProps {
  /**
   * Who may connect to the pods that serve: the namespaces of Ingress or Gateway controllers, or everyone. An empty list lets
   * nobody in: another policy does, or who comes is declared elsewhere, as by a load balancer.
   */
  readonly clients: 'everyone' | readonly Peer[];
  /**
   * Who answers DNS, and on which port of its own pods. An empty list opens no way to it: another policy does.
   * @default clusterDns.kubernetes
   */
  readonly dns?: readonly DnsPeer[];
  /**
   * Who collects metrics, from the pods that have a port for them: the namespace of Prometheus. Where pods have such a port
   * and nobody comes for it, an `OptOut` says why. @default [] no pod has one
   */
  readonly monitoring?: readonly Peer[] | OptOut;
  /**
   * What the application reaches beside its database: mail, payment, object storage. Policies know addresses and
   * ports, no host names. Pods of the environment, by the name of their controller, let it in. @default []
   */
  readonly egress?: readonly Opening[];
}

/**
 * Closes the namespace and opens exactly the connections that the constructs of the environment declare, at both ends: those
 * made before it as those made later. A cluster whose network plugin knows no policies ignores it.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export class NetworkFence extends Construct {
  /** Refuses whatever no other policy allows. */
  readonly defaultDeny: k8s.KubeNetworkPolicy;

  private readonly settings: FenceSettings;
  private readonly watchers: readonly Peer[] | OptOut;
  private readonly made = new Map<string, k8s.KubeNetworkPolicy>();
  private found: readonly Refusal[] = [];
  private specs: ReadonlyMap<string, k8s.NetworkPolicySpec> = new Map();

  constructor(scope: Construct, id: string, props: NetworkFenceProps) {
    super(scope, id);
    requireProps(this, props, 'NetworkFenceProps');
    const { clients, dns = clusterDns.kubernetes, egress = [], monitoring: watchers = [] } = props;
    const monitoring = watchers instanceof OptOut ? [] : watchers;
    this.settings = { clients, dns, egress, monitoring };
    requireSettings(this, this.settings);
    if (watchers instanceof OptOut) requireReason(this, 'monitoring', watchers);
    this.watchers = watchers;
    rejectLate(this, () => this.found);
    this.defaultDeny = new k8s.KubeNetworkPolicy(this, 'DefaultDeny', {
      metadata: { name: 'default-deny' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    declare(this, { fences: [this.settings], dns: props.dns ?? [] });
    onceWhole(this, () => this.complete());
  }

  /** What the pods of each controller may do, by the controller's name: of those that are there now. */
  get policies(): Readonly<Record<string, k8s.KubeNetworkPolicy>> {
    this.complete();
    return Object.fromEntries(this.made);
  }

  /** A policy for each controller of which a connection is declared by now; what somebody changed in one that is there stays. */
  private complete(): void {
    const connections = connectionsIn(this, this.settings);
    this.found = watched(connections.traffic, this.watchers);
    this.specs = new Map(connections.traffic.map((one) => [one.pods, policyOf(one, connections, this.settings)]));
    for (const { pods, labels } of connections.traffic) {
      const policy = this.made.get(pods) ?? this.policy(pods);
      for (const [label, value] of Object.entries(labels)) policy.metadata.addLabel(label, value);
    }
  }

  private policy(pods: string): k8s.KubeNetworkPolicy {
    const spec = Lazy.any({ produce: () => this.specs.get(pods) }) as k8s.NetworkPolicySpec;
    const policy = new k8s.KubeNetworkPolicy(this, pods, { metadata: { name: pods }, spec });
    this.made.set(pods, policy);
    return policy;
  }
}

/** What is wrong with ports for metrics that nobody may ask, and with those who would come where there is no such port. */
function watched(traffic: readonly Traffic[], monitoring: readonly Peer[] | OptOut): Refusal[] {
  const measured = traffic.filter(({ metrics = [] }) => [metrics].flat().length > 0);
  const left = monitoring instanceof OptOut;
  const named = !left && monitoring.length > 0;
  // Somebody was told already to collect the metrics of those that are monitored.
  const unseen = named ? [] : measured.filter(({ monitored }) => !left || monitored === true).map(({ pods }) => pods);
  if (unseen.length > 0) {
    const must = `name who collects the metrics of ${unseen.join(' and ')}`;
    const fix = "write it as [{ namespace: 'monitoring' }], or say why nobody does: OptOut.because('...')";
    const monitored = "write it as [{ namespace: 'monitoring' }], or leave the monitoring of the database out";
    return [{ prop: 'monitoring', must, got: left ? 'left out' : monitoring, fix: left ? monitored : fix }];
  }
  if (!named || measured.length > 0) return [];
  const fix = "say which port the application's metrics have, metrics: { port } of the application, or take it out";
  return [{ prop: 'monitoring', must: 'be left out where no pod has a port for metrics', got: monitoring, fix }];
}

function requireSettings(scope: Construct, { clients, dns, egress, monitoring }: FenceSettings): void {
  const named = typeof clients === 'string' ? [] : clients;
  requireOpenings(scope, 'egress', egress);
  requireDns(scope, dns);
  requirePeers(scope, 'monitoring', monitoring);
  requirePeers(scope, 'clients', named);
  if (typeof clients === 'string' && clients !== 'everyone') {
    const fix = "write it as [{ namespace: 'gateway' }]";
    reject(scope, { prop: 'clients', must: "be 'everyone' or a list of peers", got: clients, fix });
  }
  const reached = egress.flatMap(({ peer }) => peer ?? []);
  requireControllers(scope, { clients: named, dns, 'egress.peer': reached, monitoring });
}

/** Refuses peers that no pods of the App are, which is known once it is whole. */
export function requireControllers(fence: Construct, named: Readonly<Record<string, readonly Peer[]>>): void {
  const find = () => {
    const known = new Set([...declaredIn(fence).traffic.map(({ pods }) => pods), ...controllersIn(fence)]);
    return Object.entries(named).flatMap(([prop, peers]) =>
      [...new Set(peers.flatMap(podsIn))].filter((pods) => !known.has(pods)).map((pods) => stranger(`${prop}.pods`, pods, known)),
    );
  };
  if (Object.values(named).some((peers) => peers.flatMap(podsIn).length > 0)) rejectLate(fence, find);
}

function stranger(prop: string, got: string, known: ReadonlySet<string>): Refusal {
  const near = nearest(got, known);
  const fix = near === undefined ? `write one of ${[...known].sort().join(', ') || '(none)'}` : `write "${near}"`;
  return { prop, must: 'name a controller of the environment', got, fix };
}

/** The names by which policies find pods, also those of objects made by hand. */
function controllersIn(fence: Construct): string[] {
  return objectsOf(fence).flatMap(instances);
}

function objectsOf({ node: { root } }: Construct): ApiObject[] {
  return root.node.findAll().filter((one): one is ApiObject => ApiObject.isApiObject(one));
}

function instances(object: ApiObject): string[] {
  const { spec } = readable(object);
  const template = (spec?.template ?? spec?.jobTemplate?.spec?.template) as Manifest | undefined;
  const name: unknown = template?.['metadata']?.labels?.['app.kubernetes.io/instance'];
  return typeof name === 'string' ? [name] : [];
}

function requireDns(scope: Construct, dns: readonly DnsPeer[]): void {
  const peers = dns.map((peer): Peer => {
    const { port = 53, ...others } = peer;
    const usual = clusterDns.openshift.find(({ namespace }) => 'namespace' in peer && peer.namespace === namespace);
    if (usual && port === 53) {
      const must = `be ${usual.port}, on which the pods in ${usual.namespace} listen: 53 is the port of their Service, which no policy sees`;
      reject(scope, { prop: 'dns.port', must, got: peer.port, fix: 'write dns: clusterDns.openshift' });
    }
    requireInteger(scope, 'dns.port', port, { minimum: 1, maximum: 65535, fix: 'omit it to use 53' });
    return others;
  });
  requirePeers(scope, 'dns', peers);
}
