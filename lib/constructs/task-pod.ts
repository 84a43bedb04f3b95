import { ApiObject, type Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { hardenedPod, NOBODY } from '../pod/hardened-pod';
import type { Mount } from '../pod/mount';
import { initContainers, namesOf, type InitCommand } from '../pod/init-command';
import { requireMounts } from '../pod/require-mounts';
import { besideOfRole, egressOf, settleSidecars, withBeside } from '../pod/beside';
import { requireBeside, requireOthers } from '../pod/require-beside';
import type { Beside, BesideOfRole } from '../pod/sidecar';
import { roleSettings, type PodSettings } from '../pod/pod-settings';
import { settlePods } from '../pod/settled-pods';
import type { Resources } from '../pod/resources';
import { mountedScripts } from '../pod/mounted-scripts';
import { literally, type Variables } from '../pod/variables';
import { requireRoomInTmp, tmp } from '../pod/volumes';
import { annotationsOf, type Turn } from '../release/delivery';
import { SCRIPTS, scriptMounts, scriptsIn } from '../release/scripts';
import { declare } from '../support/declare';
import { imageVersion, requireImage } from '../support/image';
import { labels } from '../support/labels';
import { nodeVariablesAlone } from '../release/application';
import { reject } from '../support/reject';
import { requirePartName } from '../support/values';
import type { PhoenixRelease } from './phoenix-release';
import { secondsOf } from '../support/quantity';
import type { UnwantedEnds } from './wanted-jobs';

/** What a command of a release needs to run and to end. */
export interface ReleaseTask extends BesideOfRole {
  /** The release whose image, variables and secrets it runs with. */
  readonly release: PhoenixRelease;
  /** What it does: the end of its name, and the name of the container. */
  readonly task: string;
  /** What it runs. */
  readonly command: readonly string[];
  /** What it may use. */
  readonly resources: Resources;
  /** When it has its turn in a delivery. Seeds and whatever comes later wait at the gate of the release. @default 'last' */
  readonly turn?: Turn;
  /** Image with its version. @default - that of the release */
  readonly image?: string;
  /** Variables beside those of the release; one of the same name replaces it. @default {} */
  readonly variables?: Variables;
  /** Runs after the first that may fail. */
  readonly retries: number;
  /** Time for all runs together. */
  readonly deadline: Duration;
  /** The longest that a run which passes no gate waits for the database. @default - it does not wait */
  readonly wait?: Duration;
  /** What ends it where it is no longer wanted. @default - nothing */
  readonly ends?: UnwantedEnds;
  /** Settings of its pods, beside those of the release. @default {} */
  readonly pods?: PodSettings;
  /** Files that no other role has. @default [] */
  readonly mounts?: readonly Mount[];
}

/** What the objects that run a task have in common. */
export interface TaskPod {
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** Name, labels and turn of the object. */
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** How its pods run. */
  readonly job: k8s.JobSpec;
  /** Gives the object that has the job the settings of its pods. */
  readonly settle: (target: Construct) => void;
}

/**
 * The variables of a task, in their order. Written out rather than by reference: a migration runs before the
 * release's ConfigMap is there, and a schedule outlives the release whose ConfigMap it would name.
 */
export function taskVariables(props: ReleaseTask): Variables {
  const { release, task, image = release.image, resources, variables = {}, mounts } = props;
  return {
    ...literally(release.common.variables(resources, 'task', mounts)),
    ...nodeVariablesAlone(release.application),
    ...release.common.observed({ name: `${release.application.name}-${task}`, version: imageVersion(image) }),
    ...release.secrets,
    ...variables,
  };
}

/** The pod of a task under `scope`, with its ServiceAccount and its place in the fence. */
export function taskPod(scope: Construct, props: ReleaseTask): TaskPod {
  const { release, task, command, resources, turn = 'last', image = release.image } = props;
  const { application } = release;
  const name = `${application.name}-${task}`;
  // The object's name is both, and eleven characters follow; the container's is the task alone.
  requirePartName(scope, task, application.name, 'task');
  requireImage(scope, image);
  requireProgram(scope, command, release);
  resources.require(scope);
  const mounts = [...release.mounts, ...(props.mounts ?? [])];
  if (props.mounts) requireMounts(scope, mounts);
  requireRoomInTmp(scope, resources, mounts);
  const settings = roleSettings(scope, release.pods, props.pods);
  requireOthers(scope, props);
  const beside = besideOfRole(scope, release.common.beside, props);

  const identity = { application: application.name, instance: name, component: task };
  const account = { ...release.identity?.annotations, ...(turn === 'before' ? annotationsOf(release.delivery, 'account') : {}) };
  const serviceAccount = new k8s.KubeServiceAccount(scope, 'ServiceAccount', {
    metadata: { name, labels: labels(identity), ...annotated(account) },
    automountServiceAccountToken: false,
  });
  const { reaches } = release;
  const sends = [...release.common.sends, ...egressOf(beside), ...(release.identity?.openings ?? [])];
  declare(scope, { traffic: [{ pods: name, labels: labels(identity), sends, reaches, reachesOut: true, ends: true }] });
  const versioned = labels({ ...identity, version: imageVersion(image) });
  const spec = podSpec(scope, props, { name, image, mounts, beside, own: labels(identity) });
  const job = jobOf(props, { metadata: { labels: { ...versioned, ...release.identity?.podLabels } }, spec });
  const metadata = { name, labels: versioned, ...annotated(annotationsOf(release.delivery, turn)) };
  const settle = (target: Construct): void => {
    settlePods(ApiObject.of(target), settings);
    settleSidecars(ApiObject.of(target), beside);
  };
  return { serviceAccount, metadata, job, settle };
}

/** What a pod is made from beside its task. */
interface PodParts {
  readonly name: string;
  readonly image: string;
  readonly mounts: readonly Mount[];
  readonly beside: Beside;
  /** Labels of what stands beside it. */
  readonly own: Record<string, string>;
}

/** The pod itself: what waits, what runs with the scripts that commands name, and what is beside it. */
function podSpec(scope: Construct, props: ReleaseTask, { name, image, mounts, beside, own }: PodParts): k8s.PodSpec {
  const { release, task, command, resources } = props;
  const { imagePullPolicy } = release;
  const variables = taskVariables(props);
  const pod = {
    container: task,
    image,
    imagePullPolicy,
    command,
    resources,
    user: NOBODY,
    serviceAccountName: name,
    variables,
    mounts: [tmp(resources, mounts), ...mounts],
  };
  // What waits reads all of runtime.exs too.
  const commands = commandsOf(props, variables);
  const scripts = scriptsOf(scope, props, { name, labels: own, commands });
  const main = { ...pod, mounts: [...pod.mounts, ...scriptMounts(props.command, scripts)] };
  const first = commands.map((one) => ({ ...one, mounts: scriptMounts(one.command, scripts) }));
  requireBeside(scope, beside, { containers: [task, ...namesOf(commands)], mounts, ends: true });
  return withBeside({ ...hardenedPod(main), ...initContainers(pod, first), restartPolicy: 'Never' }, beside);
}

/**
 * The scripts of a task. Those of a job stand beside it: it may run before its release is there. What comes later reads those of
 * the release.
 */
function scriptsOf(
  scope: Construct,
  { release, command, turn = 'last', ends }: ReleaseTask,
  { name, labels: own, commands }: { name: string; labels: Record<string, string>; commands: readonly InitCommand[] },
): Mount | undefined {
  const all = { ...release.application.release.scripts, ...ends?.scripts };
  if (turn === 'last' && isEmpty(scriptsIn(all, [command]))) return release.common.scripts;
  const files = scriptsIn(all, [command, ...commands.map((one) => one.command)]);
  if (isEmpty(files)) return undefined;
  const annotations = annotationsOf(release.delivery, turn === 'before' ? 'scripts' : 'configuration');
  return mountedScripts(scope, { name, labels: own, files, folder: SCRIPTS, annotations });
}

/**
 * Refuses a command of no words, which starts what the image starts by itself, a server that never ends; and an expression of
 * Elixir where a program has its place: nothing on the image's PATH has such a name.
 */
function requireProgram(scope: Construct, command: readonly string[], { application: { release } }: PhoenixRelease): void {
  const [program = ''] = command;
  if (program.trim() === '') {
    const fix = 'write the program and its arguments: without them the image starts what it does by itself';
    reject(scope, { prop: 'command', must: 'name a program', got: command, fix });
  }
  if (!/[()\s]/.test(program)) return;
  const [own = ''] = release.start;
  const fix = `write ['${own}', 'eval', '${program}'] for an expression that the release evaluates`;
  reject(scope, { prop: 'command', must: 'begin with a program of the image', got: program, fix });
}

/** What a run waits for, so that none fails, and is counted, because the database is not there yet; and what it asks then. */
function commandsOf({ release, turn = 'last', wait, ends }: ReleaseTask, variables: Variables): readonly InitCommand[] {
  // A migration would wait for itself, and for one that is taken back nobody may wait.
  const gate = turn === 'last' || turn === 'after' ? release.common.gate(variables) : [];
  const command = wait && gate.length === 0 ? release.application.release.awaitDatabase?.(wait) : undefined;
  const waits = wait && command ? [{ name: 'wait-for-database', command, variables, limit: wait }] : gate;
  return [...waits, ...(ends?.commands ?? [])];
}

function isEmpty(files: object): boolean {
  return Object.keys(files).length === 0;
}

function annotated(annotations: Readonly<Record<string, string>>): { annotations?: Record<string, string> } {
  return Object.keys(annotations).length > 0 ? { annotations: { ...annotations } } : {};
}

function jobOf({ retries, deadline, ends }: ReleaseTask, template: k8s.PodTemplateSpec): k8s.JobSpec {
  return {
    backoffLimit: retries,
    activeDeadlineSeconds: secondsOf(deadline),
    // A drained node is not the task's fault, and takes none of its retries.
    podFailurePolicy: {
      rules: [
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ...((ends?.rules ?? []) as k8s.PodFailurePolicyRule[]),
      ],
    },
    template,
  };
}
