import { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import type { InitCommand } from '../pod/init-command';
import type { Mount } from '../pod/mount';
import { mountedScripts } from '../pod/mounted-scripts';
import { literally, type Variables } from '../pod/variables';
import type { PhoenixApplication } from '../release/application';
import { annotationsOf, type Delivery } from '../release/delivery';
import type { ReleaseTool } from '../release/release-tool';
import { SCRIPTS, scriptsIn } from '../release/scripts';
import { labels } from '../support/labels';
import { GATE } from '../support/gate-name';
import { reject } from '../support/reject';
import { requireSeconds } from '../support/values';

/** How long a pod waits for the migrations that it needs, and what tells it that they are up. */
export interface MigrationGate {
  /** The longest wait, and the time that migrations have, 10 seconds to a day; then the container fails, and begins anew after a pause. */
  readonly limit: Duration;
  /** Ends with 0 once no migration is left, and with another number once the time is over. @default - by `Ecto.Migrator` */
  readonly command?: readonly string[];
}

/** How long the pods wait: the time that migrations have. */
export function limitOf(gate: Duration | MigrationGate | undefined): Duration | undefined {
  return gate === undefined ? undefined : whole(gate).limit;
}

/** A gate in its short form, its limit alone, as a whole one. */
function whole(gate: Duration | MigrationGate): MigrationGate {
  return gate instanceof Duration ? { limit: gate } : gate;
}

/** Refuses a gate that waits for nobody or for ever, or that nothing could open. */
export function requireGate(scope: Construct, gate: Duration | MigrationGate | undefined, tool: ReleaseTool): void {
  if (gate === undefined) return;
  const { limit, command } = whole(gate);
  const prop = gate instanceof Duration ? 'migrationGate' : 'migrationGate.limit';
  requireSeconds(scope, prop, limit, {
    minimum: 10,
    maximum: 86400,
    fix: 'write the time that migrations may take, such as 30 minutes',
  });
  if (command !== undefined ? command.length > 0 : tool.awaitMigrations) return;
  const fix =
    command === undefined
      ? "pass awaitMigrations to distilleryRelease or exrmRelease, such as ['await'], or write the command of a program that ends with 0 once no migration is left"
      : 'write a program of the image that ends with 0 once no migration is left, and with 1 once the time is over';
  const must = command === undefined ? 'be given for a release of this tool' : 'name a program';
  reject(scope, { prop: 'migrationGate.command', must, got: command, fix });
}

/**
 * The pod's own variables and what it is told of traces, errors and logs, but no node: what the release starts is a task. The pod's ConfigMap has the others.
 *
 * @param node whether the node's flags name files, which the gate does not have
 */
export function gateVariables(
  tool: ReleaseTool,
  own: Variables,
  task: Readonly<Record<string, string>>,
  node: { readonly files: boolean },
): Variables {
  const changed = Object.entries(task).filter(([name]) => name === 'ERL_FLAGS' || name in tool.taskVariables);
  return { ...own, ...(node.files ? { ERL_AFLAGS: '' } : {}), ...literally(Object.fromEntries(changed)) };
}

/** The scripts of the gate, once for all pods of a release that begin with it. */
export function gateScripts(
  scope: Construct,
  application: PhoenixApplication,
  gate: Duration | MigrationGate | undefined,
  delivery: Delivery,
): Mount | undefined {
  const { name, release } = application;
  const files = scriptsIn(
    release.scripts ?? {},
    gateCommands(gate, application, {}).map(({ command }) => command),
  );
  if (Object.keys(files).length === 0) return undefined;
  const own = labels({ application: name, instance: name, component: 'gate' });
  return mountedScripts(scope, {
    name,
    labels: own,
    files,
    folder: SCRIPTS,
    annotations: annotationsOf(delivery, 'configuration'),
  });
}

/** The gate before a pod of a release with these variables. */
export function gateCommands(
  gate: Duration | MigrationGate | undefined,
  { release, repos = {} }: PhoenixApplication,
  variables: Variables,
): readonly InitCommand[] {
  if (gate === undefined) return [];
  const migrated = Object.values(repos).flatMap(({ module, migrations = true }) => (migrations ? [module] : []));
  const { limit, command = release.awaitMigrations?.(limit, migrated) } = whole(gate);
  return command === undefined ? [] : [{ name: GATE, command, variables, limit }];
}
