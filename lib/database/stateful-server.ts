import { Chart, Size } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { PodMonitor } from '../../imports/monitoring.coreos.com';
import { dataVolume, withKeptTemplates } from '../pod/claim-templates';
import type { ImagePullPolicy } from '../pod/hardened-pod';
import { HashedConfigMap } from '../pod/hashed-config-map';
import type { Resources } from '../pod/resources';
import type { ServerPods } from '../pod/server-pods';
import { settlePods } from '../pod/settled-pods';
import { edit } from '../support/edit';
import { declare } from '../support/declare';
import { imageVersion, parseImage, requireImage, versionIn } from '../support/image';
import { labels, selector } from '../support/labels';
import { bytes } from '../support/quantity';
import type { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireInteger, requireName, requireReason } from '../support/values';
import { withExporter, type DatabaseExporter, type ExporterProgram } from './exporter';
import { makePodMonitor } from './pod-monitor';

/** What one server with one volume is made from, whatever its program. */
export interface StatefulServer {
  /** Name of the StatefulSet and its headless Service; that of the Service for clients begins with it. */
  readonly name: string;
  /** The program: `app.kubernetes.io/name`, and the name of the Services' port and the container's. */
  readonly application: 'postgresql' | 'mysql';
  readonly image: string;
  readonly port: number;
  readonly storage: Size;
  readonly storageClass?: string;
  /** Why the volume may go with the StatefulSet. @default - it stays */
  readonly deleteVolume?: OptOut;
  /** Settings of its pod. */
  readonly pods: ServerPods;
  /** Scripts of the pod, by file. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Makes the pod, told the name of the ConfigMap with the scripts. */
  readonly pod: (init: string) => k8s.PodSpec;
  /** What measures it, and how that is started. @default - nobody measures it */
  readonly measured?: { readonly exporter: DatabaseExporter; readonly program: ExporterProgram };
}

/** What the pod of such a server is made from. */
export interface ServerPod {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: ImagePullPolicy;
  readonly database: string;
  readonly user: string;
  readonly password: SecretKey;
  readonly resources: Resources;
  readonly runAsUser: number;
  /** Name of the ConfigMap with the scripts. */
  readonly init: string;
  /** The server's settings that follow its size. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The objects of such a server. */
export interface StatefulObjects {
  readonly statefulSet: k8s.KubeStatefulSet;
  /** The address that clients use. */
  readonly service: k8s.KubeService;
  /** What the StatefulSet demands. */
  readonly headless: k8s.KubeService;
  readonly init: HashedConfigMap;
  /** What has the metrics collected, where it is measured. */
  readonly podMonitor?: PodMonitor;
}

/** One server, one volume, one address that stays while pods come and go. */
export function statefulServer(scope: Construct, server: StatefulServer): StatefulObjects {
  const { name, application, image, port, storage, storageClass, deleteVolume, scripts, pod, pods, measured } = server;
  const identity = { application, instance: name, component: 'database' };
  const metadata = { name, labels: labels(identity) };
  new k8s.KubeServiceAccount(scope, 'ServiceAccount', { metadata, automountServiceAccountToken: false });
  const { service, headless } = services(scope, metadata, { name: application, port });
  const init = new HashedConfigMap(scope, 'Init', { name: `${name}-init`, labels: metadata.labels, data: scripts });
  const versioned = labels({ ...identity, version: imageVersion(image) });
  const statefulSet = new k8s.KubeStatefulSet(scope, 'StatefulSet', {
    metadata: { name, labels: versioned },
    spec: {
      replicas: 1,
      serviceName: name,
      // In order, a pod that never became ready is not replaced, whatever was corrected meanwhile.
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: selector(name) },
      updateStrategy: { type: 'RollingUpdate' },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: deleteVolume ? 'Delete' : 'Retain', whenScaled: 'Retain' },
      template: { metadata: { labels: versioned }, spec: measuredPod(pod(init.configMapName), measured) },
      volumeClaimTemplates: [dataVolume({ storage, storageClass }, metadata.labels)],
    },
  });
  edit(statefulSet, withKeptTemplates);
  settlePods(statefulSet, pods);
  const metrics = measured ? { metrics: measured.program.port, monitored: true } : {};
  declare(scope, { traffic: [{ pods: name, labels: metadata.labels, sends: [], ...metrics, reachesOut: false }] });
  if (deleteVolume) declare(scope, { leftOut: [{ rule: 'volumes-kept', optOut: deleteVolume, target: statefulSet }] });
  if (!measured) return { statefulSet, service, headless, init };
  declare(scope, { measured: [{ name, engine: application }] });
  const podMonitor = makePodMonitor(scope, {
    name,
    own: metadata.labels,
    selector: selector(name),
    labels: measured.exporter.labels,
  });
  return { statefulSet, service, headless, init, podMonitor };
}

