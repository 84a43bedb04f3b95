import { ApiObject, Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { backupEngine } from '../database/backup/backup-engine';
import { fetchScript } from '../database/backup/bucket-scripts';
import { isDatabaseText, requireDatabaseText } from '../database/postgres-names';
import { literally } from '../pod/variables';
import { nameByContent } from '../support/edit';
import { declare } from '../support/declare';
import { literal } from '../support/literal';
import { reject } from '../support/reject';
import { requireProps } from '../support/props';
import { requireSeconds } from '../support/values';
import { backupTask, inBucketImage, inServerImage, requireScratch, requireTask, type ConnectingTaskProps } from './backup-task';
import { secondsOf } from '../support/quantity';

/** Properties of {@link DatabaseRestore}. */
export interface DatabaseRestoreProps extends ConnectingTaskProps {
  /** Name of the dump, as the backup printed it: `kube_native-20260131T033000Z.dump`. */
  readonly dump: string;
  /** Another database of the same server, which must be there and empty. @default - that of the application */
  readonly into?: string;
  /** How long the Job is kept to be looked at, up to a year: `ttlSecondsAfterFinished`. @default Duration.days(7) */
  readonly keep?: Duration;
}

/**
 * Restores one dump, once, into an empty database; a database that has tables is refused and stays as it is. Add it when
 * you need it and remove it afterwards. PostgreSQL restores all or nothing; MySQL leaves what it had restored when it was killed.
 */
export class DatabaseRestore extends Construct {
  /** The ServiceAccount that it runs as, with no token mounted. */
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** The Job. */
  readonly job: k8s.KubeJob;

  private readonly finalName: () => string;

  constructor(scope: Construct, id: string, props: DatabaseRestoreProps) {
    super(scope, id);
    requireProps(this, props, 'DatabaseRestoreProps');
    const { name, database, image, target, resources, dump, into = database.database, keep = Duration.days(7) } = props;
    const { imagePullPolicy = 'Always', deadline = Duration.hours(2), pods = {}, identity } = props;
    const common = { name, database, image, imagePullPolicy, target, resources, deadline, pods };
    requireTask(this, common, 44);
    this.requireNames(into, dump, backupEngine(database).extension);
    requireSeconds(this, 'keep', keep, { minimum: 0, fix: 'omit it to use 7 days' });
    if ('bucket' in target) requireScratch(this, resources, 'the dump');

    const { serviceAccount, metadata, job, settle } = backupTask(this, {
      ...common,
      identity,
      role: 'restore',
      connects: true,
      writes: false,
      retries: 3,
      steps: ({ scripts, remote }) => {
        const named = literally({ DUMP: dump });
        const restore = inServerImage('restore', scripts.restore, { ...remote(database, into), ...named });
        return { before: inBucketImage(target, 'download', fetchScript, named), last: restore };
      },
    });
    this.serviceAccount = serviceAccount;
    const ttlSecondsAfterFinished = secondsOf(keep);
    this.job = new k8s.KubeJob(this, 'Job', { metadata, spec: { ...job, ttlSecondsAfterFinished } });
    settle(this.job);
    this.finalName = nameByContent(ApiObject.of(this.job), ({ spec }) => spec.template);
    declare(this, { restores: [{ host: database.host, name: this.finalName }] });
  }

  /** The Job's full name, for `kubectl wait`. */
  get jobName(): string {
    return this.finalName();
  }

  private requireNames(into: string, dump: string, extension: string): void {
    requireDatabaseText(this, 'into', into);
    const [, database] = new RegExp(`^(.*)-\\d{8}T\\d{6}Z\\.${literal(extension)}$`).exec(dump) ?? [];
    if (isDatabaseText(database)) return;
    const fix = `write it as kube_native-20260131T033000Z.${extension}`;
    reject(this, { prop: 'dump', must: 'be the name of one dump, as the backup printed it', got: dump, fix });
  }
}
