import { ApiObject, Chart, type Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Mount } from '../pod/mount';
import type { PodSettings } from '../pod/pod-settings';
import type { BesideOfRole } from '../pod/sidecar';
import { type Resources } from '../pod/resources';
import { isHook, mayExpire, type Turn } from '../release/delivery';
import { migrationBudget, MIGRATION_LIMIT } from '../release/migration-budget';
import { nameByContent } from '../support/edit';
import { declare, declaredIn } from '../support/declare';
import { folderOf } from '../support/folder';
import { display, reject, rejectLate } from '../support/reject';
import { requireProps } from '../support/props';
import { requireInteger, requireSeconds } from '../support/values';
import { type PhoenixRelease } from './phoenix-release';
import { requireRollback, type Rollback } from './rollback';
import { taskPod } from './task-pod';
import { endsUnwanted, listWanted } from './wanted-jobs';
import { secondsOf } from '../support/quantity';

/** Properties of {@link MigrationJob}. */
export interface MigrationJobProps extends BesideOfRole {
  /** The release whose image, variables and secrets it runs with. */
  readonly release: PhoenixRelease;
  /**
   * When it runs. `before` the roll-out come the migrations that old pods can live with: they add. `after` it come those that
   * take away what old pods still used: for `mix release` those in `priv/repo/post_migrations`. @default 'before'
   */
  readonly phase?: 'before' | 'after';
  /** Takes migrations back instead of running them. @default - it runs them */
  readonly rollback?: Rollback;
  /** What it does, the end of its name: `migrate` makes `kube-native-migrate-<hash>`. @default - by the phase, 'migrate', 'contract' or 'rollback' */
  readonly task?: string;
  /** What it runs: `command`. @default - the release's command for the phase, or for the rollback */
  readonly command?: readonly string[];
  /** What it may use. @default - what a web pod may */
  readonly resources?: Resources;
  /**
   * Runs after the first that may fail, 0 to 20: `backoffLimit`. The wait for the database is none, where `mix release` made the
   * image. @default - with `apply` as many as begin before the deadline, else six, which take ten minutes
   */
  readonly retries?: number;
  /**
   * Time for all runs together and for the wait for the database, 10 seconds to a day: `activeDeadlineSeconds`. Before the
   * roll-out it is at most the limit of the gate, so that no gate gives up on a job that still runs.
   * @default - the limit of the gate, or 30 minutes without one
   */
  readonly deadline?: Duration;
  /**
   * How long it stays after its end, up to a year: `ttlSecondsAfterFinished`. Applied within that time it does not run again,
   * even if it failed. @default - a minute with `apply`, a week with `helm`; else, and after a rollback, until it is replaced or deleted
   */
  readonly keep?: Duration;
  /** Settings laid over those of all pods of the release, as {@link PodSettings} says of each. @default {} */
  readonly pods?: PodSettings;
  /** Further files, beside those of all pods of the release. @default [] */
  readonly mounts?: readonly Mount[];
}

const TASKS = { before: 'migrate', after: 'contract', rollback: 'rollback' } as const;

/**
 * Runs a command of the release once: its migrations, or its seeds. What it does in a delivery follows that of the release: a
 * hook of Argo CD or Helm keeps its name and is made anew each time. Elsewhere the name carries a hash of all that would change
 * the run, so the same output applied again changes nothing and a new image makes a new Job. A Job of the same name could not
 * be changed anyway: its template is immutable.
 */
export class MigrationJob extends Construct {
  /** The ServiceAccount that it runs as, with no token mounted. */
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** The Job. */
  readonly job: k8s.KubeJob;
  /** The longest that it may take. */
  readonly deadline: Duration;

  private readonly finalName: () => string;

  constructor(scope: Construct, id: string, props: MigrationJobProps) {
    super(scope, id);
    requireProps(this, props, 'MigrationJobProps');
    const { release, rollback, phase = 'before', resources = release.resources } = props;
    const turn: keyof typeof TASKS = rollback ? 'rollback' : phase;
    const limit = release.common.gateLimit ?? MIGRATION_LIMIT;
    const { task = TASKS[turn] ?? 'migrate', deadline = limit } = props;
    const budget = migrationBudget(release.delivery, turn, deadline);
    const { retries = budget.retries, keep = budget.keep } = props;
    this.deadline = deadline;
    const usual = {
      retries: migrationBudget(release.delivery, turn, limit).retries,
      limit: display(limit),
      keep: display(budget.keep),
    };
    requireSettings(this, props, { phase, retries, deadline, keep }, usual);
    const command = this.commandOf(props, turn);
    if (release.delivery === 'flux') this.requireOwnFolder(release);

    const { image = release.image } = rollback ?? {};
    if (turn === 'before') listWanted(this, release);
    const { pods, mounts, sidecars, initContainers } = props;
    const own = { pods, mounts, sidecars, initContainers };
    const run = { ...own, release, image, task, turn, command, resources, retries, deadline };
    const pod = taskPod(this, { ...run, wait: budget.wait, ends: endsUnwanted(release, mounts) });
    const { serviceAccount, metadata, job, settle } = pod;
    this.serviceAccount = serviceAccount;
    const expiry = mayExpire(release.delivery, turn) ? { ttlSecondsAfterFinished: secondsOf(keep) } : {};
    this.job = new k8s.KubeJob(this, 'Job', { metadata, spec: { ...job, ...expiry } });
    settle(this.job);
    const { name } = metadata;
    this.finalName = isHook(release.delivery, turn)
      ? () => name
      : nameByContent(ApiObject.of(this.job), ({ spec }) => this.contentOf(spec.template, release));
    declare(this, { jobs: [{ job: this, release, name: this.finalName, image, migrates: turn === 'before' }] });
    if (rollback) this.requireOtherImage(release, image);
  }

