import { ApiObject, Chart, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import {
  AuthorizationPolicy,
  AuthorizationPolicySpecAction as Action,
  PeerAuthentication,
  PeerAuthenticationSpecMtlsMode as Mode,
  PeerAuthenticationSpecPortLevelMtlsMode as PortMode,
} from '../../../imports/security.istio.io';
import { Resources } from '../../pod/resources';
import { factsOf, type Traffic } from '../../support/facts';
import { meshSelector, selector } from '../../support/labels';
import { reject } from '../../support/reject';
import { mergedTraffic } from '../../support/traffic';
import { requireTypes, type PropTypes } from '../../support/types';
import {
  isAtLeast,
  requireHost,
  requireLabelValue,
  requireName,
  requireOneOf,
  type KubernetesVersion,
} from '../../support/values';
import { callersOf, meetings, type Callers } from './callers';
import { enrol, followApplication, isGuaranteed, mapOf, membersOf, objectsIn, type Member } from './members';
import { callEncrypted, declarePorts, headlessServices, type Headless } from './raw-tcp';

/** What a {@link ServiceMesh} is told. */
export interface ServiceMeshProps {
  /** Namespaces of the gateways that call the web pods. Gateways are in the mesh themselves. */
  readonly gateways: readonly string[];
  /** The oldest Kubernetes that the environment runs on, 1.29 or newer: older ones have no sidecar containers. */
  readonly kubernetes: KubernetesVersion;
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

const propTypes: PropTypes<ServiceMeshProps> = {
  ...{ gateways: ['array'], kubernetes: ['string'], sidecar: [Resources, undefined], distribution: ['string', undefined] },
  ...{ revision: ['string', undefined], controlPlane: ['string', undefined], trustDomain: ['string', undefined] },
  clusterDomain: ['string', undefined],
};

/** Port of the control plane: certificates and configuration. */
const CONTROL_PLANE = 15012;

/**
 * Takes all pods of a namespace into a mesh of Istio, 1.24 or newer, by sidecars: connections between them are encrypted, and
 * who is not named may not call. It changes the pod templates that are there when it is made: make it after all that makes
 * pods and before the fence, which opens the way to the control plane. Ambient mode is not supported. Pod Security
 * "restricted" holds where the cluster has Istio's CNI plugin; without it the namespace refuses every pod.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/cni/
 */
export class ServiceMesh extends Construct {
  /** Lets nothing in that is not encrypted. */
  readonly peerAuthentication: PeerAuthentication;
  /** Lets nobody in whom no other policy names. */
  readonly defaultDeny: AuthorizationPolicy;

  private readonly settings: ReturnType<typeof withDefaults>;

  constructor(scope: Construct, id: string, props: ServiceMeshProps) {
    super(scope, id);
    requireTypes(this, props, propTypes);
    this.settings = withDefaults(props);
    requireSettings(this, this.settings);
    const namespace = Chart.of(this).namespace ?? 'default';
    const objects = objectsIn(this.node.root, namespace);
    const members = new Map(membersOf(objects).map((member) => [member.controller, member]));
    const all = membersOf(objects);
    requireClass(this, this.settings.sidecar, all);

    for (const member of all) this.enrol(member);
    for (const object of objects) followApplication(object, all);
    this.declare(headlessServices(objects, all), namespace);
    this.peerAuthentication = new PeerAuthentication(this, 'Strict', {
      metadata: { name: 'default' },
      spec: { mtls: { mode: Mode.STRICT } },
    });
    this.defaultDeny = new AuthorizationPolicy(this, 'DefaultDeny', { metadata: { name: 'default-deny' }, spec: {} });
    this.admit(members, namespace);
    this.openGateways();
    this.reachControlPlane(members);
  }

  private enrol(member: Member): void {
    const { sidecar: resources, distribution, revision } = this.settings;
    const own = factsOf(this).traffic.filter(({ pods }) => pods === member.controller);
    const meeting = [...new Set(own.flatMap(meetings).flatMap(({ ports }) => ports))];
    enrol(member, { resources, revision, excluded: distribution === 'excluded' ? meeting : [] });
  }

  /** Encrypts what is sent to pods by their own addresses. */
  private declare(services: readonly Headless[], namespace: string): void {
    const { distribution, clusterDomain } = this.settings;
    const met = factsOf(this).traffic.flatMap(meetings);
    const meshes = new Map(met.map(({ mesh }) => [JSON.stringify(meshSelector(mesh)), mesh]));
    const meshOf = ({ manifest }: Headless) => meshes.get(JSON.stringify(mapOf(mapOf(manifest['spec'])['selector'])));
    const named = new Set(services.map(meshOf));
    const nameless = [...meshes.values()].find((mesh) => !named.has(mesh));
    if (distribution === 'mutual-tls' && nameless !== undefined) {
      const must = "be 'excluded' where no headless Service declares the ports of the nodes";
      const fix = "leave it out, or let the nodes of the cluster find each other by 'dns'";
      reject(this, { prop: 'distribution', must, got: distribution, fix });
    }
    for (const service of services) {
      const mesh = meshOf(service);
      if (mesh !== undefined && distribution === 'excluded') continue;
      declarePorts(service, [...new Set(met.filter((one) => one.mesh === mesh).flatMap(({ ports }) => ports))]);
      callEncrypted(this, service, `${namespace}.svc.${clusterDomain}`);
    }
  }

  /** Lets in the same that the fence does, by who they are. */
  private admit(members: ReadonlyMap<string, Member>, namespace: string): void {
    const { gateways, distribution } = this.settings;
    const facts = factsOf(this);
    const settings = { gateways, isMember: (name: string) => members.has(name), distribution: distribution === 'mutual-tls' };
    const traffic = mergedTraffic(facts.traffic);
    for (const one of traffic.filter(({ pods }) => members.has(pods))) {
      const callers = callersOf(one, { traffic, visitors: facts.visitors }, settings);
      if (callers.length > 0) this.allow(one, callers, members, namespace);
      const plain = [...new Set(callers.filter(({ plain: clear }) => clear).flatMap(({ ports }) => ports))];
      if (plain.length > 0) this.allowPlain(one, plain);
    }
  }

  private allow(
    { pods, labels }: Traffic,
    callers: readonly Callers[],
    members: ReadonlyMap<string, Member>,
    namespace: string,
  ): void {
    const { trustDomain } = this.settings;
    const principal = (name: string) => `${trustDomain}/ns/${namespace}/sa/${members.get(name)?.serviceAccount}`;
    const rules = callers.map(({ ports, namespaces, controllers, plain }) => {
      const from = [
        ...(namespaces?.length ? [{ source: { namespaces: [...namespaces] } }] : []),
        ...(controllers?.length ? [{ source: { principals: [...new Set(controllers.map(principal))] } }] : []),
        // Who has no certificate at all; a wrong one does not help.
        ...(plain && (namespaces ?? controllers) ? [{ source: { notPrincipals: ['*'] } }] : []),
      ];
      return { ...(from.length > 0 ? { from } : {}), to: [{ operation: { ports: ports.map(String) } }] };
    });
    const spec = { selector: { matchLabels: selector(pods) }, action: Action.ALLOW, rules };
    new AuthorizationPolicy(this, `Callers-${pods}`, { metadata: { name: pods, labels: { ...labels } }, spec });
  }

  /** Who is in no mesh has no certificate. Members go on to encrypt. */
  private allowPlain({ pods, labels }: Traffic, ports: readonly number[]): void {
    const portLevelMtls = Object.fromEntries(ports.map((port) => [port, { mode: PortMode.PERMISSIVE }]));
    const spec = { selector: { matchLabels: selector(pods) }, mtls: { mode: Mode.STRICT }, portLevelMtls };
    new PeerAuthentication(this, `Plain-${pods}`, { metadata: { name: pods, labels: { ...labels } }, spec });
  }

  /** Istio's proxies of a Gateway here are under the policies of the namespace, and everyone is their client. */
  private openGateways(): void {
    for (const { gateway } of factsOf(this).proxies.filter(({ meshed }) => meshed)) {
      const targetRefs = [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: gateway }];
      new ApiObject(this, `Gateway-${gateway}`, {
        ...AuthorizationPolicy.GVK,
        metadata: { name: `${gateway}-gateway` },
        spec: { targetRefs, action: Action.ALLOW, rules: [{}] },
      });
    }
  }

  private reachControlPlane(members: ReadonlyMap<string, Member>): void {
    const { traffic } = factsOf(this);
    const opening = { port: CONTROL_PLANE, peer: { namespace: this.settings.controlPlane } };
    for (const [index, one] of traffic.entries()) {
      if (members.has(one.pods)) traffic[index] = { ...one, sends: [...one.sends, opening] };
    }
  }
}

function withDefaults(props: ServiceMeshProps) {
  const { gateways, kubernetes, distribution = 'excluded', revision, controlPlane = 'istio-system' } = props;
  const { sidecar = Resources.guaranteed({ cpu: Cpu.millis(250), memory: Size.mebibytes(256) }) } = props;
  const { trustDomain = 'cluster.local', clusterDomain = 'cluster.local' } = props;
  return { gateways, kubernetes, sidecar, distribution, revision, controlPlane, trustDomain, clusterDomain };
}

function requireSettings(scope: Construct, settings: ReturnType<typeof withDefaults>): void {
  const { gateways, kubernetes, sidecar, distribution, revision, controlPlane, trustDomain, clusterDomain } = settings;
  if (!isAtLeast(kubernetes, '1.29')) {
    const must = 'be 1.29 or newer: before it a sidecar keeps Jobs from ending and init containers from the network';
    reject(scope, { prop: 'kubernetes', must, got: kubernetes, fix: 'update the cluster first, or leave the mesh out' });
  }
  if (gateways.length === 0) {
    const fix = "write it as ['istio-ingress']";
    reject(scope, { prop: 'gateways', must: 'name the namespace of a gateway', got: gateways, fix });
  }
  for (const namespace of gateways) requireName(scope, namespace, 63, 'gateways');
  sidecar.require(scope);
  requireOneOf(scope, 'distribution', distribution, ['excluded', 'mutual-tls']);
  if (revision !== undefined) requireLabelValue(scope, 'revision', revision);
  requireName(scope, controlPlane, 63, 'controlPlane');
  requireHost(scope, trustDomain, 'trustDomain');
  requireHost(scope, clusterDomain, 'clusterDomain');
}

function requireClass(scope: Construct, sidecar: Resources, members: readonly Member[]): void {
  const guaranteed = members.filter(isGuaranteed).map(({ controller }) => controller);
  if (sidecar.qosClass === 'Guaranteed' || guaranteed.length === 0) return;
  const must = `be guaranteed like the pods of ${guaranteed.join(', ')}, which a node evicts last`;
  reject(scope, { prop: 'sidecar', must, got: 'burstable', fix: 'use Resources.guaranteed, or make the pods burstable' });
}
