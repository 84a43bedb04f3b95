import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { meshSelector, selector } from '../support/labels';
import { factsOf, type Facts, type Opening, type Peer, type Traffic, type Visitor } from '../support/facts';
import { reject } from '../support/reject';
import { requireOneProp, requireTypes } from '../support/types';
import { requireCidr, requireInteger, requireName, requireOneOf } from '../support/values';
import { openingsTo } from './reached-hosts';

/** What a {@link NetworkFence} is told. */
export interface NetworkFenceProps {
  /** Who may connect to the pods that serve: the namespaces of Ingress or Gateway controllers, or everyone. */
  readonly clients: 'everyone' | readonly Peer[];
  /** Who answers DNS. @default - the namespace kube-system, and the address of NodeLocal DNSCache, 169.254.20.10 */
  readonly dns?: readonly Peer[];
  /** Who collects metrics, from the pods that have a port for them: the namespace of Prometheus. @default [] */
  readonly monitoring?: readonly Peer[];
  /**
   * What the application reaches beside its database: mail, payment, object storage. Policies know addresses and
   * ports, no host names. @default []
   */
  readonly egress?: readonly Opening[];
}

const DNS: readonly Peer[] = [{ namespace: 'kube-system' }, { cidr: '169.254.20.10/32' }];

/**
 * Closes the namespace and opens exactly the connections that the constructs of the environment declared, at both
 * ends. Make it last: what comes after it stays closed. A cluster whose network plugin knows no policies ignores it.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export class NetworkFence extends Construct {
  /** Refuses whatever no other policy allows. */
  readonly defaultDeny: k8s.KubeNetworkPolicy;
  /** What the pods of each controller may do, by the controller's name. */
  readonly policies: Readonly<Record<string, k8s.KubeNetworkPolicy>>;

  constructor(scope: Construct, id: string, props: NetworkFenceProps) {
    super(scope, id);
    requireTypes(this, props, {
      clients: ['string', 'array'],
      dns: ['array', undefined],
      egress: ['array', undefined],
      monitoring: ['array', undefined],
    });
    const { clients, dns = DNS, egress = [], monitoring = [] } = props;
    requireOpenings(this, 'egress', egress);
    requirePeers(this, 'dns', dns);
    requirePeers(this, 'monitoring', monitoring);
    if (typeof clients !== 'string') requirePeers(this, 'clients', clients);
    else if (clients !== 'everyone') {
      const fix = "write it as [{ namespace: 'gateway' }]";
      reject(this, { prop: 'clients', must: "be 'everyone' or a list of peers", got: clients, fix });
    }
    this.defaultDeny = new k8s.KubeNetworkPolicy(this, 'DefaultDeny', {
      metadata: { name: 'default-deny' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    // Two controllers of one name are a fault that a rule reports; here the last one counts.
    const named = new Map(factsOf(this).traffic.map((one) => [one.pods, one]));
    const traffic = [...named.values()].map((one) => ({ ...one, sends: [...one.sends, ...openingsTo(this, one.reaches ?? [])] }));
    const { visitors } = factsOf(this);
    for (const { pods } of traffic.filter(({ monitored }) => monitored === true && monitoring.length === 0)) {
      const must = `name who collects the metrics of ${pods}`;
      reject(this, { prop: 'monitoring', must, got: monitoring, fix: "write it as [{ namespace: 'monitoring' }]" });
    }
    this.policies = Object.fromEntries(
      traffic.map((one) => {
        const spec = fence(one, { traffic, visitors }, { clients, dns, egress, monitoring });
        const metadata = { name: one.pods, labels: { ...one.labels } };
        return [one.pods, new k8s.KubeNetworkPolicy(this, one.pods, { metadata, spec })];
      }),
    );
  }
}

type Declared = Pick<Facts, 'traffic' | 'visitors'>;

function fence(one: Traffic, { traffic, visitors }: Declared, props: Required<NetworkFenceProps>): k8s.NetworkPolicySpec {
  const { clients, dns, egress, monitoring } = props;
  const rulesIn = [
    ...served(one, clients),
    ...watched(one, monitoring),
    ...received(one, traffic),
    ...met(one),
    ...visited(one, visitors),
  ];
  // Who is a client may be a visitor too.
  const ingress = [...new Map(rulesIn.map((rule) => [JSON.stringify(rule), rule])).values()];
  const out = [...one.sends, ...(one.reachesOut ? egress : [])];
  // Who opens no connection asks for no name.
  const names = out.length > 0 || one.reachesOut ? [dnsRule(dns)] : [];
  const rules = [...names, ...out.map((opening) => ({ ...to(opening), ports: [port(opening)] }))];
  return {
    podSelector: { matchLabels: selector(one.pods) },
    policyTypes: ['Ingress', 'Egress'],
    ...(ingress.length > 0 ? { ingress } : {}),
    ...(rules.length > 0 ? { egress: rules } : {}),
  };
}

function served({ serves }: Traffic, clients: NetworkFenceProps['clients']): k8s.NetworkPolicyIngressRule[] {
  if (serves === undefined) return [];
  const from = typeof clients === 'string' ? {} : { from: clients.map(peerOf) };
  return [{ ...from, ports: serves.map((one) => port({ port: one })) }];
}

function watched({ metrics }: Traffic, monitoring: readonly Peer[]): k8s.NetworkPolicyIngressRule[] {
  if (metrics === undefined || monitoring.length === 0) return [];
  return [{ from: monitoring.map(peerOf), ports: [metrics].flat().map((one) => port({ port: one })) }];
}

/** The other ends of what everyone sends here, one rule a port. */
function received({ pods }: Traffic, all: readonly Traffic[]): k8s.NetworkPolicyIngressRule[] {
  const rules = new Map<string, { opening: Opening; senders: Set<string> }>();
  for (const { pods: sender, sends } of all) {
    for (const opening of sends.filter(({ peer }) => peer && 'pods' in peer && peer.pods === pods)) {
      const key = JSON.stringify(port(opening));
      const rule = rules.get(key) ?? { opening, senders: new Set() };
      rules.set(key, { ...rule, senders: rule.senders.add(sender) });
    }
  }
  return [...rules.values()].map(({ opening, senders }) => ({
    from: [...senders].map((sender) => peerOf({ pods: sender })),
    ports: [port(opening)],
  }));
}

/** Who comes from outside of the environment, other than clients. */
function visited({ pods }: Traffic, visitors: readonly Visitor[]): k8s.NetworkPolicyIngressRule[] {
  return visitors
    .filter((visitor) => visitor.pods === pods)
    .map(({ peer, ...opening }) => ({ from: [peerOf(peer)], ports: [port(opening)] }));
}

/** What the other nodes of the mesh open to this one is what it opens to them. */
function met({ sends }: Traffic): k8s.NetworkPolicyIngressRule[] {
  const openings = sends.filter(({ peer }) => peer && 'mesh' in peer);
  return openings.map((opening) => ({ from: opening.peer ? [peerOf(opening.peer)] : [], ports: [port(opening)] }));
}

function dnsRule(dns: readonly Peer[]): k8s.NetworkPolicyEgressRule {
  // Answers that do not fit into a packet come by TCP.
  return { to: dns.map(peerOf), ports: [port({ port: 53, protocol: 'UDP' }), port({ port: 53 })] };
}

function to({ peer }: Opening): k8s.NetworkPolicyEgressRule {
  return peer ? { to: [peerOf(peer)] } : {};
}

function port({ port: first, endPort, protocol = 'TCP' }: Opening): k8s.NetworkPolicyPort {
  return { port: k8s.IntOrString.fromNumber(first), protocol, ...(endPort === undefined ? {} : { endPort }) };
}

function peerOf(peer: Peer): k8s.NetworkPolicyPeer {
  if ('cidr' in peer) return { ipBlock: { cidr: peer.cidr } };
  if ('pods' in peer) return { podSelector: { matchLabels: selector(peer.pods) } };
  if ('mesh' in peer) return { podSelector: { matchLabels: meshSelector(peer.mesh) } };
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } } };
}

