import { isAtLeast, type KubernetesVersion } from '../../support/kubernetes-versions';

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
