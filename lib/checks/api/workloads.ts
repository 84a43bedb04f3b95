import type { Manifest } from '../../support/edit';
import { isQualifiedName } from '../../support/forms';
import { list, map, maps } from '../../model/values';
import {
  always,
  apartFrom,
  atLeast,
  is,
  isGiven,
  neededWith,
  never,
  notWith,
  onlyWith,
  text,
  where,
  type Condition,
  type TypeRule,
} from './condition';

/** What is counted, in pods, seconds or tries. */
export const counts: TypeRule = {
  name: 'counts',
  sentence: 'Replicas, limits of tries, histories and seconds are not negative.',
  why: 'A subtraction that went below zero is refused by the API server, with the whole object.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/',
  types: {
    'DeploymentSpec DaemonSetSpec ReplicaSetSpec StatefulSetSpec': [
      notNegative('minReadySeconds replicas revisionHistoryLimit progressDeadlineSeconds'),
    ],
    JobSpec: [
      notNegative('activeDeadlineSeconds backoffLimit backoffLimitPerIndex completions maxFailedIndexes parallelism'),
      notNegative('ttlSecondsAfterFinished'),
    ],
    CronJobSpec: [notNegative('failedJobsHistoryLimit startingDeadlineSeconds successfulJobsHistoryLimit')],
    PodSpec: [notNegative('terminationGracePeriodSeconds')],
  },
};

function notNegative(fields: string): Condition {
  return is(fields, atLeast(0), 'leave it out for the default');
}

/** Numbers of pods, or shares of them: `25%`. */
function shares(fields: string, most = Infinity): Condition[] {
  const fix = 'write it as 1 or "25%"';
  return [
    where(
      fields,
      'be a number or a percentage',
      fix,
      text((share) => /^\d+%$/.test(share)),
    ),
    is(fields, atLeast(0), fix),
    where(
      fields,
      `be at most ${most}%`,
      fix,
      text((share) => !(Number(share.replace(/%$/, '')) > most)),
    ),
  ];
}

const LEFT_BEHIND = 'remove it together with the change of the type';

/** A strategy that is switched by a patch leaves the fields of the former one behind. */
export const rolloutStrategy: TypeRule = {
  name: 'rollout-strategy',
  sentence: 'A rollout counts pods or percents, as its type allows.',
  why: 'A Deployment that was changed to Recreate by a patch and keeps its rollingUpdate is refused by the API server.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy',
  types: {
    DeploymentStrategy: [notWith('rollingUpdate', { type: 'Recreate' }, LEFT_BEHIND, () => 'rollingUpdate')],
    StatefulSetUpdateStrategy: [notWith('rollingUpdate', { type: 'OnDelete' }, LEFT_BEHIND, () => 'rollingUpdate')],
    'RollingUpdateDeployment RollingUpdateDaemonSet RollingUpdateStatefulSetStrategy': [
      ...shares('maxSurge'),
      ...shares('maxUnavailable', 100),
    ],
    // On each node runs one pod: either the new one starts first, or the old one ends first.
    RollingUpdateDaemonSet: [
      always(
        '',
        'have one of maxSurge and maxUnavailable above 0',
        'write maxSurge: 1 with maxUnavailable: 0, or leave both out',
        ({ maxSurge = 0, maxUnavailable = 1 }) => isNone(maxSurge) !== isNone(maxUnavailable),
        ({ maxSurge = 0, maxUnavailable = 1 }) => ({ maxSurge, maxUnavailable }),
      ),
    ],
  },
};

function isNone(share: unknown): boolean {
  return share === 0 || (typeof share === 'string' && /^0+%$/.test(share));
}

