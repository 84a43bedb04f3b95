import { Duration, Size } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { fetchNewestScript } from '../database/backup/bucket-scripts';
import { literally } from '../pod/variables';
import { bytes, secondsOf } from '../support/quantity';
import { reject } from '../support/reject';
import { requireProps } from '../support/props';
import { requireSeconds } from '../support/values';
import {
  backupTask,
  inBucketImage,
  inServerImage,
  requireScratch,
  requireServerVersion,
  requireTask,
  scheduled,
  type BackupTaskProps,
} from './backup-task';
import { requireRareSchedule, tellSchedule } from './schedule';

/** Properties of {@link RestoreDrill}. */
export interface RestoreDrillProps extends BackupTaskProps {
  /** When, once an hour at most, and not while the backup writes to the same volume: `schedule`. */
  readonly schedule: string;
  /** Where it is that time: `timeZone`. @default 'Etc/UTC' */
  readonly timeZone?: string;
  /** How old the newest dump may be, an hour to a year: the time between two backups and some more. @default Duration.hours(26) */
  readonly maximumAge?: Duration;
  /** A question in SQL that the restored database must answer with true: `select count(*) > 1000 from users`. @default - none */
  readonly check?: string;
}

/**
 * Restores the newest dump again and again, into a server that lives in its own pod and goes with it, and counts tables and
 * rows. It fails where there is no dump, where the newest one is too old and where it cannot be restored. The real server
 * is never asked.
 */
export class RestoreDrill extends Construct {
  /** The ServiceAccount that it runs as, with no token mounted. */
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** The CronJob. */
  readonly cronJob: k8s.KubeCronJob;

  constructor(scope: Construct, id: string, props: RestoreDrillProps) {
    super(scope, id);
    requireProps(this, props, 'RestoreDrillProps');
    const { schedule, timeZone = 'Etc/UTC', maximumAge = Duration.hours(26), check = '', imagePullPolicy = 'Always' } = props;
    const { name, database, image, target, resources, deadline = Duration.hours(2), pods = {} } = props;
    const common = { name, database, image, imagePullPolicy, target, resources, deadline, pods };
    requireTask(this, common, 38);
    requireServerVersion(this, common);
    requireRareSchedule(this, { schedule });
    requireSeconds(this, 'maximumAge', maximumAge, { minimum: 3600, fix: 'omit it to use 26 hours, for a backup every day' });
    this.requireRoom(props);

    const objects = backupTask(this, {
      // What a run finds out does not change by asking again.
      ...common,
      role: 'restore-drill',
      connects: false,
      writes: false,
      retries: 0,
      steps: ({ scripts, extension, local }) => {
        const named = literally({ DATABASE: database.database });
        const limits = { MAXIMUM_AGE: `${secondsOf(maximumAge)}`, ...literally({ CHECK: check }) };
        const drill = inServerImage('drill', scripts.drill, { ...local(database), ...named, ...limits });
        return { before: inBucketImage(target, 'download', fetchNewestScript(extension), named), last: drill };
      },
    });
    this.serviceAccount = objects.serviceAccount;
    this.cronJob = new k8s.KubeCronJob(this, 'CronJob', scheduled(objects, { schedule, timeZone }));
    tellSchedule(this, this.cronJob, { schedule, timeZone });
    objects.settle(this.cronJob);
  }

  /** A server runs in the pod, on its disk. */
  private requireRoom({ resources, check }: RestoreDrillProps): void {
    requireScratch(this, resources, 'the restored database');
    if (bytes(resources.memory.limit) < bytes(Size.mebibytes(512))) {
      const fix = 'give it Size.mebibytes(512) or more';
      reject(this, { prop: 'resources.memory', must: 'be 512 MiB or more', got: resources.memory.limit, fix });
    }
    if (check?.trim() === '') {
      const fix = 'write a question such as "select count(*) > 0 from users", or omit it';
      reject(this, { prop: 'check', must: 'ask something', got: check, fix });
    }
  }
}
