import { ApiObject, type Duration, Size } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { backupEngine, type BackupEngine } from '../database/backup/backup-engine';
import {
  bucketVariables,
  folderOf,
  mountsOf,
  openingsOf,
  requireTarget,
  type BackupTarget,
} from '../database/backup/backup-target';
import type { DatabaseLink } from '../pod/database-link';
import { proxyOf, requireProxyIdentity } from '../database/database-proxy';
import { egressOf, settleSidecars, withBeside } from '../pod/beside';
import type { CloudIdentity } from '../pod/cloud-identity';
import { requireBeside } from '../pod/require-beside';
import type { Beside } from '../pod/sidecar';
import { hardenedPod, type ImagePullPolicy } from '../pod/hardened-pod';
import { requirePodSettings, type PodSettings } from '../pod/pod-settings';
import { settlePods } from '../pod/settled-pods';
import { type Resources } from '../pod/resources';
import { mountedScripts } from '../pod/mounted-scripts';
import type { Variables } from '../pod/variables';
import { tmp } from '../pod/volumes';
import { declare } from '../support/declare';
import { imageVersion, parseImage, requireImage, versionIn } from '../support/image';
import { labels } from '../support/labels';
import { bytes, secondsOf } from '../support/quantity';
import { reject } from '../support/reject';
import { requireName, requireSeconds } from '../support/values';

/** Properties that a backup, a restore and a drill share. */
export interface BackupTaskProps {
  /** What the database is called, such as the name of its server: the start of the name. */
  readonly name: string;
  /** The database. */
  readonly database: DatabaseLink;
  /** The official image of the server, in the version that the server has: its programs dump and restore. */
  readonly image: string;
  /** When to pull it: `imagePullPolicy`. @default 'Always' */
  readonly imagePullPolicy?: ImagePullPolicy;
  /** Where the dumps are. */
  readonly target: BackupTarget;
  /** What it may use. A dump on its way to or from a bucket, and the database of a drill, lie in its ephemeral storage. */
  readonly resources: Resources;
  /** Time for one run with its retries, 10 seconds to a day: `activeDeadlineSeconds`. @default Duration.hours(2) */
  readonly deadline?: Duration;
  /** Where its pods are scheduled, who pulls their images, and what else they are told. @default {} */
  readonly pods?: PodSettings;
}

/** Properties of those that connect to the server. */
export interface ConnectingTaskProps extends BackupTaskProps {
  /** Who its pods are to the cloud, where a proxy of the database asks for it. @default - nobody */
  readonly identity?: CloudIdentity;
}

/** One container, and what it runs. */
export interface Step {
  readonly container: string;
  /** @default - the image of the server */
  readonly image?: string;
  /** What reads its script. */
  readonly shell: 'bash' | 'sh';
  readonly script: string;
  readonly variables: Variables;
}

/** How one of the three differs from the others. */
export interface BackupTask extends Required<BackupTaskProps>, Pick<ConnectingTaskProps, 'identity'> {
  /** End of the name. */
  readonly role: 'backup' | 'restore' | 'restore-drill';
  /** What it runs: the last container, and those that end before it. */
  readonly steps: (engine: BackupEngine) => { readonly before: readonly Step[]; readonly last: Step };
  /** Whether it connects to the server. */
  readonly connects: boolean;
  /** Whether it writes dumps. */
  readonly writes: boolean;
  /** Tries after the first. */
  readonly retries: number;
}

/** What the objects that run such a task have in common. */
export interface BackupObjects {
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** Labels that no version changes. */
  readonly identity: Readonly<Record<string, string>>;
  /** Name and labels of the object. */
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  /** How its pods run. */
  readonly job: k8s.JobSpec;
  /** Gives the object that has the job the settings of its pods. */
  readonly settle: (target: Construct) => void;
}

/** A number that is no user of the node; the images need no user of their own. */
const USER = 10001;

/** The pod of a task under `scope`, with its ServiceAccount and its place in the fence. */
export function backupTask(scope: Construct, task: BackupTask): BackupObjects {
  const { database, role, image, target, connects, retries, deadline, identity: cloud } = task;
  const name = `${task.name}-${role}`;
  const identity = { application: backupEngine(database).application, instance: name, component: role };
  const serviceAccount = new k8s.KubeServiceAccount(scope, 'ServiceAccount', {
    metadata: { name, labels: labels(identity), ...(cloud ? { annotations: { ...cloud.annotations } } : {}) },
    automountServiceAccountToken: false,
  });
  const beside: Beside = connects ? { sidecars: proxyOf(database) } : {};
  const toServer = connects && !database.proxy ? [{ port: database.port, peer: database.peer }] : [];
  const sends = [...toServer, ...egressOf(beside), ...openingsOf(target), ...(cloud?.openings ?? [])];
  declare(scope, { traffic: [{ pods: name, labels: labels(identity), sends, reachesOut: false, ends: true }] });
  if ('claim' in target && 'existing' in target.claim) {
    declare(scope, { externals: [{ kind: 'PersistentVolumeClaim', name: target.claim.name }] });
  }
  const versioned = labels({ ...identity, version: imageVersion(image) });
  requireBeside(scope, beside, { containers: [], mounts: [], ends: true });
  if (connects && database.proxy) requireProxyIdentity(scope, database.proxy, cloud);
  const job: k8s.JobSpec = {
    backoffLimit: retries,
    activeDeadlineSeconds: secondsOf(deadline),
    // A drained node is not the task's fault, and takes none of its retries.
    podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] },
    template: {
      metadata: { labels: { ...versioned, ...cloud?.podLabels } },
      spec: { ...withBeside(taskPod(scope, task, name, labels(identity)), beside), restartPolicy: 'Never' },
    },
  };
  const settle = (target: Construct): void => {
    settlePods(ApiObject.of(target), task.pods);
    settleSidecars(ApiObject.of(target), beside);
  };
  return { serviceAccount, identity: labels(identity), metadata: { name, labels: versioned }, job, settle };
}

