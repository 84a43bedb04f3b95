import type { LiveMetrics, ObanMetrics } from '../../release/metrics/names';
import type { Observed } from '../alerts/alert';
import { quoted, select } from '../promql';
import { panel, type Panel } from './panel';
import { counted, most, observations, ours, rate, unitOf } from './queries';

/** LiveViews and channels. */
export function liveViews(observed: Observed, { mount, event, exceptions, joined }: LiveMetrics): Panel[] {
  const own = ours(observed);
  const [view, both] = ['{{module}}', '{{module}} {{event}}'];
  const slowest = `topk(10, ${most(event, ['module', 'event'], own)})`;
  const channels = joined && rate('result', joined, ...own);
  return [
    panel('Mounts', 'A second: each page has two.', 'ops', observations('count', 'module', mount, own), view),
    panel('Time to mount', '95 of 100 take less.', unitOf(mount), most(mount, ['module'], own), view),
    panel('Time of events', '95 of 100 take less.', unitOf(event), slowest, both),
    panel('Exceptions in events', 'A second.', 'ops', counted('module, event', exceptions, own), both),
    ...(channels === undefined ? [] : [panel('Channels joined', 'A second, by result.', 'ops', channels, '{{result}}')]),
  ];
}

/** Queues of Oban, whose table each pod counts: nothing of it is added up. */
export function queues(observed: Observed, { length, processing, queueTime }: ObanMetrics): Panel[] {
  const own = ours(observed);
  const here = `namespace=${quoted(observed.namespace)}`;
  const jobs = (state: string) => `max by (queue) (${select(length, here, `state="${state}"`)})`;
  const done = observations('count', 'queue, state', processing, own);
  return [
    ...['available', 'executing', 'retryable', 'scheduled', 'discarded'].map((state) =>
      panel(`Jobs ${state}`, 'In the table, by queue.', 'short', jobs(state), '{{queue}}'),
    ),
    { ...panel('Jobs done', 'A second, by how they ended.', 'ops', done, '{{queue}} {{state}}'), stacked: true },
    panel('Time of jobs', '95 of 100 take less.', unitOf(processing), most(processing, ['worker'], own), '{{worker}}'),
    panel('Wait of jobs', '95 of 100 wait less.', unitOf(queueTime), most(queueTime, ['queue'], own), '{{queue}}'),
  ];
}
