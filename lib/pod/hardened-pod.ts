import { type k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { isPortName } from '../support/forms';
import { reject } from '../support/reject';
import { requireInteger } from '../support/values';
import type { Resources } from './resources';
import { env, type Variables } from './variables';
import { podMounts, type Mount, type PodMount } from './mount';
import { groupOfFiles } from './volumes';

/** When the kubelet pulls the image. `Never` is for images built on the node itself, as on Minikube. */
export type ImagePullPolicy = 'Always' | 'IfNotPresent' | 'Never';

const PULL_POLICIES: readonly ImagePullPolicy[] = ['Always', 'IfNotPresent', 'Never'];

/** A policy that there is: one that is none is refused of the release, and not once more of all that runs its image. */
export function knownPullPolicy(asked: ImagePullPolicy = 'Always'): ImagePullPolicy {
  return PULL_POLICIES.find((policy) => policy === asked) ?? 'Always';
}

/** The user `nobody` of Debian and Alpine. */
export const NOBODY = 65534;

/** A port of a container. */
export interface ContainerPort {
  readonly port: number;
  /** @default 'TCP' */
  readonly protocol?: 'TCP' | 'UDP';
}

/** What differs between the pods of this library. All else is the same in every one of them. */
export interface HardenedPod {
  readonly container: string;
  readonly image: string;
  readonly imagePullPolicy: ImagePullPolicy;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly variables: Variables;
  readonly variableSources?: readonly k8s.EnvFromSource[];
  readonly ports?: Readonly<Record<string, number | ContainerPort>>;
  readonly mounts: readonly (Mount | PodMount)[];
  readonly resources: Resources;
  readonly user: number;
  readonly serviceAccountName: string;
  /** Probes and hooks. */
  readonly lifecycle?: Pick<k8s.Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe' | 'lifecycle'>;
}

/**
 * A pod with one container that satisfies Pod Security "restricted" and cannot write to its image.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function hardenedPod(pod: HardenedPod): k8s.PodSpec {
  const { user, serviceAccountName, mounts } = pod;
  return {
    serviceAccountName,
    automountServiceAccountToken: false,
    // A Service named `db` would set DB_PORT=tcp://... in every pod of the namespace.
    enableServiceLinks: false,
    // Full names have four dots: the default of 5 asks for each of them under every search domain first.
    dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      ...groupOfFiles(mounts, user),
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container(pod)],
    volumes: volumesOf(mounts),
  };
}

function container(pod: HardenedPod): k8s.Container {
  const { container: name, image, imagePullPolicy, command, args, variables, variableSources = [], resources, mounts } = pod;
  const ports = Object.entries(pod.ports ?? {});
  return {
    name,
    image,
    imagePullPolicy,
    // What a BEAM said last stands in `kubectl describe pod`, when its log is gone with the pod.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...(command ? { command: [...command] } : {}),
    ...(args ? { args: [...args] } : {}),
    ...(Object.keys(variables).length > 0 ? { env: env(variables) } : {}),
    ...(variableSources.length > 0 ? { envFrom: [...variableSources] } : {}),
    ...(ports.length > 0 ? { ports: ports.map(containerPort) } : {}),
    resources: resources.requirements(),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
    volumeMounts: podMounts(mounts).map(volumeMount),
    ...pod.lifecycle,
  };
}

function containerPort([name, port]: [string, number | ContainerPort]): k8s.ContainerPort {
  if (typeof port === 'number') return { name, containerPort: port };
  return { name, containerPort: port.port, ...(port.protocol === 'UDP' ? { protocol: port.protocol } : {}) };
}

function volumeMount({ name, path: mountPath, subPath, readOnly }: PodMount): k8s.VolumeMount {
  return { name, mountPath, ...(subPath === undefined ? {} : { subPath }), ...(readOnly === true ? { readOnly } : {}) };
}

/** The volumes of a pod: one that several mounts show is there once. */
export function volumesOf(mounts: readonly (Mount | PodMount)[]): k8s.Volume[] {
  const volumes = podMounts(mounts).flatMap(({ name, source }) => (source ? [{ name, ...source }] : []));
  return [...new Map(volumes.map((volume) => [volume.name, volume])).values()];
}

/** Refuses port names and numbers that the API server would refuse or that would not work. */
export function requirePorts(scope: IConstruct, ports: Readonly<Record<string, number>>, prop = 'ports'): void {
  for (const [name, number] of Object.entries(ports)) {
    if (!isPortName(name)) {
      const must = "hold names of at most 15 lower-case letters, digits and single '-'";
      reject(scope, { prop, must, got: name, fix: 'rename the port, for example "http"' });
    }
    const fix = 'use one such as 4000, because ports below 1024 need root';
    requireInteger(scope, `${prop}.${name}`, number, { minimum: 1024, maximum: 65535, fix });
  }
}