function measuredPod(spec: k8s.PodSpec, measured: StatefulServer['measured']): k8s.PodSpec {
  return measured ? withExporter(spec, measured.exporter, measured.program) : spec;
}

/** Host name by which clients reach the server of a name in the namespace of `scope`. */
export function clientsHost(scope: Construct, name: string, clusterDomain: string): string {
  return `${clientsName(name)}.${Chart.of(scope).namespace ?? 'default'}.svc.${clusterDomain}`;
}

/** As CloudNativePG calls the address of its primary, so that the host is the same with either. */
function clientsName(name: string): string {
  return `${name}-rw`;
}

/** What of a server is refused, whatever its program. */
export interface ServerRequirements extends Pick<StatefulServer, 'name' | 'image' | 'storage' | 'storageClass' | 'deleteVolume'> {
  readonly password: SecretKey;
  readonly resources: Resources;
  readonly runAsUser: number;
  readonly maxConnections: number;
  /** Mebibytes that the program needs to start and to do a little. */
  readonly minimumMemory: number;
}

/** Refuses a server that would not start, or not keep its data. */
export function requireServer(scope: Construct, server: ServerRequirements): void {
  const { name, image, password, storage, storageClass, resources, runAsUser, maxConnections, minimumMemory } = server;
  // The name and a hash of eleven characters become a label of the pod.
  requireName(scope, name, 52);
  requireName(scope, password.secret, 253, 'password.secret');
  requireReason(scope, 'deleteVolume', server.deleteVolume);
  if (storageClass !== undefined) requireName(scope, storageClass, 253, 'storageClass');
  requireImage(scope, image);
  requireVersionInTag(scope, image);
  resources.require(scope);
  requireInteger(scope, 'runAsUser', runAsUser, { minimum: 1, fix: 'omit it to use 10001' });
  requireInteger(scope, 'maxConnections', maxConnections, { minimum: 10, maximum: 10000, fix: 'omit it to follow the memory' });
  if (bytes(resources.memory.limit) < bytes(Size.mebibytes(minimumMemory))) {
    const must = `be ${minimumMemory} MiB or more`;
    const fix = `give it Size.mebibytes(${minimumMemory}) or more`;
    reject(scope, { prop: 'resources.memory', must, got: resources.memory.limit, fix });
  }
  if (bytes(storage) < bytes(Size.gibibytes(1))) {
    reject(scope, { prop: 'storage', must: 'be 1 GiB or more', got: storage, fix: 'write Size.gibibytes(10)' });
  }
}

/** The volume holds files of one version: with a digest alone, nobody would see that another one is to read them. */
function requireVersionInTag(scope: Construct, image: string): void {
  const reference = parseImage(image);
  if (!reference?.digest || versionIn(reference.tag ?? '')) return;
  const must = 'have a tag that says the version, whose files are on the volume';
  reject(scope, { prop: 'image', must, got: image, fix: 'write the tag before the digest, such as postgres:17.6@sha256:...' });
}

/**
 * Clients have an address that stays: the name of a pod's own address is gone from the DNS with the pod, and whoever asked
 * meanwhile is told so again until the cache forgets it, long after the next pod is ready. The StatefulSet keeps the
 * headless Service that it was made with, under the name that cannot change.
 */
function services(
  scope: Construct,
  { name, labels: own }: { name: string; labels: Record<string, string> },
  port: { name: string; port: number },
): Pick<StatefulObjects, 'service' | 'headless'> {
  const pods = { selector: selector(name), ports: [{ ...port, targetPort: k8s.IntOrString.fromString(port.name) }] };
  const headless = new k8s.KubeService(scope, 'Service', {
    metadata: { name, labels: own },
    spec: { clusterIp: 'None', ...pods },
  });
  const metadata = { name: clientsName(name), labels: own };
  const service = new k8s.KubeService(scope, 'Clients', { metadata, spec: { type: 'ClusterIP', ...pods } });
  return { service, headless };
}