/** Where containers find their scripts. */
const SCRIPTS = '/etc/backup-scripts';

function taskPod(scope: Construct, task: BackupTask, name: string, own: Readonly<Record<string, string>>): k8s.PodSpec {
  const { database, image, imagePullPolicy, target, resources, steps, connects, writes } = task;
  const { before, last } = steps(backupEngine(database));
  const files = Object.fromEntries([...before, last].map(({ container, script }) => [`${container}.sh`, `${script}\n`]));
  const scripts = mountedScripts(scope, { name, labels: own, files, folder: SCRIPTS });
  const data = [...mountsOf(target, !writes), ...(connects ? database.mounts : [])];
  const mounts = [tmp(resources, data), scripts, ...data];
  const podOf = ({ shell, script, variables, ...step }: Step): k8s.PodSpec => {
    const pod = { image, imagePullPolicy, resources, user: USER, serviceAccountName: name, mounts, ...step };
    const command = [shell, `${SCRIPTS}/${step.container}.sh`];
    return hardenedPod({ ...pod, command, variables: { ...folderOf(target), ...variables } });
  };
  const initContainers = before.flatMap((step) => podOf(step).containers);
  return {
    ...podOf(last),
    ...(initContainers.length > 0 ? { initContainers } : {}),
  };
}

/** The container that runs a script in the image of the server. */
export function inServerImage(container: string, script: string, variables: Variables): Step {
  return { container, shell: 'bash', script, variables };
}

/** The container that runs a script in rclone's image, where the dumps are in a bucket. */
export function inBucketImage(target: BackupTarget, container: string, script: string, variables: Variables): Step[] {
  if (!('bucket' in target)) return [];
  const { bucket } = target;
  return [{ container, image: bucket.image, shell: 'sh', script, variables: { ...bucketVariables(bucket), ...variables } }];
}

/** A CronJob that runs one at a time. */
export function scheduled(
  { metadata, job }: BackupObjects,
  { schedule, timeZone }: { schedule: string; timeZone: string },
): k8s.KubeCronJobProps {
  return {
    metadata,
    spec: {
      schedule,
      timeZone,
      concurrencyPolicy: 'Forbid',
      // Late is better than not at all.
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { metadata: { labels: { ...metadata.labels } }, spec: job },
    },
  };
}

/**
 * Refuses shared props that would not work.
 *
 * @param longest characters that the name may have: those that are left of 63, or of 52 for a CronJob
 */
export function requireTask(scope: Construct, props: Required<BackupTaskProps>, longest: number): void {
  const { name, image, target, resources, deadline, pods } = props;
  requirePodSettings(scope, pods);
  requireName(scope, name, longest);
  requireImage(scope, image);
  requireTarget(scope, target);
  resources.require(scope);
  requireSeconds(scope, 'deadline', deadline, { minimum: 10, maximum: 86400, fix: 'omit it to use 2 hours' });
}

/** Refuses scratch space that is too small for a dump or a database. */
export function requireScratch(scope: Construct, { ephemeralStorage }: Resources, what: string): void {
  if (bytes(ephemeralStorage) >= bytes(Size.gibibytes(1))) return;
  const must = `be 1 GiB or more: ${what} lies there`;
  const fix = 'give it twice the size that the database has today';
  reject(scope, { prop: 'resources.ephemeralStorage', must, got: ephemeralStorage, fix });
}

/**
 * Refuses programs that are older than the server: `pg_dump` ends before it writes anything where the server's major
 * version is newer than its own, and an older server does not take all that a newer `pg_dump` writes.
 *
 * @see https://www.postgresql.org/docs/current/app-pgdump.html#PG-DUMP-NOTES
 */
export function requireServerVersion(scope: Construct, { database, image }: Pick<BackupTaskProps, 'database' | 'image'>): void {
  const [server, tools] = [database.image, image].map((one) => majorOf(one));
  if (database.adapter !== 'postgresql' || server === undefined || tools === undefined || tools >= server) return;
  const must = `be of PostgreSQL ${server} or newer, as the server is: older programs refuse it, or its dumps`;
  reject(scope, { prop: 'image', must, got: image, fix: `write the image of the server, or the official one of ${server}` });
}

/** The major version that an image of PostgreSQL names, since 10 its first number; undefined where its tag says none. */
function majorOf(image: string | undefined): number | undefined {
  const [major] = versionIn((image === undefined ? undefined : parseImage(image)?.tag) ?? '') ?? [];
  return major;
}
