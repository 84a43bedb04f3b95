import { isAtLeast, type KubernetesVersion } from '../../support/kubernetes-versions';
import { eachPod } from '../each';
import type { Finding, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { everyContainer, onWindows, type Pod, podMetadata } from '../../model/pods';
import { annotationsOf, labelsOf, maps, nameOf, once, valueAt } from '../../model/values';

export const podSecurity = eachPod({
  name: 'pod-security',
  sentence: 'Every pod satisfies Pod Security "restricted".',
  why: 'The namespace enforces it: the Deployment is accepted, each of its pods is refused, and the rollout hangs until its deadline.',
  source: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
  severity: 'warning',
  policy: true,
  *each(pod, world) {
    // Where nobody enforces it, the pods run all the same.
    const severity = enforcingIn(world).has(pod.namespace) ? 'error' : 'warning';
    const fix = 'change it, or leave the field out where that is allowed, as the profile "restricted" lists it';
    for (const violation of violations(pod, world.kubernetes)) yield { ...violation, fix, severity };
  },
});

/** The namespaces whose label has the profile enforced. */
const enforcingIn = once((world: World): ReadonlySet<string> => {
  const namespaces = inventoryOf(world).ofKind('Namespace');
  const enforcing = namespaces.filter(
    ({ manifest }) => labelsOf(manifest)['pod-security.kubernetes.io/enforce'] === 'restricted',
  );
  return new Set(enforcing.map(({ manifest }) => nameOf(manifest) ?? ''));
});

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
      if (type === 'name' || source === null || isVolumeType(type, kubernetes)) continue;
      yield { field: `${path}.volumes[${index}]`, must: 'be of a type that stays inside the pod', got: type };
    }
  }
}

function* unsafeSysctls({ path, spec }: Pod, kubernetes: KubernetesVersion): Iterable<Violation> {
  for (const [index, { name }] of maps(valueAt(spec, 'securityContext.sysctls')).entries()) {
    if (isSafeSysctl(String(name), kubernetes)) continue;
    yield { field: `${path}.securityContext.sysctls[${index}].name`, must: 'be one that counts as safe', got: name };
  }
}

function* appArmorAnnotations(pod: Pod): Iterable<Violation> {
  const { path, metadata } = podMetadata(pod);
  for (const [key, value] of Object.entries(annotationsOf({ metadata }))) {
    if (!key.startsWith('container.apparmor.security.beta.kubernetes.io/')) continue;
    if (/^(?:|runtime\/default|localhost\/.*)$/.test(String(value))) continue;
    yield { field: `${path}.annotations["${key}"]`, must: 'be runtime/default or localhost/<profile>', got: value };
  }
}

/** One field that Pod Security restricts. */
interface Control {
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
const podControls: readonly Control[] = ['hostNetwork', 'hostPID', 'hostIPC'].map((field) => {
  return { field, must: 'not be true', allows: off };
});

/** Fields of a security context, the pod's as well as a container's. */
const contextControls: readonly Control[] = [
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
const containerControls: readonly Control[] = [
  { field: 'securityContext.privileged', must: 'not be true', allows: off },
  { field: 'securityContext.procMount', must: 'be Default', allows: oneOf('', 'Default') },
  // The kubelet asks from the node: another host than the pod itself lets a manifest look round the network.
  ...probes.flatMap((probe) =>
    ['httpGet', 'tcpSocket'].map((handler) => ({ field: `${probe}.${handler}.host`, must: 'not be set', allows: oneOf('') })),
  ),
];

/** What Windows does not know. */
const linuxControls: readonly Control[] = [
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

/** Since when each name of a table is allowed. */
function allowedSince(table: Readonly<Partial<Record<KubernetesVersion, string>>>) {
  const rows = Object.entries(table).flatMap(([version, names]) => names.split(' ').map((name) => [name, version] as const));
  const first = new Map(rows as [string, KubernetesVersion][]);
  return (name: string, kubernetes: KubernetesVersion): boolean => {
    const version = first.get(name);
    return version !== undefined && isAtLeast(kubernetes, version);
  };
}

/** Types of volumes that are allowed; the others reach the node or a network by themselves. */
const isVolumeType = allowedSince({
  '1.27': 'configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret',
  '1.33': 'image',
});

/** Sysctls that count as safe: they touch this pod alone. */
const isSafeSysctl = allowedSince({
  '1.27':
    'kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports ' +
    'net.ipv4.ip_unprivileged_port_start net.ipv4.ping_group_range net.ipv4.tcp_syncookies',
  '1.29': 'net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes ' + 'net.ipv4.tcp_keepalive_time',
  '1.32': 'net.ipv4.tcp_rmem net.ipv4.tcp_wmem',
});
