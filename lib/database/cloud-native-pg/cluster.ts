import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  Cluster,
  ClusterSpecPrimaryUpdateMethod as UpdateMethod,
  type ClusterSpec,
  type ClusterSpecBootstrap,
  type ClusterSpecPlugins,
} from '../../../imports/postgresql.cnpg.io';
import { bytes, sizeQuantity } from '../../support/quantity';
import type { ClusterBackup } from './backup';
import { clusterLabels, PLUGIN } from './names';
import { identityOf } from './object-storage';
import type { CloudNativePgProps } from './props';
import type { RestoredBackups } from './recovery';
import { managedRole } from './roles';
import { volumeOf } from './storage';
import { synchronousOf } from './synchronous';

/** What the object is made from, beside the props that it takes as they are. */
export interface ClusterParts {
  readonly props: CloudNativePgProps;
  readonly antiAffinity: 'preferred' | 'required';
  /** All settings of the server. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Names that the certificate has beside those that the operator knows. */
  readonly hosts: readonly string[];
  readonly backup: ClusterBackup | undefined;
  readonly restored: RestoredBackups | undefined;
}

/** The Cluster, which the operator makes instances, Services, Secrets and volumes from. */
export function makeCluster(scope: Construct, parts: ClusterParts): Cluster {
  const { props, parameters, hosts, backup, restored } = parts;
  const { name, instances, image, storage, storageClass, wal, resources, roles = [], prunable, synchronous } = props;
  const { annotations, podLabels } = identityOf([props.recovery?.storage, backup]);
  const metadata = { name, labels: clusterLabels(name), ...(prunable ? {} : { annotations: { ...KEPT } }) };
  return new Cluster(scope, 'Default', {
    metadata,
    spec: {
      instances,
      imageName: image,
      inheritedMetadata: { labels: { ...clusterLabels(name), ...podLabels } },
      ...(Object.keys(annotations).length > 0 ? { serviceAccountTemplate: { metadata: { annotations } } } : {}),
      ...(hosts.length > 0 ? { certificates: { serverAltDnsNames: [...hosts] } } : {}),
      bootstrap: bootstrapOf(props, restored),
      ...(restored ? { externalClusters: [restored.externalCluster] } : {}),
      ...(roles.length > 0 ? { managed: { roles: roles.map(managedRole) } } : {}),
      postgresql: { parameters: { ...parameters }, ...(synchronous ? { synchronous: synchronousOf(synchronous) } : {}) },
      storage: volumeOf({ size: storage, storageClass }),
      ...(wal ? { walStorage: volumeOf(wal) } : {}),
      resources: resources.requirements(),
      ephemeralVolumesSizeLimit: ephemeralVolumes(props),
      ...(backup ? { plugins: [archiver(name, backup)] } : {}),
      ...spreadOf(name, instances, parts.antiAffinity),
      // It would forbid the only instance to leave its node, and so any drain.
      ...(instances === 1 ? { enablePdb: false } : {}),
      // A replica that is up already takes over in seconds; the primary would have to start anew, with its image and its caches.
      ...(instances > 1 ? { primaryUpdateMethod: UpdateMethod.SWITCHOVER } : {}),
      // For clients to leave by themselves before they are made to. Pools never do.
      smartShutdownTimeout: 5,
    },
  });
}

/** What is not in the repository, or the chart, any more goes, and a Cluster takes its volumes with it. */
const KEPT: Readonly<Record<string, string>> = {
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
  'helm.sh/resource-policy': 'keep',
};

function bootstrapOf({ database, user: owner, secret }: CloudNativePgProps, restored?: RestoredBackups): ClusterSpecBootstrap {
  const own = { database, owner, ...(secret === undefined ? {} : { secret: { name: secret } }) };
  return restored ? { recovery: { ...own, ...restored.bootstrap } } : { initdb: { ...own, dataChecksums: true } };
}

/** With all that the API server would fill in: the list has one owner as a whole. */
function archiver(name: string, { server }: ClusterBackup): ClusterSpecPlugins {
  const parameters = { barmanObjectName: name, ...(server === undefined ? {} : { serverName: server }) };
  return { name: PLUGIN, enabled: true, isWalArchiver: true, parameters };
}

/** Parallel queries share memory in the first; without a limit it may take the node's. */
function ephemeralVolumes({ resources }: CloudNativePgProps): ClusterSpec['ephemeralVolumesSizeLimit'] {
  const mebibytes = Math.max(64, Math.floor(bytes(resources.memory.limit) / 8 / 1048576));
  return { shm: sizeQuantity(Size.mebibytes(mebibytes)), temporaryData: sizeQuantity(resources.scratch) };
}

function spreadOf(
  name: string,
  instances: number,
  podAntiAffinityType: string,
): Pick<ClusterSpec, 'affinity' | 'topologySpreadConstraints'> {
  if (instances === 1) return {};
  const labelSelector = { matchLabels: { 'cnpg.io/cluster': name, 'cnpg.io/podRole': 'instance' } };
  const topologyKey = 'topology.kubernetes.io/zone';
  return {
    affinity: { enablePodAntiAffinity: true, podAntiAffinityType, topologyKey: 'kubernetes.io/hostname' },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector }],
  };
}