function requireOpenings(scope: Construct, prop: string, openings: readonly Opening[]): void {
  for (const opening of openings) {
    const types = {
      port: ['number'],
      endPort: ['number', undefined],
      protocol: ['string', undefined],
      peer: ['object', undefined],
    } as const;
    requireTypes(scope, opening, types, `${prop}.`);
    const { port: first, endPort = first, protocol = 'TCP', peer } = opening;
    requireOneOf(scope, `${prop}.protocol`, protocol, ['TCP', 'UDP']);
    requireInteger(scope, `${prop}.port`, first, {
      minimum: 1,
      maximum: 65535,
      fix: 'write the port of the service, such as 443',
    });
    requireInteger(scope, `${prop}.endPort`, endPort, { minimum: first, maximum: 65535, fix: "make it 'port' or more" });
    if (peer) requirePeers(scope, `${prop}.peer`, [peer]);
  }
}

function requirePeers(scope: Construct, prop: string, peers: readonly Peer[]): void {
  for (const peer of peers) {
    const fix = "policies know no host names: write the addresses, { cidr: '203.0.113.7/32' }";
    requireOneProp(scope, prop, peer, ['pods', 'mesh', 'namespace', 'cidr'], fix, 'string');
    if ('cidr' in peer) requireCidr(scope, `${prop}.cidr`, peer.cidr);
    else requireName(scope, 'pods' in peer ? peer.pods : 'mesh' in peer ? peer.mesh : peer.namespace, 63, prop);
  }
}