  /** The Job's full name, for `kubectl wait`. */
  get jobName(): string {
    return this.finalName();
  }

  /** A database that was restored has the schema of its dump, so what ran before runs again. */
  private contentOf(template: unknown, { database }: PhoenixRelease): unknown {
    const restores = declaredIn(this).restores.filter(({ host }) => !database || host === database.host);
    return restores.length === 0 ? template : [template, ...restores.map(({ name }) => name()).sort()];
  }

  /** With one image for both, one job runs what the other one takes back. */
  private requireOtherImage(release: PhoenixRelease, image: string): void {
    rejectLate(this, () => {
      const both = declaredIn(this).jobs.some((job) => job.release === release && job.migrates && job.image === image);
      const must = 'be another one than that of the release, whose migrations would run again beside the rollback';
      const fix = 'let the release run the image before, and name the one that knows the migrations here';
      return both ? [{ prop: 'rollback.image', must, got: image, fix }] : [];
    });
  }

  private commandOf({ release, rollback, command }: MigrationJobProps, turn: Turn): readonly string[] {
    const { migrate, contract, rollback: takeBack } = release.application.release;
    if (command) return command;
    if (turn === 'before') return migrate;
    const known = rollback ? takeBack?.(rollback.repo, rollback.to) : contract;
    if (known) return known;
    const must = `be given for ${rollback ? 'a rollback' : "the phase 'after'"} of a release of this tool`;
    reject(this, { prop: 'command', must, got: command, fix: 'write the program and its arguments' });
    return migrate;
  }

  /** Flux applies a folder at once: a job in that of the pods would run beside them. */
  private requireOwnFolder(release: PhoenixRelease): void {
    const fix = "write inFolder(chart, 'migrate') for the chart of the job, and another folder for that of the release";
    rejectLate(this, () => {
      const [own, other] = [folderOf(this), folderOf(release)];
      const same = own === other || Chart.of(this) === Chart.of(release);
      const must = 'find the job in a folder of its own';
      return same ? [{ prop: 'delivery', must, got: own ?? 'that of the environment', fix }] : [];
    });
  }
}

type Settings = Required<Pick<MigrationJobProps, 'phase' | 'retries' | 'deadline' | 'keep'>>;

/** What is taken where nothing is said: it follows from the delivery and the gate of the release. */
interface Usual {
  readonly retries: number;
  readonly limit: string;
  readonly keep: string;
}

function requireSettings(
  scope: Construct,
  props: MigrationJobProps,
  { phase, retries, deadline, keep }: Settings,
  usual: Usual,
): void {
  const { release, rollback } = props;
  requireInteger(scope, 'retries', retries, { minimum: 0, maximum: 20, fix: `omit it to use ${usual.retries}` });
  requireSeconds(scope, 'deadline', deadline, { minimum: 10, maximum: 86400, fix: `omit it to use ${usual.limit}` });
  requireOrder(scope, props, phase);
  requireSeconds(scope, 'keep', keep, { minimum: 0, fix: `omit it to use ${usual.keep}` });
  if (rollback) requireRollback(scope, rollback, props);
  if (props.keep !== undefined && !mayExpire(release.delivery, rollback ? 'rollback' : phase)) {
    const must = rollback
      ? 'be left out of a rollback, which would be made again, and take back what was migrated since'
      : `be left to the delivery by '${release.delivery}', which would make the job, and run it, again`;
    const fix = rollback ? 'omit it: it stays until somebody deletes it' : "omit it: the next release's job takes its place";
    reject(scope, { prop: 'keep', must, got: keep, fix });
  }
}

/** Refuses a job that may still run when the pods that wait for it have given up. */
function requireOrder(scope: Construct, { release, rollback, deadline }: MigrationJobProps, phase: string): void {
  const limit = release.common.gateLimit;
  if (!deadline || !limit || rollback || phase !== 'before' || secondsOf(deadline) <= secondsOf(limit)) return;
  const must = `be at most the limit of the gate, ${secondsOf(limit)}s: pods would give up on a migration that still runs`;
  reject(scope, { prop: 'deadline', must, got: deadline, fix: 'raise the limit of the gate, and omit it' });
}
