import { literal } from '../../support/literal';
import { inUnit, quoted, select, shareWithin } from '../promql';
import type { Alert, Observed, Recording } from './alert';
import type { Objective } from './settings';

/** Times over which ratios are computed beforehand. */
export const SHORT = ['5m', '30m', '1h'] as const;
export const LONG = ['2h', '6h', '1d', '3d'] as const;
type Window = (typeof SHORT)[number] | (typeof LONG)[number];

const ERRORS = 'phoenix:request_errors:ratio_rate';
const SLOW = 'phoenix:slow_requests:ratio_rate';

/** What requests of users match; those of probes are not theirs. */
export function ofUsers({ namespace, names: { requests }, healthRoutes }: Observed): string[] {
  const routes =
    healthRoutes.length === 0 ? [] : [`${requests?.route ?? 'path'}!~${quoted(healthRoutes.map(literal).join('|'))}`];
  return [`namespace=${quoted(namespace)}`, ...routes];
}

/** The share of requests that failed, and of those that were late, over some times. */
export function objectiveSeries(observed: Observed, { latency }: Objective, windows: readonly Window[]): Recording[] {
  const { requests } = observed.names;
  if (!requests) return [];
  const { count, status = 'status', duration } = requests;
  const users = ofUsers(observed);
  return windows.flatMap((window) => {
    const sum = (...more: string[]) => `sum by (namespace) (rate(${select(count, ...users, ...more)}[${window}]))`;
    // A counter that has counted nothing is not there yet.
    const errors = { record: `${ERRORS}${window}`, expr: `(${sum(`${status}=~"5.."`)} or 0 * ${sum()}) / ${sum()}` };
    if (!latency) return [errors];
    const limit = inUnit(duration, latency.within.toMilliseconds());
    return [errors, { record: `${SLOW}${window}`, expr: `1 - (${shareWithin(limit, duration, 'namespace', window, ...users)})` }];
  });
}

/** How fast the budgets of an objective are used, by the series that `objectiveSeries` records: at 1 each lasts for its 30 days. */
export function budgetBurns(
  { namespace, application, names: { requests } }: Observed,
  { availability = 99.9, latency }: Objective,
  window: Window,
): Partial<Record<'errors' | 'latency', string>> {
  if (!requests) return {};
  const of = `{namespace=${quoted(namespace)},application=${quoted(application)}}`;
  const burn = (series: string, percent: number) => `${series}${window}${of} / ${budget(percent)}`;
  return { errors: burn(ERRORS, availability), ...(latency ? { latency: burn(SLOW, latency.share) } : {}) };
}

/** The share that may fail; without what is left of tenths that have no end in binary. */
function budget(percent: number, rate = 1): number {
  return Number(((rate * (100 - percent)) / 100).toPrecision(6));
}

/**
 * Says that a budget of 30 days is used up too fast: 2 % of it in an hour or 5 % in six is somebody's sleep, 10 % in a day or in
 * three somebody's morning. The shorter time beside each ends the alert soon after the trouble.
 *
 * @see https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
export function objectiveAlerts(observed: Observed, { availability = 99.9, latency }: Objective): Alert[] {
  if (!observed.names.requests) return [];
  const of = `{namespace=${quoted(observed.namespace)},application=${quoted(observed.application)}}`;
  const burns = (series: string, percent: number, rates: readonly (readonly [rate: number, short: Window, long: Window])[]) =>
    rates
      .map(([rate, short, long]) => {
        const limit = budget(percent, rate);
        return `(${series}${short}${of} > ${limit} and ${series}${long}${of} > ${limit})`;
      })
      .join(' or ');
  const alerts = (name: 'ErrorBudget' | 'LatencyBudget', series: string, percent: number, what: string): Alert[] => [
    {
      name: `${name}BurnsFast`,
      expr: () =>
        burns(series, percent, [
          [14.4, '5m', '1h'],
          [6, '30m', '6h'],
        ]),
      summary: `{{ $value | humanizePercentage }} of requests to ${observed.application} ${what}; ${percent} % must not`,
      description: `At this rate the budget of 30 days is gone within days: look at what was rolled out last, and take it back. Then find the routes that ${what}.`,
    },
    {
      name: `${name}BurnsSlowly`,
      expr: () =>
        burns(series, percent, [
          [3, '2h', '1d'],
          [1, '6h', '3d'],
        ]),
      summary: `{{ $value | humanizePercentage }} of requests to ${observed.application} ${what}, for hours; ${percent} % must not`,
      description: `The budget of 30 days will not last: find the routes that ${what}, and mend them before something else takes the rest of it.`,
    },
  ];
  return [
    ...alerts('ErrorBudget', ERRORS, availability, 'fail'),
    ...(latency ? alerts('LatencyBudget', SLOW, latency.share, `take longer than ${latency.within.toMilliseconds()} ms`) : []),
  ];
}
