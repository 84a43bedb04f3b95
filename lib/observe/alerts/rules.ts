import type { Alert, Observed } from './alert';
import { databaseAlerts } from './databases';
import { deliveryAlerts } from './delivery';
import { machineAlerts } from './machine';
import { LONG, objectiveAlerts, objectiveSeries, SHORT } from './objective';
import { podAlerts } from './pods';
import { queueAlerts } from './queues';
import { reachAlerts } from './reach';
import { ALERTS, type AlertChanges, type AlertDefault, type Objective } from './settings';
import { OptOut } from '../../support/opt-out';
import { runbookOf } from '../../support/runbooks';
import { prometheusDuration } from '../prometheus-duration';

/** A group of rules, as a PrometheusRule has it. */
export interface Group {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly object[];
}

/** What alerts are told beside what they ask. */
export interface Told {
  readonly objective: Objective;
  readonly changes: AlertChanges;
  /** Where each alert has a section of its name. */
  readonly runbooks: string;
}

/** The alerts of what is there, by what they are about. */
function partsOf(observed: Observed, objective: Objective): readonly { readonly part: string; readonly of: readonly Alert[] }[] {
  return [
    { part: 'objective', of: objectiveAlerts(observed, objective) },
    { part: 'reach', of: reachAlerts(observed) },
    { part: 'machine', of: machineAlerts(observed) },
    { part: 'pods', of: podAlerts(observed) },
    { part: 'databases', of: databaseAlerts(observed) },
    { part: 'delivery', of: deliveryAlerts(observed) },
    { part: 'queues', of: queueAlerts(observed) },
  ];
}

/** The names of all alerts that there are, before any is changed. */
export function alertsThere(observed: Observed, objective: Objective): ReadonlySet<string> {
  return new Set(partsOf(observed, objective).flatMap(({ of }) => of.map(({ name }) => name)));
}

/** All rules of what is there. Long times are computed less often: they move slowly, and ask for all series of days. */
export function groupsOf(observed: Observed, { objective, changes, runbooks }: Told): Group[] {
  const { application } = observed;
  const labels = { application };
  const recorded = (name: string, windows: Parameters<typeof objectiveSeries>[2], interval?: string): Group => ({
    name: `${application}-${name}`,
    ...(interval === undefined ? {} : { interval }),
    rules: objectiveSeries(observed, objective, windows).map((one) => ({ ...one, labels })),
  });
  const alerts = partsOf(observed, objective).map(({ part, of }) => ({
    name: `${application}-${part}`,
    rules: of.flatMap((alert) => ruleOf(alert, { application, changes, runbooks })),
  }));
  const all = [recorded('ratios', SHORT), recorded('ratios-of-days', LONG, '2m'), ...alerts];
  return all.filter(({ rules }) => rules.length > 0);
}

function ruleOf(
  { name, expr, summary, description }: Alert,
  { application, changes, runbooks }: Pick<Told, 'changes' | 'runbooks'> & { readonly application: string },
): object[] {
  const usual: AlertDefault = ALERTS[name];
  const change = changes[name] ?? {};
  if (change instanceof OptOut) return [];
  const { severity = usual.severity, after, threshold = usual.threshold?.value ?? 0 } = change;
  const wait = after ? prometheusDuration(after) : `${usual.minutes}m`;
  return [
    {
      alert: name,
      expr: expr(threshold),
      ...(wait === '0m' || wait === '0s' ? {} : { for: wait }),
      labels: { severity, application },
      annotations: { summary, description, runbook_url: runbookOf(runbooks, name) },
    },
  ];
}
