import { mysqlConnections } from '../alerts/databases';
import { select } from '../promql';
import { panel, type Panel } from './panel';
import { WINDOW } from './queries';

/** A server of MySQL, by mysqld_exporter. */
export function mysql(own: readonly string[]): Panel[] {
  const of = (name: string, ...more: readonly string[]): string => select(name, ...own, ...more);
  const status = (name: string): string => of(`mysql_global_status_${name}`);
  const counted = (name: string): string => `rate(${status(name)}[${WINDOW}])`;
  const traffic = [
    { expr: counted('bytes_received'), legend: 'received' },
    { expr: counted('bytes_sent'), legend: 'sent' },
  ];
  const commands = `topk(10, rate(${of('mysql_global_status_commands_total')}[${WINDOW}]) > 0)`;
  const memory = `1 - ${counted('innodb_buffer_pool_reads')} / (${counted('innodb_buffer_pool_read_requests')} > 0)`;
  return [
    panel('Connections', 'And how many of them work.', 'short', [
      { expr: status('threads_connected'), legend: 'connected' },
      { expr: status('threads_running'), legend: 'running' },
    ]),
    panel('Connections of the limit', 'At 1 the next client is refused.', 'percentunit', mysqlConnections(of), '{{job}}'),
    panel('Queries', 'A second.', 'ops', counted('queries'), '{{job}}'),
    panel('Commands', 'A second, those that there are most of.', 'ops', commands, '{{command}}'),
    panel('Slow queries', 'A second: longer than long_query_time, 10 seconds.', 'ops', counted('slow_queries'), '{{job}}'),
    panel('Found in memory', 'Share of pages. Below 0.99 the buffer pool is small.', 'percentunit', memory, '{{job}}'),
    panel(
      'Waits for rows',
      'A second: transactions that another one held up.',
      'ops',
      counted('innodb_row_lock_waits'),
      '{{job}}',
    ),
    panel('Temporary tables on disk', 'A second.', 'ops', counted('created_tmp_disk_tables'), '{{job}}'),
    panel('Traffic', 'In a second.', 'Bps', traffic),
    panel(
      'Refused',
      'Connections within an hour that did not log in.',
      'short',
      `increase(${status('aborted_connects')}[1h])`,
      '{{job}}',
    ),
  ];
}
