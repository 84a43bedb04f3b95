import { ApiObject, Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { Resources } from '../pod/resources';
import { nameByContent } from '../support/edit';
import { requireTypes, type PropTypes } from '../support/types';
import { requireInteger, requireSeconds } from '../support/values';
import { PhoenixRelease } from './phoenix-release';
import { taskPod } from './task-pod';

/** What a {@link MigrationJob} is told. */
export interface MigrationJobProps {
  /** The release whose image, variables and secrets it runs with. */
  readonly release: PhoenixRelease;
  /** What it does, the end of its name: `migrate` makes `kube-native-migrate-<hash>`. @default 'migrate' */
  readonly task?: string;
  /** What it runs: `command`. @default - the release's migrate command */
  readonly command?: readonly string[];
  /** What it may use. @default - what a web pod may */
  readonly resources?: Resources;
  /** Runs after the first that may fail, 0 to 20: `backoffLimit`. Six take ten minutes: time for a database to come up. @default 6 */
  readonly retries?: number;
  /** Time for all runs together, 10 seconds to a day: `activeDeadlineSeconds`. @default Duration.minutes(30) */
  readonly deadline?: Duration;
  /** How long it is kept to be looked at, up to a year: `ttlSecondsAfterFinished`. Applied again later, it runs again. @default Duration.days(7) */
  readonly keep?: Duration;
}

const propTypes: PropTypes<MigrationJobProps> = {
  ...{ release: [PhoenixRelease], task: ['string', undefined], command: ['array', undefined], resources: [Resources, undefined] },
  ...{ retries: ['number', undefined], deadline: [Duration, undefined], keep: [Duration, undefined] },
};

/**
 * Runs a command of the release once: its migrations, or its seeds. The name carries a hash of all that would change
 * the run, so the same output applied again changes nothing and a new image makes a new Job. A Job of the same name
 * could not be changed anyway: its template is immutable.
 */
export class MigrationJob extends Construct {
  /** The ServiceAccount that it runs as, with no token mounted. */
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** The Job. */
  readonly job: k8s.KubeJob;

  private readonly finalName: () => string;

  constructor(scope: Construct, id: string, props: MigrationJobProps) {
    super(scope, id);
    requireTypes(this, props, propTypes);
    const { release, task = 'migrate', resources = release.resources, retries = 6 } = props;
    const { deadline = Duration.minutes(30), keep = Duration.days(7) } = props;
    const { command = release.application.release.migrate } = props;
    requireInteger(this, 'retries', retries, { minimum: 0, maximum: 20, fix: 'omit it to use 6' });
    requireSeconds(this, 'deadline', deadline, { minimum: 10, maximum: 86400, fix: 'omit it to use 30 minutes' });
    requireSeconds(this, 'keep', keep, { minimum: 0, fix: 'omit it to use 7 days' });

    const { serviceAccount, metadata, job } = taskPod(this, { release, task, command, resources, retries, deadline });
    this.serviceAccount = serviceAccount;
    const ttlSecondsAfterFinished = keep.toSeconds({ integral: false });
    this.job = new k8s.KubeJob(this, 'Job', { metadata, spec: { ...job, ttlSecondsAfterFinished } });
    this.finalName = nameByContent(ApiObject.of(this.job), ({ spec }) => spec.template);
  }

  /** The Job's full name, for `kubectl wait`. */
  get jobName(): string {
    return this.finalName();
  }
}
