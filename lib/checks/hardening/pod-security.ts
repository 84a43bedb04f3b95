import { isAtLeast, type KubernetesVersion } from '../../support/kubernetes-versions';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { everyContainer, onWindows, type Pod, podMetadata } from '../world/pods';
import { map, maps, nameOf, valueAt } from '../world/values';

/** What a namespace that enforces the profile refuses. The Deployment is accepted, and its pods never come. */
export const podSecurity: Rule = {
  name: 'pod-security',
  sentence: 'Every pod satisfies Pod Security "restricted".',
  why: 'The namespace enforces it: the Deployment is accepted, each of its pods is refused, and the rollout hangs until its deadline.',
  source: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
  severity: 'warning',
  *find(world) {
    const enforcing = enforcingIn(world);
    for (const pod of inventoryOf(world).pods) {
      // Where nobody enforces it, the pods run all the same.
      const severity = enforcing.has(pod.namespace) ? 'error' : 'warning';
      for (const { field, must, got } of violations(pod, world.kubernetes)) {
        const fix = 'change it, or leave the field out where that is allowed, as the profile "restricted" lists it';
        yield { object: pod.object, field, must, got, fix, severity };
      }
    }
  },
};

/** The namespaces whose label has the profile enforced. */
function enforcingIn(world: World): ReadonlySet<string | undefined> {
  const namespaces = inventoryOf(world).ofKind('Namespace');
  const isEnforcing = ({ manifest }: FinishedObject) =>
    map(map(manifest['metadata'])['labels'])['pod-security.kubernetes.io/enforce'] === 'restricted';
  return new Set(namespaces.filter(isEnforcing).map(({ manifest }) => nameOf(manifest)));
}

type Violation = Pick<Finding, 'field' | 'must' | 'got'>;

function* violations(pod: Pod, kubernetes: KubernetesVersion): Iterable<Violation> {
  const { path, spec } = pod;
  const checked = [...containerControls, ...(onWindows(pod) ? [] : linuxControls)];
  yield* breaches(spec, path, podControls, kubernetes);
  yield* breaches(spec['securityContext'], `${path}.securityContext`, contextControls, kubernetes);
  for (const { path: at, spec: container } of everyContainer(pod)) {
    yield* breaches(container, at, checked, kubernetes);
    yield* breaches(container['securityContext'], `${at}.securityContext`, contextControls, kubernetes);
    yield* hostPorts(container['ports'], `${at}.ports`);
  }
  yield* inherited(pod);
  yield* volumes(pod, kubernetes);
  yield* unsafeSysctls(pod, kubernetes);
  yield* appArmorAnnotations(pod);
}

function* breaches(value: unknown, path: string, controls: readonly Control[], on: KubernetesVersion): Iterable<Violation> {
  for (const { field, must, allows } of controls) {
    const got = valueAt(value, field);
    if (!allows(got, on)) yield { field: `${path}.${field}`, must, got };
  }
}

function* hostPorts(ports: unknown, path: string): Iterable<Violation> {
  for (const [index, { hostPort: got }] of maps(ports).entries()) {
    if (got) yield { field: `${path}[${index}].hostPort`, must: 'not be set', got };
  }
}

/** What must be said once for the pod, or for each container. A wrong value is reported where it stands. */
function* inherited(pod: Pod): Iterable<Violation> {
  const fields: [string, string][] = [['runAsNonRoot', 'be true']];
  if (!onWindows(pod)) fields.push(['seccompProfile.type', 'be RuntimeDefault or Localhost']);
  for (const [field, must] of fields) {
    const missing = (value: unknown) => valueAt(value, `securityContext.${field}`) === undefined;
    if (!missing(pod.spec) || !everyContainer(pod).some(({ spec: container }) => missing(container))) continue;
    yield { field: `${pod.path}.securityContext.${field}`, must, got: undefined };
  }
}

function* volumes({ path, spec }: Pod, kubernetes: KubernetesVersion): Iterable<Violation> {
  for (const [index, volume] of maps(spec['volumes']).entries()) {
    for (const [type, source] of Object.entries(volume)) {
      if (type === 'name' || source === null || since(volumeTypes, type, kubernetes)) continue;
      yield { field: `${path}.volumes[${index}]`, must: 'be of a type that stays inside the pod', got: type };
    }
  }
}

function* unsafeSysctls({ path, spec }: Pod, kubernetes: KubernetesVersion): Iterable<Violation> {
  for (const [index, { name }] of maps(valueAt(spec, 'securityContext.sysctls')).entries()) {
    if (since(sysctls, String(name), kubernetes)) continue;
    yield { field: `${path}.securityContext.sysctls[${index}].name`, must: 'be one that counts as safe', got: name };
  }
}

