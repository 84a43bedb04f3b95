import { quoted, select } from '../promql';
import type { Alert, Observed } from './alert';

/** What waits in the queues of Oban, and what was given up. Each pod counts the same table, so nothing is added up. */
export function queueAlerts({ namespace, application, names: { oban } }: Observed): Alert[] {
  if (!oban) return [];
  const by = 'max by (namespace, queue)';
  const jobs = (state: string) => select(oban.length, `namespace=${quoted(namespace)}`, `state="${state}"`);
  const discarded = `${by} (${jobs('discarded')})`;
  const failures = select(oban.failures, `namespace=${quoted(namespace)}`, 'state="discard"');
  return [
    {
      name: 'QueueBacklog',
      expr: (threshold) => `${by} (${jobs('available')}) > ${threshold} and ${by} (deriv(${jobs('available')}[15m])) > 0`,
      summary: `{{ $value }} jobs are due in the queue {{ $labels.queue }} of ${application}, and become more`,
      description:
        'Jobs come faster than they are worked off: look whether they became slow or fail and are tried again. Otherwise raise the limit of the queue, or the replicas of its worker.',
    },
    {
      name: 'JobsDiscarded',
      // The first one that a pod counts is no increase of its counter, and the table may be pruned: either tells.
      expr: () =>
        `sum by (namespace, queue) (increase(${failures}[1h])) > 0 or ${discarded} - ${discarded.replace(/\)$/, ' offset 1h)')} > 0`,
      summary: `Jobs of the queue {{ $labels.queue }} of ${application} were given up`,
      description:
        'Their last attempt failed, and nobody tries them again: read their errors in oban_jobs, mend the cause, and retry them by Oban.retry_all_jobs/2.',
    },
  ];
}
