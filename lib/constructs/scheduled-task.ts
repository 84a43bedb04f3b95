import { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Mount } from '../pod/mount';
import type { PodSettings } from '../pod/pod-settings';
import type { BesideOfRole } from '../pod/sidecar';
import { type Resources } from '../pod/resources';
import { literally, requireVariables, type Variables } from '../pod/variables';
import { requireConfig, tellOrigins } from '../release/repeats';
import { requireInteger, requireSeconds } from '../support/values';
import { type PhoenixRelease } from './phoenix-release';
import { requireProps } from '../support/props';
import { tellSchedule } from './schedule';
import { taskPod, taskVariables } from './task-pod';
import { secondsOf } from '../support/quantity';

/** What happens where a run is due while the one before still goes on. */
export type Concurrency =
  /** The new run is left out. */
  | 'Forbid'
  /** The new run takes the place of the old one. */
  | 'Replace'
  /** Both run. */
  | 'Allow';

/** Properties of {@link ScheduledTask}. */
export interface ScheduledTaskProps extends BesideOfRole {
  /** The release whose image, variables and secrets it runs with. */
  readonly release: PhoenixRelease;
  /** What it does, the end of its name: `digest` makes `kube-native-digest`. */
  readonly task: string;
  /** What it runs, such as `['/app/bin/shop', 'eval', 'Shop.Release.digest()']`: `command`. */
  readonly command: readonly string[];
  /** When: minute, hour, day of the month, month, day of the week: `schedule`. */
  readonly schedule: string;
  /**
   * Where it is that time. Where clocks change, an hour of the night comes twice or not at all, and so does what is due then; synth
   * says so: `timeZone`. @default 'Etc/UTC'
   */
  readonly timeZone?: string;
  /** What happens where the run before still goes on, as the field or `ConcurrencyPolicy` of cdk8s-plus says it. @default 'Forbid' */
  readonly concurrencyPolicy?: Concurrency;
  /** How late a run may still start, 10 seconds to a day: `startingDeadlineSeconds`. @default Duration.minutes(5) */
  readonly startingDeadline?: Duration;
  /** Time for one run with its retries, 10 seconds to a day: `activeDeadlineSeconds`. @default Duration.hours(1) */
  readonly deadline?: Duration;
  /** Tries after the first that may fail, 0 to 20: `backoffLimit`. @default 2 */
  readonly retries?: number;
  /** Whether it pauses: `suspend`. @default false */
  readonly suspend?: boolean;
  /** What it may use. @default - what a web pod may */
  readonly resources?: Resources;
  /** Further variables, as texts; one of the release's of the same name is replaced, but those of `tracing`, `sentry` and `logs`. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  /** Variables beside those, such as keys of Secrets; one of the same name is replaced, as by `config`: `env`. @default {} */
  readonly variables?: Variables;
  /** Settings laid over those of all pods of the release, as {@link PodSettings} says of each. @default {} */
  readonly pods?: PodSettings;
  /** Further files, beside those of all pods of the release. @default [] */
  readonly mounts?: readonly Mount[];
}

/**
 * Runs a command of the release again and again, at fixed times. For what no scheduler inside the BEAM may do: it runs
 * once however many pods there are, with memory of its own. It may run twice or not at all, so it must bear both.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#cron-job-limitations
 */
export class ScheduledTask extends Construct {
  /** The ServiceAccount that it runs as, with no token mounted. */
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** The CronJob. */
  readonly cronJob: k8s.KubeCronJob;

  constructor(scope: Construct, id: string, props: ScheduledTaskProps) {
    super(scope, id);
    requireProps(this, props, 'ScheduledTaskProps');
    const { release, task, command, schedule, timeZone = 'Etc/UTC', concurrencyPolicy = 'Forbid', suspend = false } = props;
    const { resources = release.resources, config = {}, retries = 2, pods, mounts, sidecars, initContainers } = props;
    const { startingDeadline = Duration.minutes(5), deadline = Duration.hours(1) } = props;
    requireTimes(this, { startingDeadline, deadline, retries });

    requireConfig(this, config);
    tellOrigins(this, config);
    release.common.telemetry.requireFree(this, { config, variables: props.variables ?? {} });
    const variables = { ...literally(config), ...props.variables };
    const own = { pods, mounts, sidecars, initContainers };
    const run = { ...own, release, task, command, resources, variables, retries, deadline };
    if (Object.keys(variables).length > 0) requireVariables(this, 'variables', taskVariables(run));
    const { serviceAccount, metadata, job, settle } = taskPod(this, run);
    this.serviceAccount = serviceAccount;
    this.cronJob = new k8s.KubeCronJob(this, 'CronJob', {
      metadata,
      spec: {
        schedule,
        timeZone,
        concurrencyPolicy,
        startingDeadlineSeconds: secondsOf(startingDeadline),
        ...(suspend ? { suspend } : {}),
        // The last good runs and the last bad one stay to be looked at; a time to live would take them earlier.
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
        jobTemplate: { metadata: { labels: { ...metadata.labels } }, spec: job },
      },
    });
    tellSchedule(this, this.cronJob, { schedule, timeZone });
    settle(this.cronJob);
  }
}

type Times = Required<Pick<ScheduledTaskProps, 'startingDeadline' | 'deadline' | 'retries'>>;

function requireTimes(scope: Construct, { startingDeadline, deadline, retries }: Times): void {
  // The controller looks every ten seconds: with less time it never finds a run to start.
  requireSeconds(scope, 'startingDeadline', startingDeadline, { minimum: 10, maximum: 86400, fix: 'omit it to use 5 minutes' });
  requireSeconds(scope, 'deadline', deadline, { minimum: 10, maximum: 86400, fix: 'omit it to use an hour' });
  requireInteger(scope, 'retries', retries, { minimum: 0, maximum: 20, fix: 'omit it to use 2' });
}
