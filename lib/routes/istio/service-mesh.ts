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
import { connectionsIn, type Connections } from '../../constructs/connections';
import { declare, declaredIn } from '../../support/declare';
import type { Traffic } from '../../support/network';
import { edit, type Manifest } from '../../support/edit';
import { map } from '../../support/is-map';
import { kubernetesOf } from '../../support/kubernetes';
import { meshSelector, selector } from '../../support/labels';
import { rejectLate, type Refusal } from '../../support/reject';
import { requireProps } from '../../support/props';
import { onceWhole } from '../../support/whole';
import { callersOf, callInClearText, meetings, type Callers } from './callers';
import { followingApplication, membersOf, objectsIn, scaledContainer, withSidecar, type Member } from './members';
import {
  classTaken,
  keptOut,
  requireSettings,
  tooOld,
  withDefaults,
  type MeshSettings,
  type ServiceMeshProps,
} from './mesh-settings';
import { callEncrypted, declaringPorts, headlessServices, type Headless } from './raw-tcp';

export type { ServiceMeshProps };

/** Port of the control plane: certificates and configuration. */
const CONTROL_PLANE = 15012;

/**
 * Takes all pods of a namespace into a mesh of Istio, 1.24 or newer, by sidecars: connections between them are encrypted, and
 * who is not named may not call. It does so with all that makes pods, whether made before it or later; those that say by the
 * label `sidecar.istio.io/inject: 'false'` that they have none stay out. Needs Kubernetes 1.29. Ambient mode is not supported. Pod Security
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
  private readonly namespace: string;
  private readonly changed = new Map<ApiObject, (manifest: Manifest) => Manifest>();
  private readonly callers = new Map<string, readonly Callers[]>();
  private members: ReadonlyMap<string, Member> = new Map();
  private found: readonly Refusal[] = [];

  constructor(scope: Construct, id: string, props: ServiceMeshProps) {
    super(scope, id);
    requireProps(this, props, 'ServiceMeshProps');
    this.settings = withDefaults(props);
    requireSettings(this, this.settings);
    this.namespace = Chart.of(this).namespace ?? 'default';
    this.peerAuthentication = new PeerAuthentication(this, 'Strict', {
      metadata: { name: 'default' },
      spec: { mtls: { mode: Mode.STRICT } },
    });
    this.defaultDeny = new AuthorizationPolicy(this, 'DefaultDeny', { metadata: { name: 'default-deny' }, spec: {} });
    const { controlPlane } = this.settings;
    const sends = [{ port: CONTROL_PLANE, peer: { namespace: controlPlane } }];
    const members = () => new Set(membersOf(objectsIn(this.node.root, this.namespace)).map(({ controller }) => controller));
    declare(this, { sidecars: [{ sends, members }] });
    rejectLate(this, () => this.found);
    onceWhole(this, () => this.complete());
  }

  /** Who may call the pods of each controller that anybody calls, by the controller's name: of those that are there now. */
  get policies(): Readonly<Record<string, AuthorizationPolicy>> {
    this.complete();
    const made = this.node.children.filter((child): child is AuthorizationPolicy => child instanceof AuthorizationPolicy);
    return Object.fromEntries(made.flatMap((policy) => (policy === this.defaultDeny ? [] : [[policy.name, policy]])));
  }

  /** Takes in what makes pods by now, and lets in the same as the fence does, by who they are. */
  private complete(): void {
    const { sidecar, distribution, gateways, revision } = this.settings;
    for (const object of this.changed.keys()) this.changed.set(object, (manifest) => manifest);
    const objects = objectsIn(this.node.root, this.namespace);
    const all = membersOf(objects);
    this.members = new Map(all.map((member) => [member.controller, member]));
    const connections = connectionsIn(this);
    this.found = [...tooOld(kubernetesOf(this)), ...classTaken(sidecar, all), ...keptOut(gateways, connections)];
    for (const { object, controller } of all) {
      const own = connections.traffic.filter(({ pods }) => distribution === 'excluded' && pods === controller);
      const excluded = [...new Set(own.flatMap(meetings).flatMap(({ ports }) => ports))];
      this.change(object, (manifest) => withSidecar(manifest, { resources: sidecar, revision, excluded }));
    }
    for (const standing of objects) {
      const container = scaledContainer(standing, all);
      if (container !== undefined) this.change(standing.object, (scaler) => followingApplication(scaler, container));
    }
    this.declarePorts(headlessServices(objects, all), connections.traffic);
    this.admit(connections);
    this.openGateways();
  }

  /** Changes the YAML of an object of somebody else, as it was found out last. */
  private change(object: ApiObject, change: (manifest: Manifest) => Manifest): void {
    if (!this.changed.has(object)) edit(object, (manifest) => this.changed.get(object)?.(manifest) ?? manifest);
    this.changed.set(object, change);
  }

  /** Encrypts what is sent to pods by their own addresses. */
  private declarePorts(services: readonly Headless[], traffic: readonly Traffic[]): void {
    const { distribution, clusterDomain } = this.settings;
    const met = traffic.flatMap(meetings);
    const meshes = new Map(met.map(({ mesh }) => [JSON.stringify(meshSelector(mesh)), mesh]));
    const meshOf = ({ manifest }: Headless) => meshes.get(JSON.stringify(map(map(manifest['spec'])['selector'])));
    const named = new Set(services.map(meshOf));
    const nameless = [...meshes.values()].find((mesh) => !named.has(mesh));
    if (distribution === 'mutual-tls' && nameless !== undefined) {
      const must = "be 'excluded' where no headless Service declares the ports of the nodes";
      const fix = "leave it out, or let the nodes of the cluster find each other by 'dns'";
      this.found = [...this.found, { prop: 'distribution', must, got: distribution, fix }];
    }
    for (const service of services) {
      const mesh = meshOf(service);
      const goesPast = mesh !== undefined && distribution === 'excluded';
      this.keep(`To-${service.name}`, !goesPast, (id) =>
        callEncrypted(this, id, service, `${this.namespace}.svc.${clusterDomain}`),
      );
      if (goesPast) continue;
      const ports = [...new Set(met.filter((one) => one.mesh === mesh).flatMap((one) => one.ports))];
      this.change(service.object, (manifest) => declaringPorts(manifest, ports));
      for (const other of service.beside) this.change(other, (manifest) => declaringPorts(manifest, []));
    }
  }

  /** Lets in the same that the fence does, by who they are. */
  private admit(connections: Connections): void {
    const { members } = this;
    const { gateways, distribution } = this.settings;
    const settings = { gateways, isMember: (name: string) => members.has(name), distribution: distribution === 'mutual-tls' };
    for (const one of connections.traffic.filter(({ pods }) => members.has(pods))) {
      const callers = callersOf(one, connections, settings);
      this.callers.set(one.pods, callers);
      this.keep(`Callers-${one.pods}`, callers.length > 0, (id) => this.allow(id, one));
      this.keep(`Plain-${one.pods}`, callers.some(callInClearText), (id) => this.allowPlain(id, one));
    }
  }

  /** Makes an object where it is needed and not there; what the user changed in one that is there stays. */
  private keep(id: string, needed: boolean, make: (id: string) => unknown): void {
    const there = this.node.tryFindChild(id) !== undefined;
    if (needed && !there) make(id);
    if (!needed && there) this.node.tryRemoveChild(id);
  }

  private allow(id: string, { pods, labels }: Traffic): void {
    const principal = (name: string) =>
      `${this.settings.trustDomain}/ns/${this.namespace}/sa/${this.members.get(name)?.serviceAccount}`;
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
    for (const { gateway } of declaredIn(this, this.namespace).proxies.filter(({ meshed }) => meshed)) {
      const targetRefs = [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: gateway }];
      const spec = { targetRefs, action: Action.ALLOW, rules: [{}] };
      const metadata = { name: `${gateway}-gateway` };
      this.keep(`Gateway-${gateway}`, true, (id) => new ApiObject(this, id, { ...AuthorizationPolicy.GVK, metadata, spec }));
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