/** How many pods a drained node may take. */
export const disruptionBudgetFields: TypeRule = {
  name: 'disruption-budget-fields',
  sentence: 'A disruption budget says how many pods stay, or how many may go, and not both.',
  why: 'The API server refuses the budget, and the next drained node takes all pods at once.',
  source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/#specifying-a-poddisruptionbudget',
  types: {
    PodDisruptionBudgetSpec: [
      apartFrom('minAvailable', 'maxUnavailable', 'leave maxUnavailable, which follows the number of replicas'),
      ...shares('minAvailable maxUnavailable', 100),
    ],
  },
};

/** How a job counts its tries and its failures. */
export const jobFields: TypeRule = {
  name: 'job-fields',
  sentence:
    'A job finds its own pods, its failure policy names its own containers, and its indexes are counted where it has some.',
  why: 'The API server refuses the Job, and the release goes out without its migration.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy',
  types: {
    // Kubernetes gives each Job labels of its own; a selector by hand takes the pods of another.
    JobTemplateSpec: [where('spec.selector', 'not be given', 'leave it out: Jobs find their pods by labels of their own', never)],
    JobSpec: [
      where('manualSelector', 'not be true', 'leave it out: Jobs find their pods by labels of their own', (got) => got !== true),
      neededWith('completions', { completionMode: 'Indexed' }, 'write the number of indexes'),
      onlyWith(
        'backoffLimitPerIndex successPolicy',
        { completionMode: 'Indexed' },
        "add completionMode: 'Indexed', or take it out",
      ),
      where(
        'maxFailedIndexes',
        'stand beside backoffLimitPerIndex',
        'add backoffLimitPerIndex',
        (got, { backoffLimitPerIndex }) => typeof got !== 'number' || typeof backoffLimitPerIndex === 'number',
      ),
      always(
        'template.spec.restartPolicy',
        "be 'Never' beside a podFailurePolicy",
        "write 'Never': the policy looks at failed pods, and others never fail",
        (got, { podFailurePolicy }) => !isGiven(podFailurePolicy) || got === 'Never',
      ),
      where(
        'podReplacementPolicy',
        "be 'Failed' beside a podFailurePolicy",
        'leave it out',
        (got, { podFailurePolicy }) => !isGiven(podFailurePolicy) || got !== 'TerminatingOrFailed',
      ),
      where(
        'podFailurePolicy.rules[].action',
        'not be FailIndex without backoffLimitPerIndex',
        'use FailJob',
        (got, { backoffLimitPerIndex }) => got !== 'FailIndex' || typeof backoffLimitPerIndex === 'number',
      ),
      where(
        'podFailurePolicy.rules[].onExitCodes.containerName',
        'name a container of the pod',
        (_got, job) => `use one of ${containersOf(job).join(', ')}`,
        (got, job) => typeof got !== 'string' || containersOf(job).includes(got),
      ),
    ],
    PodFailurePolicyRule: [
      always(
        '',
        'have one of onExitCodes and onPodConditions',
        'make a rule for each',
        ({ onExitCodes, onPodConditions }) => isGiven(onExitCodes) !== list(onPodConditions).length > 0,
        ({ onExitCodes }) => (isGiven(onExitCodes) ? 'both' : undefined),
      ),
    ],
    PodFailurePolicyOnPodConditionsPattern: [where('type', 'name a condition', 'write DisruptionTarget', text(isQualifiedName))],
    PodFailurePolicyOnExitCodesRequirement: [
      where('values', 'be in ascending order, each once', 'sort them', (got) => isAscending(list(got))),
      where(
        'values',
        'not hold 0: that is no failure',
        'take the 0 out',
        (got, { operator }) => operator !== 'In' || !list(got).includes(0),
      ),
    ],
  },
};

function containersOf({ template }: Manifest): unknown[] {
  const { containers, initContainers } = map(map(template)['spec']);
  return [...maps(containers), ...maps(initContainers)].map(({ name }): unknown => name);
}

function isAscending(values: readonly unknown[]): boolean {
  return values.every((value, index) => index === 0 || Number(values[index - 1]) < Number(value));
}
