import { ApiObject, Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { hardenedPod, scratch } from '../pod/hardened-pod';
import { Resources } from '../pod/resources';
import { literally } from '../pod/variables';
import { nameByContent } from '../support/edit';
import { factsOf } from '../support/facts';
import { imageVersion } from '../support/image';
import { labels } from '../support/labels';
import { requireTypes, type PropTypes } from '../support/types';
import { requireInteger, requireName, requireSeconds } from '../support/values';
import { PhoenixRelease } from './phoenix-release';

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
    const { application, image, imagePullPolicy } = release;
    const { command = application.release.migrate } = props;
    const name = `${application.name}-${task}`;
    // The Job's name is both and a hash; the container's is the task alone.
    requireName(this, task, Math.max(1, 51 - application.name.length), 'task');
    requireInteger(this, 'retries', retries, { minimum: 0, maximum: 20, fix: 'omit it to use 6' });
    requireSeconds(this, 'deadline', deadline, { minimum: 10, maximum: 86400, fix: 'omit it to use 30 minutes' });
    requireSeconds(this, 'keep', keep, { minimum: 0, fix: 'omit it to use 7 days' });
    resources.require(this);

    const identity = { application: application.name, instance: name, component: task };
    this.serviceAccount = new k8s.KubeServiceAccount(this, 'ServiceAccount', {
      metadata: { name, labels: labels(identity) },
      automountServiceAccountToken: false,
    });
    factsOf(this).traffic.push({ pods: name, labels: labels(identity), sends: release.sends, reachesOut: true });
    const versioned = labels({ ...identity, version: imageVersion(image) });
    const pod = hardenedPod({
      ...{ container: task, image, imagePullPolicy, command, resources, user: 65534, serviceAccountName: name },
      // Written out rather than by reference: the Job runs before the release's ConfigMap is there.
      variables: { ...literally(release.variables(resources, 'task')), ...release.secrets },
      mounts: [scratch('tmp', '/tmp', resources.scratch), ...release.mounts],
    });
    this.job = new k8s.KubeJob(this, 'Job', {
      metadata: { name, labels: versioned },
      spec: {
        backoffLimit: retries,
        activeDeadlineSeconds: deadline.toSeconds({ integral: false }),
        ttlSecondsAfterFinished: keep.toSeconds({ integral: false }),
        // A drained node is not the migration's fault, and takes none of its retries.
        podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] },
        template: { metadata: { labels: versioned }, spec: { ...pod, restartPolicy: 'Never' } },
      },
    });
    this.finalName = nameByContent(ApiObject.of(this.job), ({ spec }) => spec.template);
  }

  /** The Job's full name, for `kubectl wait`. */
  get jobName(): string {
    return this.finalName();
  }
}
