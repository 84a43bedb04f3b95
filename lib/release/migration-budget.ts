import { Duration } from 'cdk8s';
import { secondsOf } from '../support/quantity';
import { mayExpire, type Delivery, type Turn } from './delivery';

/** Time for migrations where no gate says another: with the wait for the database, and with all tries. */
export const MIGRATION_LIMIT = Duration.minutes(30);

/** What one job of a release may take. All of it follows from one number, so that no part outlasts another. */
export interface MigrationBudget {
  /** The longest that one run waits for the database. The next one reads the Secrets anew, one of which may have been wrong. */
  readonly wait: Duration;
  /** Runs after the first that may fail. */
  readonly retries: number;
  /** How long the job stays after its end. */
  readonly keep: Duration;
}

/** What follows from the time that migrations may take. */
export function migrationBudget(delivery: Delivery, turn: Turn, deadline: Duration): MigrationBudget {
  const seconds = secondsOf(deadline);
  // With `apply` nobody waits for the job itself, and what was tried for good is there again with the next apply alone. The
  // others wait for it, and each of their syncs and upgrades begins anew: the sooner they hear of a failure, the better.
  const most = delivery === 'apply' ? 20 : 6;
  return {
    wait: Duration.seconds(Math.max(1, Math.floor(seconds / 2))),
    retries: Math.min(most, retriesWithin(seconds)),
    // While it is there, `kubectl apply` changes nothing: a job that failed, or that ran before a schema went back, would not run again.
    keep: delivery === 'apply' && mayExpire(delivery, turn) ? Duration.minutes(1) : Duration.days(7),
  };
}

/**
 * As many tries as begin before the time is over: the controller pauses 10 seconds before the second, twice as long before
 * each further one, and six minutes at most.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
 */
function retriesWithin(seconds: number): number {
  let retries = 0;
  for (let begins = 10, pause = 10; begins < seconds; begins += pause) {
    retries += 1;
    pause = Math.min(pause * 2, 360);
  }
  return retries;
}
