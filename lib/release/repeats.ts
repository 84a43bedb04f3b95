import type { IConstruct } from 'constructs';
import { variableNameFault } from '../pod/variables';
import { declare } from '../support/declare';
import { abort, reject } from '../support/reject';
import { NODE_PORT } from './cluster-node';
import type { PhoenixApplication } from './application';
import type { Telemetry } from './telemetry/telemetry';

/** Where the variables of a release come from, by name. */
export interface VariableOrigins {
  /** What the environment adds. */
  readonly config: Readonly<Record<string, string>>;
  /** Keys of the release's Secret. */
  readonly secretKeys: readonly string[];
  /** What the release sets itself. */
  readonly own: object;
  /** What wins over a ConfigMap: fields of the pod, and keys of Secrets. */
  readonly winning: object;
  /** What the database link takes from its Secret. */
  readonly database: object;
}

/** Refuses a variable that comes from two places: one of them would be ignored. */
export function requireNoRepeats(scope: IConstruct, { config, secretKeys, own, winning, database }: VariableOrigins): void {
  for (const [name, value] of Object.entries(config)) {
    if (name in own || name in winning) {
      const fix = /^ERL_A?FLAGS$/.test(name)
        ? "write the flags in 'erlangFlags'"
        : 'remove it: the release sets it from a prop or a Secret';
      const got = name in winning ? `${value?.length} characters` : value;
      reject(scope, { prop: `config.${name}`, must: 'not repeat a variable of the release', got, fix });
    }
  }
  for (const name of secretKeys.filter((key) => key in own || key in database)) {
    const fix = 'drop the key: the release sets it from a prop or the database link';
    reject(scope, { prop: `secret.${name}`, must: 'not repeat a variable of the release', got: name, fix });
  }
}

/** Stops at variables that have no name: what makes objects of them could not say which prop they are of. */
export function requireConfig(scope: IConstruct, config: Readonly<Record<string, string>>, prop = 'config'): void {
  const wrong = Object.keys(config).flatMap((name) => variableNameFault(prop, name) ?? []);
  // A ConfigMap takes names that begin with a digit; of the others it would tell as of its own.
  const [digits, others] = [
    wrong.filter(({ got }) => /^\d[\w.-]*$/.test(String(got))),
    wrong.filter(({ got }) => !/^\d[\w.-]*$/.test(String(got))),
  ];
  for (const refusal of digits) reject(scope, refusal);
  if (others.length > 0) abort(scope, others);
}

/** Tells the rules which prop a variable comes from, which ends up in ConfigMaps and in jobs. */
export function tellOrigins(construct: IConstruct, config: Readonly<Record<string, string>>, prop = 'config'): void {
  const origins = Object.entries(config).map(([name, value]) => ({ construct, prop: `${prop}.${name}`, name, value }));
  declare(construct, { origins });
}

/** What pods of all roles have, whatever they are configured with. */
export interface RolesShare {
  /** Ports of those that keep running. */
  readonly ports: Readonly<Record<string, number>>;
  /** What they are told of traces, errors and logs. */
  readonly telemetry: Telemetry;
}

/** What one role is configured with beside what all pods of its release are. */
export interface RoleConfig {
  readonly config: Readonly<Record<string, string>>;
  /** Variables that the release sets in its pods. */
  readonly own: object;
  readonly pods: RolesShare;
  /** @default 'config' */
  readonly prop?: string;
}

/** Refuses variables of a role that have no name or no text, or that the release sets; and tells the rules where they are from. */
export function requireRoleConfig(
  scope: IConstruct,
  { config, own, pods: { ports, telemetry }, prop = 'config' }: RoleConfig,
): void {
  requireConfig(scope, config, prop);
  tellOrigins(scope, config, prop);
  requireOwnEpmd(scope, config, ports, prop);
  const told = telemetry.requireFree(scope, { [prop]: config });
  for (const name of Object.keys(config).filter((variable) => variable in own && !told.includes(variable))) {
    const fix = 'remove it: the release sets it; one of your own that differs by role is said in each role alone';
    reject(scope, { prop: `${prop}.${name}`, must: 'not repeat a variable of the release', got: name, fix });
  }
}

/** Refuses another port of epmd than the one that the cluster opens: nodes ask each other for it, and the fence is closed there. */
export function requireOwnEpmd(
  scope: IConstruct,
  { ERL_EPMD_PORT: got }: Readonly<Record<string, string>>,
  { epmd }: Readonly<Record<string, number>>,
  prop = 'config',
): void {
  if (got === undefined || epmd === undefined) return;
  const fix = "remove it; nodes without epmd, on one port of your own, have 'epmd: false' and 'port' of their BeamCluster";
  reject(scope, { prop: `${prop}.ERL_EPMD_PORT`, must: `be left to the cluster, which opens ${epmd}`, got, fix });
}

/** Refuses a listener for metrics or for health on a port on which the application serves its users. */
export function requireOwnListeners(
  scope: IConstruct,
  { metrics, health }: PhoenixApplication,
  listening: Readonly<Record<string, number>>,
): void {
  const asked = {
    'application.metrics.port': { got: metrics?.port, fix: EXPORTER },
    'application.health.port': { got: health.port, fix: 'leave it out, where the endpoint answers these paths' },
  };
  for (const [prop, { got, fix }] of Object.entries(asked)) {
    const met = Object.entries(listening).find(([, port]) => port === got)?.[0];
    if (met !== undefined) reject(scope, { prop, must: `be another one than the port '${met}'`, got, fix });
  }
}

const EXPORTER =
  'let the exporter listen on a port of its own, such as 9568, or leave it out where the application answers /metrics itself';

/** How the ports of the application are called where they are given. */
const PROPS: Readonly<Record<string, string>> = {
  https: 'https.port',
  metrics: 'application.metrics.port',
  health: 'application.health.port',
};

/** What listens on loopback beside an application that is in no cluster, before the application does. */
const ALONE = { epmd: 4369, node: NODE_PORT };

/** Refuses ports of nodes on which the application listens itself; of a node that is in no cluster the first alone is sure. */
export function requireFreePorts(
  scope: IConstruct,
  listening: Readonly<Record<string, number>>,
  nodes: Readonly<Record<string, number>> = ALONE,
): void {
  for (const [name, port] of Object.entries(listening)) {
    const met = Object.entries(nodes).find(([, other]) => other === port)?.[0];
    if (met === undefined) continue;
    if (met === 'epmd' || met === 'node') {
      const fix = 'let the application listen elsewhere: nodes ask for each other there';
      const whom = met === 'epmd' ? 'epmd' : 'the node of the VM';
      reject(scope, { prop: PROPS[name] ?? 'application.port', must: `leave ${port} to ${whom}`, got: port, fix });
    } else {
      const got = Object.values(nodes)
        .filter((other) => other !== nodes['epmd'])
        .join(', ');
      const must = `leave ${port} to the port '${name}' of the application`;
      reject(scope, { prop: 'cluster.port', must, got, fix: 'omit it to use 4370: nodes take it and the two after it' });
    }
  }
}
