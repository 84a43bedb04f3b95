import type { IConstruct } from 'constructs';
import type { Variables } from '../../pod/variables';
import { declare } from '../../support/declare';
import type { Reach } from '../../support/network';
import { refusalsOf, reject } from '../../support/reject';
import { logsOf, type Logs } from './logs';
import { sentryOf, type Sentry } from './sentry';
import type { ObservedPods, Told } from './told';
import { tracingOf, type Tracing } from './tracing';

/** How the pods of a release are looked at beside their metrics. */
export interface TelemetryProps {
  readonly tracing?: Tracing;
  readonly sentry?: Sentry;
  readonly logs?: Logs;
}

/** Variables that the environment gives, by the prop that holds them. */
export interface GivenVariables {
  readonly config: object;
  readonly variables: object;
  readonly backingServices: object;
  /** Keys of the release's Secret. */
  readonly secret: object;
  /** Name of that Secret. */
  readonly secretName: string;
  /** Name of the application. */
  readonly application: string;
}

/** What pods are told of where their traces, errors and logs go. */
export interface Telemetry {
  /** Variables that are the same in all pods, and refer to nothing. */
  readonly config: Readonly<Record<string, string>>;
  /** The others, in their order. */
  readonly of: (pods: ObservedPods) => Variables;
  /** Where the pods connect to, for the fence. */
  readonly reaches: readonly Reach[];
  /** Refuses what of a role says these variables again, or wins over them, by the prop that holds it; its answer is their names. */
  readonly requireFree: (scope: IConstruct, given: Readonly<Record<string, object>>) => readonly string[];
}

/** Nothing. */
const NONE: Telemetry = { config: {}, of: () => ({}), reaches: [], requireFree: () => [] };

/** Variables by which the SDK is told the same again, for traces alone, or to send none: they would win. */
const OVER_TRACING = [
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'OTEL_SDK_DISABLED',
  'OTEL_SERVICE_INSTANCE',
  'OTEL_TRACES_EXPORTER',
];

/** Turns what is to be seen of a release into variables and ways out. What is refused is no variable, and nothing to be found closed. */
export function telemetryOf(scope: IConstruct, { tracing, sentry, logs }: TelemetryProps, given: GivenVariables): Telemetry {
  const faults = refusalsOf(scope).length;
  const parts = {
    logs: logs && logsOf(logs),
    tracing: tracing && tracingOf(scope, tracing),
    sentry: sentry && sentryOf(scope, sentry, given.application, { ...given.secret, ...given.variables }),
  };
  const all = Object.values(parts).flatMap((part) => part ?? []);
  const free: Telemetry['requireFree'] = (whose, names) =>
    Object.entries(parts).flatMap(([prop, part]) => (part ? requireFree(whose, prop, part, names) : []));
  const { config, variables, secret, backingServices } = given;
  free(scope, { config, variables, secret, backingServices });
  if (refusalsOf(scope).length > faults) return NONE;
  // Keys of the release's own are asked for where that is made.
  const others = all.flatMap(({ secrets }) => secrets).filter(({ secret }) => secret !== given.secretName);
  if (others.length > 0)
    declare(scope, { externals: others.map(({ secret, key }) => ({ kind: 'Secret', name: secret, keys: [key] })) });
  return {
    config: Object.assign({}, ...all.map(({ config }) => config)) as Telemetry['config'],
    of: (pods) => Object.assign({}, ...all.map(({ fields }) => fields), ...all.map((part) => part.of(pods))) as Variables,
    reaches: all.flatMap(({ reaches }) => reaches),
    requireFree: free,
  };
}

/** Refuses variables that come from two places: one of them would be ignored. */
function requireFree(scope: IConstruct, prop: string, part: Told, given: Readonly<Record<string, object>>): readonly string[] {
  const set = Object.keys({ ...part.config, ...part.fields, ...part.of({ name: '', version: 'any' }) });
  const taken = prop === 'tracing' ? [...set, ...OVER_TRACING] : set;
  return Object.entries(given).flatMap(([where, names]) => {
    const other = Object.fromEntries(Object.entries(names).filter(([name, value]) => !isSame(value, part.fields[name])));
    const twice = taken.filter((one) => one in other);
    for (const name of twice) {
      const fix = where === 'secret' ? 'take the key out of those that become variables' : 'remove it';
      reject(scope, { prop: `${where}.${name}`, must: `be left to '${prop}', which says it`, got: name, fix });
    }
    return twice;
  });
}

/** Whether both are the same field of the pod: what runs before the program has it by `variables` alone. */
function isSame(given: unknown, field: unknown): boolean {
  return field !== undefined && JSON.stringify(given) === JSON.stringify(field);
}
