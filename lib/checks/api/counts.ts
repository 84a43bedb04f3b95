import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';
import { isBelow } from './numbers';

const JOB = [
  'activeDeadlineSeconds',
  'backoffLimit',
  'backoffLimitPerIndex',
  'completions',
  'maxFailedIndexes',
  'parallelism',
  'ttlSecondsAfterFinished',
];
const SERVER = ['minReadySeconds', 'replicas', 'revisionHistoryLimit'];
const COUNTS: Readonly<Record<string, readonly string[]>> = {
  CronJob: ['failedJobsHistoryLimit', 'startingDeadlineSeconds', 'successfulJobsHistoryLimit'],
  DaemonSet: SERVER,
  Deployment: [...SERVER, 'progressDeadlineSeconds'],
  Job: JOB,
  ReplicaSet: SERVER,
  StatefulSet: SERVER,
};

/** What is counted, in pods, seconds or tries. */
export const counts: Rule = {
  name: 'counts',
  sentence: 'Replicas, limits of tries, histories and seconds are not negative.',
  why: 'A subtraction that went below zero is refused by the API server, with the whole object.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/',
  *find(world: World): Iterable<Finding> {
    for (const [kind, fields] of Object.entries(COUNTS))
      for (const object of inventoryOf(world).ofKind(kind))
        yield* negatives(object, 'spec', map(object.manifest['spec']), fields);
    for (const object of inventoryOf(world).ofKind('CronJob')) {
      const job = map(map(map(object.manifest['spec'])['jobTemplate'])['spec']);
      yield* negatives(object, 'spec.jobTemplate.spec', job, JOB);
    }
    for (const { object, path, spec } of inventoryOf(world).pods)
      yield* negatives(object, path, spec, ['terminationGracePeriodSeconds']);
  },
};

function* negatives(object: FinishedObject, path: string, spec: Manifest, fields: readonly string[]): Iterable<Finding> {
  for (const field of fields) {
    if (!isBelow(spec[field], 0)) continue;
    yield { object, field: `${path}.${field}`, must: 'be 0 or more', got: spec[field], fix: 'leave it out for the default' };
  }
}
