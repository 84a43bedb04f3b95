import type { App } from 'cdk8s';
import { requirePodSettings } from '../pod/pod-settings';
import { requireProps } from '../support/props';
import { abort } from '../support/reject';
import type { Environment } from './environment';
import { withoutMisplaced } from './misplaced';
import type { NamedEnvironment, StackFacts } from './parts';

/**
 * The environment without what stands at another level than its own, which is refused. Stops where a knob has a value of another
 * type or a name that nobody knows, at every level.
 */
export function requireEnvironment(app: App, given: NamedEnvironment): NamedEnvironment {
  const environment: Environment = withoutMisplaced(app, given);
  requireProps(app, environment, 'Environment');
  requirePodSettings(app, environment.pods ?? {});
  requireBackup(app, environment);
  return { ...environment, name: given.name };
}

/** Stops where the facts of the application have a value of another type; a whole stack may be given for them. */
export function requireFacts(app: App, facts: StackFacts): void {
  const { application, secretKeys, database } = { ...facts };
  requireProps(app, { application, secretKeys, database }, 'StackFacts');
}

/** Data in the cluster are kept, or left to be lost on purpose. */
function requireBackup(app: App, { backup, database }: Environment): void {
  if (backup !== undefined || !('single' in database)) return;
  const fix = "write what dumps it, or OptOut.because('...') where its data may be lost";
  abort(app, [{ prop: 'backup', must: 'be given where the database is in the cluster', got: backup, fix }]);
}
