import { select } from '../promql';
import { panel, type Panel } from './panel';
import { databases } from './postgres';

/** A cluster of CloudNativePG, by the metrics of its instances. */
export function cloudNativePg(own: readonly string[]): Panel[] {
  const of = (name: string, ...more: readonly string[]): string => `max by (pod) (${select(name, ...own, ...more)})`;
  const backends = select('cnpg_backends_total', ...own);
  const states = `sum by (pod, state) (${backends}) > 0`;
  const used = `sum by (pod) (${backends}) / on (pod) ${of('cnpg_pg_settings_setting', 'name="max_connections"')}`;
  const waiting = of('cnpg_collector_pg_wal_archive_status', 'value="ready"');
  const text = 'By what they do. Idle in transaction holds locks.';
  return [
    panel('Instances', '1 answers.', 'short', of('cnpg_collector_up')),
    panel('Lag', 'How far replicas are behind.', 's', of('cnpg_pg_replication_lag')),
    { ...panel('Connections', text, 'short', states, '{{pod}} {{state}}'), stacked: true },
    panel('Connections of the limit', 'At 1 the next client is refused.', 'percentunit', used),
    panel('Waiting', 'Connections that wait for a lock.', 'short', of('cnpg_backends_waiting_total')),
    panel('Longest transaction', 'It keeps its locks, and vacuum waits.', 's', of('cnpg_backends_max_tx_duration_seconds')),
    ...databases('cnpg_pg', own),
    panel('Log to archive', 'Files that wait. They fill the volume.', 'short', waiting),
  ];
}
