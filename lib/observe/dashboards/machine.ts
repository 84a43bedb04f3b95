import type { BeamMetrics, Counted, Histogram, RepoMetrics } from '../../release/metrics/names';
import type { Observed } from '../alerts/alert';
import { select } from '../promql';
import { panel, type Panel } from './panel';
import { most, observations, ours, unitOf, WINDOW } from './queries';

/** The virtual machine. */
export function machine(observed: Observed, beam: BeamMetrics): Panel[] {
  const of = (name: string) => select(name, ...ours(observed));
  const share = ({ count, limit }: Counted) => `${of(count)} / on (namespace, pod) group_left () ${of(limit)}`;
  const kinds = Object.entries(beam.memoryKinds ?? {}).map(([kind, name]) => ({ expr: `sum(${of(name)})`, legend: kind }));
  const { clusterNodes } = observed.names;
  const byKind = { ...panel('Memory by kind', 'Of all chosen pods together.', 'bytes', kinds), stacked: true };
  const each = (title: string, text: string, name: string | undefined, asked: (series: string) => string): Panel[] =>
    name === undefined ? [] : [panel(title, text, 'short', asked(of(name)))];
  return [
    panel('Memory', 'What the machine has allocated.', 'bytes', of(beam.memory)),
    ...(kinds.length === 0 ? [] : [byKind]),
    panel('Run queue', 'Processes that wait for a scheduler.', 'short', of(beam.runQueue)),
    panel('Processes of the limit', 'At 1 none can be started.', 'percentunit', share(beam.processes)),
    panel('Ports of the limit', 'Sockets, files and programs.', 'percentunit', share(beam.ports)),
    panel('Atoms of the limit', 'At 1 the machine aborts.', 'percentunit', share(beam.atoms)),
    ...each('Reductions', 'A second: how much is computed.', beam.reductions, (series) => `rate(${series}[${WINDOW}])`),
    ...each('Garbage collections', 'A second.', beam.collections, (series) => `rate(${series}[${WINDOW}])`),
    ...each('Nodes seen', 'Each should see all others.', clusterNodes, (series) => series),
  ];
}

/** The repositories. */
export function repositories(observed: Observed, repo: RepoMetrics): Panel[] {
  const own = ours(observed);
  const times = (title: string, text: string, histogram: Histogram): Panel =>
    panel(title, text, unitOf(histogram), most(histogram, ['repo'], own), '{{repo}}');
  const { unit } = repo.queryTime;
  const seconds = `topk(10, ${observations('sum', 'source, command', repo.queryTime, own)} / ${unit === 'seconds' ? 1 : 1000})`;
  const open = repo.poolSize && `sum by (repo) (${select(repo.poolSize, ...own)})`;
  return [
    panel('Queries', 'A second.', 'ops', observations('count', 'repo', repo.totalTime, own), '{{repo}}'),
    times('Wait for a connection', '95 of 100 wait less. Long waits with short queries: the pool is too small.', repo.queueTime),
    times('Time in the database', '95 of 100 take less.', repo.queryTime),
    times('All of it', '95 of 100 take less.', repo.totalTime),
    panel('Tables that take most time', 'Seconds of the database in a second.', 'short', seconds, '{{command}} {{source}}'),
    ...(open === undefined
      ? []
      : [panel('Connections', 'That the pools of the chosen pods may open.', 'short', open, '{{repo}}')]),
  ];
}
