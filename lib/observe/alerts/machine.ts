import type { BeamMetrics, Counted } from '../../release/metrics/names';
import { inUnit, quantile, quoted, select } from '../promql';
import type { Alert, Observed } from './alert';
import type { AlertName } from './settings';

/** What a virtual machine runs out of, and what its repositories wait for. */
export function machineAlerts(observed: Observed): Alert[] {
  const { beam, repo } = observed.names;
  return [...(repo ? [poolStarved(observed, repo)] : []), ...(beam ? ofMachine(observed, beam) : [])];
}

function poolStarved({ namespace }: Observed, { queueTime }: NonNullable<Observed['names']['repo']>): Alert {
  return {
    name: 'PoolStarved',
    expr: (threshold) => {
      const waited = quantile(0.99, queueTime, ['namespace', 'repo'], '5m', `namespace=${quoted(namespace)}`);
      return `(${waited}) > ${inUnit(queueTime, threshold)}`;
    },
    summary: `1 of 100 queries of {{ $labels.repo }} waits {{ $value | printf "%.0f" }} ${queueTime.unit ?? 'milliseconds'} for a connection`,
    description:
      'Look at how long queries take: where they are slow, the database is at fault, or one of them. Where they are not, the pool is too small: raise poolSize, within the connections of the database.',
  };
}

const SAME_POD = 'on (namespace, pod)';

function ofMachine({ namespace, application }: Observed, beam: BeamMetrics): Alert[] {
  const of = (name: string) => select(name, `namespace=${quoted(namespace)}`);
  const runsOut = (name: AlertName, { count, limit }: Counted, what: string, description: string): Alert => ({
    name,
    expr: (threshold) => `${of(count)} / ${SAME_POD} group_left () ${of(limit)} > ${threshold}`,
    summary: `{{ $labels.pod }} has {{ $value | humanizePercentage }} of the ${what} that it may have`,
    description,
  });
  return [
    ...(beam.schedulers === undefined ? [] : [runQueueLong(of(beam.runQueue), of(beam.schedulers))]),
    runsOut(
      'AtomsRunOut',
      beam.atoms,
      'atoms',
      'The machine aborts at the limit, and atoms are never given back: something makes them of input, such as String.to_atom/1 or Jason with keys: :atoms. Restart the pods one by one to win time, then find it.',
    ),
    runsOut(
      'ProcessesRunOut',
      beam.processes,
      'processes',
      'No process can be started at the limit, so no request is answered: look for what is started and never ends, by :recon or LiveDashboard, before raising +P in erlangFlags.',
    ),
    runsOut(
      'PortsRunOut',
      beam.ports,
      'ports',
      'No connection is accepted at the limit: ports are sockets, files and programs. Look for connections that are not closed, before raising +Q in erlangFlags or adding pods.',
    ),
    {
      name: 'BinariesGrow',
      expr: (threshold) => `${of(beam.binaries)} / ${of(beam.memory)} > ${threshold} and deriv(${of(beam.binaries)}[30m]) > 0`,
      summary: `Binaries of {{ $labels.pod }} of ${application} are {{ $value | humanizePercentage }} of its memory, and grow`,
      description:
        'Processes that live long hold parts of large binaries: find them by :recon.bin_leak/1, and copy what they keep by :binary.copy/1.',
    },
  ];
}

function runQueueLong(queue: string, schedulers: string): Alert {
  return {
    name: 'RunQueueLong',
    expr: (threshold) =>
      `max by (namespace, pod) (avg_over_time(${queue}[5m])) / ${SAME_POD} max by (namespace, pod) (${schedulers}) > ${threshold}`,
    summary: '{{ $value | printf "%.1f" }} processes wait for each scheduler of {{ $labels.pod }}',
    description:
      'The pod has too little CPU for its work: look whether it is throttled at its limit, and whether one pod has more of the traffic than others. Raise cpu of its resources, or add pods.',
  };
}
