import { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { claimSpec } from '../pod/claim-templates';
import { uploadScript } from '../database/backup/bucket-scripts';
import type { BackupClaim } from '../database/backup/backup-target';
import { literally } from '../pod/variables';
import { claimAnnotations, type Delivery } from '../release/delivery';
import { secondsOf } from '../support/quantity';
import { requireProps } from '../support/props';
import { requireInteger } from '../support/values';
import {
  backupTask,
  inBucketImage,
  inServerImage,
  requireScratch,
  requireServerVersion,
  requireTask,
  scheduled,
  type ConnectingTaskProps,
} from './backup-task';
import { requireRareSchedule, tellSchedule } from './schedule';

/** Properties of {@link DatabaseBackup}. */
export interface DatabaseBackupProps extends ConnectingTaskProps {
  /** When, once an hour at most: `schedule`. */
  readonly schedule: string;
  /** Where it is that time: `timeZone`. @default 'Etc/UTC' */
  readonly timeZone?: string;
  /** Dumps that are kept, 2 to 1000; older ones are removed when a new one has been read back. @default 14 */
  readonly keep?: number;
  /** How it gets into the cluster, where the claim of the dumps stays when it is no longer delivered. @default 'apply' */
  readonly delivery?: Delivery;
}

/**
 * Dumps a database at fixed times, into a volume or a bucket, for databases that neither an operator nor a provider
 * backs up. A dump gets its name when it is whole and has been read back; none is ever written over. What is lost after
 * the last dump is lost.
 */
export class DatabaseBackup extends Construct {
  /** The ServiceAccount that it runs as, with no token mounted. */
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** The CronJob. */
  readonly cronJob: k8s.KubeCronJob;
  /** The volume of the dumps, where this makes one. Nothing owns it: it stays when all else is deleted, but for the namespace. */
  readonly claim: k8s.KubePersistentVolumeClaim | undefined;

  constructor(scope: Construct, id: string, props: DatabaseBackupProps) {
    super(scope, id);
    requireProps(this, props, 'DatabaseBackupProps');
    const { schedule, timeZone = 'Etc/UTC', keep = 14, imagePullPolicy = 'Always', deadline = Duration.hours(2) } = props;
    const { name, database, image, target, resources, identity, pods = {}, delivery = 'apply' } = props;
    const common = { name, database, image, imagePullPolicy, target, resources, deadline, pods };
    requireTask(this, common, 45);
    requireServerVersion(this, common);
    requireRareSchedule(this, { schedule });
    requireInteger(this, 'keep', keep, { minimum: 2, maximum: 1000, fix: 'omit it to use 14' });
    if ('bucket' in target) requireScratch(this, resources, 'the dump');

    const objects = backupTask(this, {
      ...common,
      identity,
      role: 'backup',
      connects: true,
      writes: true,
      retries: 2,
      steps: ({ scripts, extension, remote }) => {
        const named = { ...literally({ DATABASE: database.database }), KEEP: `${keep}` };
        const seconds = `${secondsOf(deadline)}`;
        const variables = { ...remote(database, database.database), ...named, DEADLINE: seconds };
        const script = 'claim' in target ? `${scripts.dump}\n${scripts.retention}` : scripts.dump;
        const dump = inServerImage('dump', script, variables);
        const [upload] = inBucketImage(target, 'upload', uploadScript(extension), named);
        return upload ? { before: [dump], last: upload } : { before: [], last: dump };
      },
    });
    this.serviceAccount = objects.serviceAccount;
    this.cronJob = new k8s.KubeCronJob(this, 'CronJob', scheduled(objects, { schedule, timeZone }));
    tellSchedule(this, this.cronJob, { schedule, timeZone });
    objects.settle(this.cronJob);
    this.claim = 'claim' in target ? this.makeClaim(target.claim, objects.identity, delivery) : undefined;
  }

  private makeClaim(
    claim: BackupClaim,
    labels: Readonly<Record<string, string>>,
    delivery: Delivery,
  ): k8s.KubePersistentVolumeClaim | undefined {
    if ('existing' in claim) return undefined;
    const { name } = claim;
    // Most classes make a volume only when a pod asks for it, and the first dump may be a day away.
    const annotations = claimAnnotations(delivery, 'last');
    return new k8s.KubePersistentVolumeClaim(this, 'Claim', {
      // Without a version: the claim outlives it.
      metadata: { name, labels: { ...labels }, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
      spec: claimSpec(claim),
    });
  }
}
