import { ApiObject, Chart, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AuthorizationPolicy,
  type AuthorizationPolicySpec,
  type AuthorizationPolicySpecRules,
  AuthorizationPolicySpecAction as Action,
  PeerAuthentication,
  type PeerAuthenticationSpec,
  PeerAuthenticationSpecMtlsMode as Mode,
  PeerAuthenticationSpecPortLevelMtlsMode as PortMode,
} from '../../../imports/security.istio.io';
import { Resources } from '../../pod/resources';
import { factsOf, type Fenced, type Traffic } from '../../support/facts';
import { meshSelector, selector } from '../../support/labels';
import { reject, sentence } from '../../support/reject';
import { mergedTraffic } from '../../support/traffic';
import { requireTypes, type PropTypes } from '../../support/types';
import type { KubernetesVersion } from '../../support/values';
import { callersOf, callInClearText, meetings, type Callers } from './callers';
import { enrol, followApplication, mapOf, membersOf, objectsIn, type Member } from './members';
import { requireClass, requireSettings, requireWayIn, withDefaults, type MeshSettings } from './mesh-settings';
import { callEncrypted, declarePorts, headlessServices, type Headless } from './raw-tcp';

/** Properties of {@link ServiceMesh}. */
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

  private readonly settings: MeshSettings;
  private readonly callers = new Map<string, readonly Callers[]>();

  constructor(scope: Construct, id: string, props: ServiceMeshProps) {
    super(scope, id);
    requireTypes(this, props, propTypes);
    this.settings = withDefaults(props);
    requireSettings(this, this.settings);
    const namespace = Chart.of(this).namespace ?? 'default';
    const objects = objectsIn(this.node.root, namespace);
    const all = membersOf(objects);
    const members = new Map(all.map((member) => [member.controller, member]));
    requireClass(this, this.settings.sidecar, all);

    for (const member of all) this.enrol(member);
    for (const object of objects) followApplication(object, all);
    this.declare(headlessServices(objects, all), namespace);
    this.peerAuthentication = new PeerAuthentication(this, 'Strict', {
      metadata: { name: 'default' },
      spec: { mtls: { mode: Mode.STRICT } },
    });
    this.defaultDeny = new AuthorizationPolicy(this, 'DefaultDeny', { metadata: { name: 'default-deny' }, spec: {} });
    this.admit(members);
    this.openGateways();
    if (this.isInOrder(members, all)) this.reachControlPlane(members);
  }

  /** A fence that is there opens no way to the control plane any more, and pods that come later have no sidecar. */
  private isInOrder(members: ReadonlyMap<string, Member>, enrolled: readonly Member[]): boolean {
    const { fenced, followers } = factsOf(this);
    if (fenced.length > 0) {
      const fix = 'make the mesh first: the fence opens its way to the control plane';
      reject(this, { prop: 'ServiceMesh', must: 'be made before the NetworkFence', got: 'a fence that is there', fix });
    }
    followers.push((fence) => {
      requireWayIn(this, this.settings.gateways, fence, factsOf(this).visitors);
      this.admit(members, fence);
    });
    const known = new Set(enrolled.map(({ object }) => object));
    this.node.addValidation({
      validate: () =>
        membersOf(objectsIn(this.node.root, Chart.of(this).namespace ?? 'default'))
          .filter(({ object, labels }) => !known.has(object) && labels['sidecar.istio.io/inject'] === undefined)
          .map(({ object: { kind, name } }) => {
            const must = 'be made after all that makes pods: it gives them their sidecars';
            const fix = 'make it later, or say in the label sidecar.istio.io/inject of these pods whether they have one';
            return sentence({ prop: 'ServiceMesh', must, got: `${kind} ${name} behind it`, fix });
          }),
    });
    return fenced.length === 0;
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

  /** Lets in the same that the fence does, by who they are; once more when a fence says who that is. */
  private admit(members: ReadonlyMap<string, Member>, fenced?: Fenced): void {
    const { gateways, distribution } = this.settings;
    const { traffic: declared, visitors } = factsOf(this);
    const settings = { gateways, isMember: (name: string) => members.has(name), distribution: distribution === 'mutual-tls' };
    const connections = { ...fenced, traffic: fenced?.traffic ?? mergedTraffic(declared), visitors };
    for (const one of connections.traffic.filter(({ pods }) => members.has(pods))) {
      const callers = callersOf(one, connections, settings);
      this.callers.set(one.pods, callers);
      this.keep(`Callers-${one.pods}`, callers.length > 0, (id) => this.allow(id, one, members));
      this.keep(`Plain-${one.pods}`, callers.some(callInClearText), (id) => this.allowPlain(id, one));
    }
  }

  /** Makes an object where it is needed and not there; what the user changed in one that is there stays. */
  private keep(id: string, needed: boolean, make: (id: string) => void): void {
    const there = this.node.tryFindChild(id) !== undefined;
    if (needed && !there) make(id);
    if (!needed && there) this.node.tryRemoveChild(id);
  }

  private allow(id: string, { pods, labels }: Traffic, members: ReadonlyMap<string, Member>): void {
    const namespace = Chart.of(this).namespace ?? 'default';
    const principal = (name: string) => `${this.settings.trustDomain}/ns/${namespace}/sa/${members.get(name)?.serviceAccount}`;
    const produce = () => ({
      selector: { matchLabels: selector(pods) },
      action: Action.ALLOW,
      rules: this.callers.get(pods)?.map((callers) => ruleFor(callers, principal)),
    });
    const spec = Lazy.any({ produce }) as AuthorizationPolicySpec;
    new AuthorizationPolicy(this, id, { metadata: { name: pods, labels: { ...labels } }, spec });
  }

  /** Who is in no mesh has no certificate. Members go on to encrypt. */
  private allowPlain(id: string, { pods, labels }: Traffic): void {
    const produce = () => {
      const ports = this.callers
        .get(pods)
        ?.filter(callInClearText)
        .flatMap((callers) => callers.ports);
      const portLevelMtls = Object.fromEntries((ports ?? []).map((port) => [port, { mode: PortMode.PERMISSIVE }]));
      return { selector: { matchLabels: selector(pods) }, mtls: { mode: Mode.STRICT }, portLevelMtls };
    };
    const spec = Lazy.any({ produce }) as PeerAuthenticationSpec;
    new PeerAuthentication(this, id, { metadata: { name: pods, labels: { ...labels } }, spec });
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

/** A rule of Istio for some callers; the principal of a controller is its ServiceAccount. */
function ruleFor(callers: Callers, principal: (controller: string) => string): AuthorizationPolicySpecRules {
  const { ports, namespaces = [], controllers = [], cidrs = [], plain = false, everyone = false } = callers;
  const from = [
    ...(namespaces.length > 0 ? [{ source: { namespaces: [...namespaces] } }] : []),
    ...(controllers.length > 0 ? [{ source: { principals: [...new Set(controllers.map(principal))] } }] : []),
    ...(cidrs.length > 0 ? [{ source: { ipBlocks: [...cidrs] } }] : []),
    // Who has no certificate at all; a wrong one does not help.
    ...(plain ? [{ source: { notPrincipals: ['*'] } }] : []),
  ];
  return { ...(everyone ? {} : { from }), to: [{ operation: { ports: ports.map(String) } }] };
}
