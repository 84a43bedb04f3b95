import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { isQualifiedName } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { map, maps, specOf } from '../world/values';

type Fault = Omit<Finding, 'object'>;

/** How a job counts its tries and its failures. */
export const jobFields: Rule = {
  name: 'job-fields',
  sentence:
    'A job finds its own pods, its failure policy names its own containers, and its indexes are counted where it has some.',
  why: 'The API server refuses the Job, and the release goes out without its migration.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('Job')) yield* within(object, 'spec', specOf(object));
    for (const object of inventoryOf(world).ofKind('CronJob'))
      yield* within(object, 'spec.jobTemplate.spec', map(map(specOf(object)['jobTemplate'])['spec']));
  },
};

function* within(object: FinishedObject, path: string, job: Manifest): Iterable<Finding> {
  for (const fault of [...selected(job, object), ...indexed(job), ...failurePolicy(job)])
    yield { ...fault, object, field: `${path}.${fault.field}` };
}

/** Kubernetes gives each Job labels of its own; a selector by hand takes the pods of another. */
function* selected({ selector, manualSelector }: Manifest, { manifest: { kind } }: FinishedObject): Iterable<Fault> {
  const fix = 'leave it out: Jobs find their pods by labels of their own';
  if (manualSelector === true) yield { field: 'manualSelector', must: 'not be true', got: true, fix };
  if (kind !== 'CronJob' || selector === undefined || selector === null) return;
  yield { field: 'selector', must: 'not be given', got: selector, fix };
}

function* indexed(job: Manifest): Iterable<Fault> {
  const { completionMode, completions, backoffLimitPerIndex, maxFailedIndexes, successPolicy } = job;
  const byIndex = completionMode === 'Indexed';
  if (byIndex && typeof completions !== 'number')
    yield {
      field: 'completions',
      must: "be given with completionMode 'Indexed'",
      got: completions,
      fix: 'write the number of indexes',
    };
  if (typeof maxFailedIndexes === 'number' && typeof backoffLimitPerIndex !== 'number')
    yield {
      field: 'maxFailedIndexes',
      must: 'stand beside backoffLimitPerIndex',
      got: maxFailedIndexes,
      fix: 'add backoffLimitPerIndex',
    };
  if (byIndex) return;
  for (const [field, got] of Object.entries({ backoffLimitPerIndex, successPolicy })) {
    if (got === undefined || got === null) continue;
    yield { field, must: "stand with completionMode 'Indexed' alone", got, fix: "add completionMode: 'Indexed', or take it out" };
  }
}

function* failurePolicy(job: Manifest): Iterable<Fault> {
  const { podFailurePolicy, template, podReplacementPolicy } = job;
  if (podFailurePolicy === undefined || podFailurePolicy === null) return;
  const pod = map(map(template)['spec']);
  if (pod['restartPolicy'] !== 'Never') {
    const fix = "write 'Never': the policy looks at failed pods, and others never fail";
    yield { field: 'template.spec.restartPolicy', must: "be 'Never' beside a podFailurePolicy", got: pod['restartPolicy'], fix };
  }
  if (podReplacementPolicy === 'TerminatingOrFailed')
    yield {
      field: 'podReplacementPolicy',
      must: "be 'Failed' beside a podFailurePolicy",
      got: podReplacementPolicy,
      fix: 'leave it out',
    };
  const names = new Set([...maps(pod['containers']), ...maps(pod['initContainers'])].map(({ name }): unknown => name));
  for (const [index, rule] of maps(map(podFailurePolicy)['rules']).entries())
    yield* failureRule(`podFailurePolicy.rules[${index}]`, rule, job, names);
}

function* failureRule(field: string, rule: Manifest, job: Manifest, names: ReadonlySet<unknown>): Iterable<Fault> {
  const conditions = Array.isArray(rule['onPodConditions']) && rule['onPodConditions'].length > 0;
  const codes = rule['onExitCodes'] !== undefined && rule['onExitCodes'] !== null;
  if (conditions === codes)
    yield {
      field,
      must: 'have one of onExitCodes and onPodConditions',
      got: codes ? 'both' : undefined,
      fix: 'make a rule for each',
    };
  if (rule['action'] === 'FailIndex' && typeof job['backoffLimitPerIndex'] !== 'number')
    yield {
      field: `${field}.action`,
      must: 'not be FailIndex without backoffLimitPerIndex',
      got: 'FailIndex',
      fix: 'use FailJob',
    };
  for (const [number, { type }] of maps(rule['onPodConditions']).entries()) {
    if (typeof type !== 'string' || isQualifiedName(type)) continue;
    yield {
      field: `${field}.onPodConditions[${number}].type`,
      must: 'name a condition',
      got: type,
      fix: 'write DisruptionTarget',
    };
  }
  if (codes) yield* exitCodes(`${field}.onExitCodes`, map(rule['onExitCodes']), names);
}

function* exitCodes(field: string, { containerName, operator, values }: Manifest, names: ReadonlySet<unknown>): Iterable<Fault> {
  if (typeof containerName === 'string' && !names.has(containerName)) {
    const fix = `use one of ${[...names].join(', ')}`;
    yield { field: `${field}.containerName`, must: 'name a container of the pod', got: containerName, fix };
  }
  if (!Array.isArray(values)) return;
  if (values.some((value, index) => index > 0 && !(values[index - 1] < value)))
    yield { field: `${field}.values`, must: 'be in ascending order, each once', got: values, fix: 'sort them' };
  if (operator === 'In' && values.includes(0))
    yield { field: `${field}.values`, must: 'not hold 0: that is no failure', got: values, fix: 'take the 0 out' };
}
