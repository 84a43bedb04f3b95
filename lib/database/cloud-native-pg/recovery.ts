import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { ClusterSpecBootstrapRecovery, ClusterSpecExternalClusters } from '../../../imports/postgresql.cnpg.io';
import { reject } from '../../support/reject';
import { requireName } from '../../support/values';
import { sidecarResources, type ClusterBackup } from './backup';
import { PLUGIN } from './names';
import { identityOf, makeStore, requireStorage, type ObjectStorage } from './object-storage';

/** What a cluster begins with, in place of an empty database. */
export interface ClusterRecovery {
  /** Folder below the destination that holds the backups: the `server` of the cluster that wrote them, which is its name. */
  readonly server: string;
  /** The moment to restore, in RFC 3339: `2026-11-20T08:30:00Z`. @default - the last one that was archived */
  readonly at?: string;
  /** Storage that holds the backups; that of another Cluster may be given as it stands. @default - that of this cluster's own backups */
  readonly storage?: ObjectStorage | ClusterBackup;
}

/** Name that stands for the backups in the Cluster. */
const ORIGIN = 'origin';

/** The backups that a cluster begins with. */
export class RestoredBackups extends Construct {
  /** Where they are, where that is not where the cluster's own go. */
  readonly objectStore?: ApiObject;
  /** What the Cluster says about it. */
  readonly externalCluster: ClusterSpecExternalClusters;
  /** What is restored. */
  readonly bootstrap: Pick<ClusterSpecBootstrapRecovery, 'source' | 'recoveryTarget'>;

  constructor(scope: Construct, id: string, cluster: string, recovery: ClusterRecovery, backup: ClusterBackup | undefined) {
    super(scope, id);
    const { server, at, storage } = recovery;
    requireRecovery(this, cluster, recovery, backup);
    const name = storage ? `${cluster}-recovery` : cluster;
    if (storage) this.objectStore = makeStore(this, 'ObjectStore', { name, cluster }, storage, { sidecar: sidecarResources() });
    const parameters = { barmanObjectName: name, serverName: server };
    this.externalCluster = { name: ORIGIN, plugin: { name: PLUGIN, enabled: true, isWalArchiver: false, parameters } };
    this.bootstrap = { source: ORIGIN, ...(at === undefined ? {} : { recoveryTarget: { targetTime: at } }) };
  }
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})$/;

function requireRecovery(
  scope: Construct,
  cluster: string,
  { server, at, storage }: ClusterRecovery,
  backup: ClusterBackup | undefined,
): void {
  requireName(scope, server, 253, 'recovery.server');
  if (storage) requireStorage(scope, 'recovery.storage', storage);
  else if (!backup) {
    const fix = 'say where the backups are';
    reject(scope, {
      prop: 'recovery.storage',
      must: 'be given, because this cluster has no backups of its own',
      got: storage,
      fix,
    });
  }
  if (at !== undefined && !(RFC_3339.test(at) && Number.isFinite(Date.parse(at)))) {
    const must = 'be a moment with its time zone';
    reject(scope, { prop: 'recovery.at', must, got: at, fix: 'write it as 2026-11-20T08:30:00Z' });
  }
  if (!backup) return;
  requireOneIdentity(scope, storage, backup);
  const sameBucket = (storage ?? backup).destination === backup.destination;
  if (sameBucket && server === (backup.server ?? cluster)) {
    const must = 'be another folder than that of the cluster that is restored, which the plugin demands to find empty';
    reject(scope, { prop: 'backup.server', must, got: server, fix: `name the new one, for example "${cluster}-2"` });
  }
}

function requireOneIdentity(scope: Construct, storage: ObjectStorage | undefined, backup: ClusterBackup): void {
  const { annotations: own } = identityOf([backup]);
  for (const [name, value] of Object.entries(identityOf([storage]).annotations)) {
    if (own[name] === undefined || own[name] === value) continue;
    const must = 'be the identity of the backups, because a pod has one';
    reject(scope, {
      prop: 'recovery.storage.credentials',
      must,
      got: value,
      fix: 'let one role do both, or give one of them a key',
    });
  }
}
