import { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { gracePeriod, type Drain } from '../pod/drain';
import { reject } from '../support/reject';
import { requireInteger, requireSeconds } from '../support/values';
import { secondsOf } from '../support/quantity';

/** How a new version replaces the old one. No old pod goes before a new one is ready. */
export interface Rollout {
  /** New pods beyond `replicas` at a time, a number or a percentage such as `25%`: `rollingUpdate.maxSurge`. @default 1 */
  readonly surge?: number | string;
  /** How long a pod must be ready before it counts: `minReadySeconds`. @default Duration.seconds(5) */
  readonly minReady?: Duration;
  /**
   * Time without progress until the rollout is reported as failed: `progressDeadlineSeconds`.
   * @default - 10 minutes, or five more than a pod needs where it boots slowly
   */
  readonly progressDeadline?: Duration;
  /** Old versions kept for `kubectl rollout undo`: `revisionHistoryLimit`. @default 3 */
  readonly history?: number;
}

type RolloutSpec = Pick<k8s.DeploymentSpec, 'strategy' | 'minReadySeconds' | 'progressDeadlineSeconds' | 'revisionHistoryLimit'>;

/** New pods beyond the replicas at a time. */
export function surgeOf({ surge = 1 }: Pick<Rollout, 'surge'> = {}): number | string {
  return surge;
}

/** What the pods of a Deployment are replaced by. */
interface Replaced {
  readonly rollout: Rollout;
  /** Whether the old pod is gone before the new one starts, so that a roll-out counts the time that it takes, too. */
  readonly singleton: boolean;
  readonly drain: Drain;
}

/** The Deployment's rollout fields, refused under `scope` where a rollout could never end. */
export function rolloutSpec(scope: IConstruct, { rollout, singleton, drain }: Replaced, bootTime: Duration): RolloutSpec {
  const { minReady, history } = keptVersions(scope, rollout);
  const slowest = (singleton ? gracePeriod(drain) : 0) + secondsOf(bootTime) + secondsOf(minReady);
  const { progressDeadline = Duration.seconds(Math.max(600, slowest + 300)) } = rollout;
  if (singleton) requireNoSurge(scope, rollout);
  else requireSurge(scope, rollout);
  requireSeconds(scope, 'rollout.progressDeadline', progressDeadline, {
    minimum: slowest + 1,
    fix: `leave it longer than the boot time and 'minReady' together, ${slowest}s`,
  });
  return {
    strategy: singleton ? { type: 'Recreate' } : rolling(surgeOf(rollout)),
    minReadySeconds: secondsOf(minReady),
    progressDeadlineSeconds: secondsOf(progressDeadline),
    revisionHistoryLimit: history,
  };
}

/** When a pod counts as ready, and how many versions before are kept: of Deployments and StatefulSets. */
export function keptVersions(scope: IConstruct, rollout: Rollout): Required<Pick<Rollout, 'minReady' | 'history'>> {
  const { minReady = Duration.seconds(5), history = 3 } = rollout;
  requireSeconds(scope, 'rollout.minReady', minReady, { minimum: 0, maximum: 3600, fix: 'omit it to use 5s' });
  const fix = 'keep 1 or more, or nothing can be rolled back';
  requireInteger(scope, 'rollout.history', history, { minimum: 1, maximum: 100, fix });
  return { minReady, history };
}

function rolling(surge: number | string): k8s.DeploymentStrategy {
  const maxSurge = typeof surge === 'number' ? k8s.IntOrString.fromNumber(surge) : k8s.IntOrString.fromString(surge);
  return { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: k8s.IntOrString.fromNumber(0) } };
}

function requireSurge(scope: IConstruct, rollout: Rollout): void {
  const surge = surgeOf(rollout);
  if (typeof surge === 'number') {
    requireInteger(scope, 'rollout.surge', surge, {
      minimum: 1,
      maximum: 1000,
      fix: 'use 1: old pods stay until new ones are ready',
    });
  } else if (!/^([1-9]\d?|100)%$/.test(surge)) {
    reject(scope, { prop: 'rollout.surge', must: 'be a whole number or 1% to 100%', got: surge, fix: "use 1 or '25%'" });
  }
}

/** Refuses new pods beside old ones where these are gone first. */
function requireNoSurge(scope: IConstruct, { surge }: Rollout): void {
  if (surge === undefined) return;
  const fix = "take it out, or 'singleton' where two may run at a time";
  reject(scope, { prop: 'rollout.surge', must: 'be left out of a singleton, which starts no second pod', got: surge, fix });
}