function* appArmorAnnotations(pod: Pod): Iterable<Violation> {
  const { path, metadata } = podMetadata(pod);
  for (const [key, value] of Object.entries(map(metadata['annotations']))) {
    if (!key.startsWith('container.apparmor.security.beta.kubernetes.io/')) continue;
    if (/^(?:|runtime\/default|localhost\/.*)$/.test(String(value))) continue;
    yield { field: `${path}.annotations["${key}"]`, must: 'be runtime/default or localhost/<profile>', got: value };
  }
}

function since(versions: Readonly<Record<string, KubernetesVersion>>, name: string, kubernetes: KubernetesVersion): boolean {
  const first = Object.hasOwn(versions, name) ? versions[name] : undefined;
  return first !== undefined && isAtLeast(kubernetes, first);
}

/** One field that Pod Security restricts. */
export interface Control {
  /** The field, below the pod, the container or its security context. */
  readonly field: string;
  /** What it must be, as it continues after "must". */
  readonly must: string;
  /** Whether a value is allowed. */
  readonly allows: (value: unknown, kubernetes: KubernetesVersion) => boolean;
}

const unset = (value: unknown) => value === undefined || value === null;
const off = (value: unknown) => unset(value) || value === false;
const oneOf =
  (...values: unknown[]) =>
  (value: unknown) =>
    unset(value) || values.includes(value);

const PROFILE = { must: 'be RuntimeDefault or Localhost', allows: oneOf('RuntimeDefault', 'Localhost') };
const SELINUX = oneOf('', 'container_t', 'container_init_t', 'container_kvm_t');

/** Fields of the pod. */
export const podControls: readonly Control[] = ['hostNetwork', 'hostPID', 'hostIPC'].map((field) => {
  return { field, must: 'not be true', allows: off };
});

/** Fields of a security context, the pod's as well as a container's. */
export const contextControls: readonly Control[] = [
  { field: 'windowsOptions.hostProcess', must: 'not be true', allows: off },
  {
    field: 'seLinuxOptions.type',
    must: 'be a type of containers such as container_t',
    allows: (value, kubernetes) => SELINUX(value) || (value === 'container_engine_t' && isAtLeast(kubernetes, '1.31')),
  },
  { field: 'seLinuxOptions.user', must: 'not be set', allows: oneOf('') },
  { field: 'seLinuxOptions.role', must: 'not be set', allows: oneOf('') },
  { field: 'appArmorProfile.type', ...PROFILE },
  { field: 'seccompProfile.type', ...PROFILE },
  { field: 'runAsUser', must: 'not be 0, which is root', allows: (value) => value !== 0 },
  { field: 'runAsNonRoot', must: 'not be false', allows: (value) => value !== false },
];

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'];

/** Fields of a container. */
export const containerControls: readonly Control[] = [
  { field: 'securityContext.privileged', must: 'not be true', allows: off },
  { field: 'securityContext.procMount', must: 'be Default', allows: oneOf('', 'Default') },
  // The kubelet asks from the node: another host than the pod itself lets a manifest look round the network.
  ...probes.flatMap((probe) =>
    ['httpGet', 'tcpSocket'].map((handler) => ({ field: `${probe}.${handler}.host`, must: 'not be set', allows: oneOf('') })),
  ),
];

/** What Windows does not know. */
export const linuxControls: readonly Control[] = [
  { field: 'securityContext.allowPrivilegeEscalation', must: 'be false', allows: (value) => value === false },
  {
    field: 'securityContext.capabilities.drop',
    must: 'hold ALL',
    allows: (value) => Array.isArray(value) && value.includes('ALL'),
  },
  {
    field: 'securityContext.capabilities.add',
    must: 'hold nothing but NET_BIND_SERVICE',
    allows: (value) => unset(value) || (Array.isArray(value) && value.every((name) => name === 'NET_BIND_SERVICE')),
  },
];

/** Since when a type of volume is allowed; the others reach the node or a network by themselves. */
export const volumeTypes: Readonly<Record<string, KubernetesVersion>> = {
  configMap: '1.27',
  csi: '1.27',
  downwardAPI: '1.27',
  emptyDir: '1.27',
  ephemeral: '1.27',
  persistentVolumeClaim: '1.27',
  projected: '1.27',
  secret: '1.27',
  image: '1.33',
};

/** Since when a sysctl counts as safe: it touches this pod alone. */
export const sysctls: Readonly<Record<string, KubernetesVersion>> = {
  'kernel.shm_rmid_forced': '1.27',
  'net.ipv4.ip_local_port_range': '1.27',
  'net.ipv4.ip_local_reserved_ports': '1.27',
  'net.ipv4.ip_unprivileged_port_start': '1.27',
  'net.ipv4.ping_group_range': '1.27',
  'net.ipv4.tcp_fin_timeout': '1.29',
  'net.ipv4.tcp_keepalive_intvl': '1.29',
  'net.ipv4.tcp_keepalive_probes': '1.29',
  'net.ipv4.tcp_keepalive_time': '1.29',
  'net.ipv4.tcp_rmem': '1.32',
  'net.ipv4.tcp_syncookies': '1.27',
  'net.ipv4.tcp_wmem': '1.32',
};
