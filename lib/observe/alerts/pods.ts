import { oneOf, quoted, select } from '../promql';
import type { Alert, Observed } from './alert';

/**
 * What happens to the pods, as the kubelet and kube-state-metrics see it. Their labels `namespace`, `pod` and `container` are those
 * of what is measured: both are collected so that theirs win, by kube-prometheus as by its chart.
 */
export function podAlerts(observed: Observed): Alert[] {
  const { namespace, application, containers, job } = observed;
  if (containers.length === 0) return [];
  const own = [`namespace=${quoted(namespace)}`, oneOf('container', containers)];
  const by = 'max by (namespace, pod, container)';
  return [
    {
      name: 'MemoryNearLimit',
      expr: (threshold) => {
        const limits = select('kube_pod_container_resource_limits', ...own, 'resource="memory"');
        return `${by} (${select('container_memory_working_set_bytes', ...own)}) / ${by} (${limits}) > ${threshold}`;
      },
      summary: '{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its memory',
      description:
        'At the limit the kernel kills it, with all of its connections, and no crash dump is left. Look which kind of memory grows; raise memory of its resources where all of it is needed.',
    },
    {
      name: 'OutOfMemory',
      expr: () =>
        `increase(${select('kube_pod_container_status_restarts_total', ...own)}[10m]) > 0 and on (namespace, pod, container) ` +
        `${select('kube_pod_container_status_last_terminated_reason', ...own, 'reason="OOMKilled"')} == 1`,
      summary: '{{ $labels.pod }} was killed because its memory was full',
      description:
        'No crash dump exists, since the kernel killed it. Look at its memory in the hour before: a jump is one request or job, a slope is a leak.',
    },
    {
      name: 'PodsRestart',
      expr: (threshold) => `increase(${select('kube_pod_container_status_restarts_total', ...own)}[1h]) > ${threshold}`,
      summary: '{{ $labels.pod }} was restarted {{ $value | printf "%.0f" }} times in an hour',
      description:
        'It ends itself, or its liveness probe fails. Read what it said last: kubectl logs --previous; a supervisor that gave up says so in its last lines.',
    },
    ...(job === undefined ? [] : [versionsMixed(application, namespace, job)]),
  ];
}

function versionsMixed(application: string, namespace: string, job: string): Alert {
  const up = select('up', `namespace=${quoted(namespace)}`, `job=${quoted(job)}`);
  return {
    name: 'VersionsMixed',
    expr: () => `count by (namespace) (count by (namespace, app_kubernetes_io_version) (${up})) > 1`,
    summary: `{{ $value }} versions of ${application} run side by side`,
    description:
      'A roll-out stopped half way, or was taken back for web pods alone: workers of another version read jobs and a schema that they do not know. Finish it, or take all of it back.',
  };
}
