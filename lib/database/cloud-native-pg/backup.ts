import { type Duration, Size, type ApiObject } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import {
  ScheduledBackup,
  ScheduledBackupSpecBackupOwnerReference as Owner,
  ScheduledBackupSpecMethod as Method,
} from '../../../imports/postgresql.cnpg.io';
import { Resources } from '../../pod/resources';
import { scheduleFault } from '../../support/cron';
import { reject } from '../../support/reject';
import { requireName } from '../../support/values';
import { clusterLabels, PLUGIN } from './names';
import { makeStore, requireStorage, type ObjectStorage } from './object-storage';

/** Where the log of all changes goes as it is written, and base backups by a schedule. */
export interface ClusterBackup extends ObjectStorage {
  /**
   * When a base backup is taken: the five fields of cron, in the time zone of the operator, which is UTC. The operator's
   * own have a sixth in front for seconds, which is 0 here. The first one is taken at once.
   */
  readonly schedule: string;
  /** How far back a state can be restored, whole days: `retentionPolicy`. */
  readonly retention: Duration;
  /**
   * Folder of this cluster below the destination: `serverName`. A restored cluster needs another one than the one that
   * it was restored from. @default - the cluster's name
   */
  readonly server?: string;
  /** What the plugin's container beside each instance may use. @default - 100m to 1 CPU, 256 MiB to 512 MiB */
  readonly resources?: Resources;
}

/** Enough for one upload at a time. */
export function sidecarResources(): Resources {
  return Resources.burstable({
    cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
    memory: { request: Size.mebibytes(256), limit: Size.mebibytes(512) },
  });
}

/** A cluster's archive and its base backups. */
export class ArchivedBackups extends Construct {
  /** Where they go. */
  readonly objectStore: ApiObject;
  /** When base backups are taken. */
  readonly scheduledBackup: ScheduledBackup;

  constructor(scope: Construct, id: string, cluster: string, backup: ClusterBackup) {
    super(scope, id);
    const { schedule, retention, resources = sidecarResources() } = backup;
    requireBackup(this, backup);
    const days = Math.floor(retention.toMilliseconds() / DAY);
    this.objectStore = makeStore(this, 'ObjectStore', { name: cluster, cluster }, backup, { days, sidecar: resources });
    this.scheduledBackup = new ScheduledBackup(this, 'ScheduledBackup', {
      metadata: { name: cluster, labels: clusterLabels(cluster) },
      spec: {
        cluster: { name: cluster },
        schedule: `0 ${schedule}`,
        // The log is worth nothing without a base backup under it.
        immediate: true,
        backupOwnerReference: Owner.SELF,
        method: Method.PLUGIN,
        pluginConfiguration: { name: PLUGIN },
      },
    });
  }
}

const DAY = 86400000;

/** Seconds that may pass from one base backup to the next by a schedule, with half as many to spare. */
export function backupAge(schedule: string): number {
  const [, , day = '*', month = '*', weekday = '*'] = schedule.trim().split(/\s+/);
  const days = month !== '*' ? 366 : day !== '*' && day !== '?' ? 31 : weekday !== '*' && weekday !== '?' ? 7 : 1;
  return days * 1.5 * (DAY / 1000);
}

function requireBackup(scope: Construct, backup: ClusterBackup): void {
  const { schedule, retention, server, resources } = backup;
  requireStorage(scope, 'backup', backup);
  const fault = schedule.startsWith('@') ? 'have five fields' : scheduleFault(schedule);
  if (fault !== undefined) {
    reject(scope, { prop: 'backup.schedule', must: fault, got: schedule, fix: "write '0 1 * * *' for one in the morning, UTC" });
  }
  const days = retention.toMilliseconds() / DAY;
  if (!Number.isInteger(days) || days < 1) {
    reject(scope, { prop: 'backup.retention', must: 'be whole days', got: retention, fix: 'write Duration.days(30)' });
  }
  if (server !== undefined) requireName(scope, server, 253, 'backup.server');
  resources?.require(scope);
}
