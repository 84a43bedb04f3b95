import { type Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import type { Manifest } from '../support/edit';
import { requireSeconds } from '../support/values';
import { secondsOf } from '../support/quantity';

/**
 * How a pod stops. From the moment of its deletion it first sleeps, while load balancers and proxies learn that it
 * is gone; then it gets SIGTERM and shuts down; then it is killed.
 */
export interface Drain {
  /** The sleep before SIGTERM, 0 to 300 seconds: `lifecycle.preStop`. Zero for pods that nobody connects to. */
  readonly preStop: Duration;
  /** The longest orderly shutdown after SIGTERM. */
  readonly shutdown: Duration;
}

/** Left between the longest shutdown and the kill. */
const SLACK_SECONDS = 5;

/** The pod's `terminationGracePeriodSeconds`: sleep, shutdown and five seconds, because the clock starts before the sleep. */
export function gracePeriod({ preStop, shutdown }: Drain): number {
  return secondsOf(preStop) + secondsOf(shutdown) + SLACK_SECONDS;
}

/** The hook that sleeps, by the program of that name in the image. */
export function preStopHook({ preStop }: Drain): Pick<k8s.Container, 'lifecycle'> {
  const seconds = secondsOf(preStop);
  return seconds === 0 ? {} : { lifecycle: { preStop: { exec: { command: ['sleep', `${seconds}`] } } } };
}

/** Replaces it by Kubernetes' own sleep, on by default since 1.30, which needs no program; the library's types are older. */
export function sleepingNatively(manifest: Manifest, { preStop }: Drain): Manifest {
  const seconds = secondsOf(preStop);
  const [container] = manifest['spec'].template.spec.containers as Manifest[];
  if (container && seconds > 0) container['lifecycle'] = { ...container['lifecycle'], preStop: { sleep: { seconds } } };
  return manifest;
}

/** Refuses a sleep or a shutdown that nobody would wait for. */
export function requireDrain(scope: IConstruct, drain: Drain): void {
  const { preStop, shutdown } = drain;
  requireSeconds(scope, 'drain.preStop', preStop, { minimum: 0, maximum: 300, fix: 'use 10s, or 0s where nobody connects' });
  requireSeconds(scope, 'drain.shutdown', shutdown, {
    minimum: 1,
    maximum: 7200,
    fix: 'name the longest shutdown of the program',
  });
}
