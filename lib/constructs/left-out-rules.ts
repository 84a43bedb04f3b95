import type { Construct } from 'constructs';
import type { Probes } from '../pod/probe';
import { declare } from '../support/declare';
import { OptOut } from '../support/opt-out';

/** What of pods is left out on purpose. */
interface LeftOutOfPods {
  readonly probes: Probes;
  readonly singleton: boolean;
  readonly servicePorts: object;
}

/** What is left out with a reason is not demanded by a rule either. */
export function leaveOutRules(target: Construct, { probes, singleton, servicePorts }: LeftOutOfPods): void {
  const { startup, readiness } = probes;
  const alone = OptOut.because('it is a singleton: its pod goes before the next one comes');
  const served = singleton && Object.keys(servicePorts).length > 0;
  const reasons = { 'startup-budget': startup, 'stays-served': served ? alone : undefined, 'served-ready': readiness };
  const leftOut = Object.entries(reasons).flatMap(([rule, optOut]) =>
    optOut instanceof OptOut ? [{ rule, optOut, target }] : [],
  );
  if (leftOut.length > 0) declare(target, { leftOut });
}
