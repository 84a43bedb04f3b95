import type { App } from 'cdk8s';
import { Checks } from '../app-checks/checks';
import { sayEnvironment } from '../support/scope';
import type { Environment } from './environment';

/** Tells the checks of an App what its environment says of them, and that all of the App is one. */
export function prepareChecks(
  app: App,
  { kubernetes, cluster, operators = {}, existing = [], optOuts = {}, scanners, warnings = 'refuse' }: Environment,
): void {
  sayEnvironment(app);
  const checks = Checks.of(app);
  if (kubernetes !== undefined) checks.kubernetes = kubernetes;
  checks.cluster = cluster;
  checks.operators = operators;
  if (scanners !== undefined) checks.scanners = scanners;
  checks.warnings = warnings;
  checks.provide(...existing);
  for (const [rule, optOut] of Object.entries(optOuts)) checks.leaveOut(rule, optOut);
}
