import { postgresConnections } from '../alerts/databases';
import { select } from '../promql';
import { panel, type Panel } from './panel';
import { rate } from './queries';

/** A server of PostgreSQL, by postgres_exporter. */
export function postgres(own: readonly string[]): Panel[] {
  const of = (name: string, ...more: readonly string[]): string => select(name, ...own, ...more);
  const states = `sum by (state) (${of('pg_stat_activity_count')}) > 0`;
  const longest = `max by (datname) (${of('pg_stat_activity_max_tx_duration')}) > 0`;
  const dead = `topk(10, max by (schemaname, relname) (${of('pg_stat_user_tables_n_dead_tup')}))`;
  return [
    { ...panel('Connections', 'By what they do. Idle in transaction holds locks.', 'short', states, '{{state}}'), stacked: true },
    panel('Connections of the limit', 'At 1 the next client is refused.', 'percentunit', postgresConnections(of), '{{job}}'),
    panel('Longest transaction', 'It keeps its locks, and vacuum waits.', 's', longest, '{{datname}}'),
    ...databases('pg', own),
    panel('Locks', 'By mode.', 'short', `sum by (mode) (${of('pg_locks_count')}) > 0`, '{{mode}}'),
    panel('Dead rows', 'Of the tables that have most: vacuum has not come yet.', 'short', dead, '{{schemaname}}.{{relname}}'),
  ];
}

/** What each database does. The names are those of the server's own views, behind that of who asks. */
export function databases(prefix: 'pg' | 'cnpg_pg', own: readonly string[]): Panel[] {
  // Templates are nobody's, and what is nobody's is counted under no name.
  const matchers = [...own, 'datname!~"template.*|"'];
  const each = (name: string): string => rate('datname', `${prefix}_stat_database_${name}`, ...matchers);
  const [hit, read] = [each('blks_hit'), each('blks_read')];
  const deadlocks = `sum by (datname) (increase(${select(`${prefix}_stat_database_deadlocks`, ...matchers)}[1h]))`;
  const size = `max by (datname) (${select(`${prefix}_database_size_bytes`, ...matchers)})`;
  const of = (title: string, text: string, unit: string, expr: string): Panel => panel(title, text, unit, expr, '{{datname}}');
  return [
    of('Commits', 'A second.', 'ops', each('xact_commit')),
    of('Rollbacks', 'A second. Many are errors of the application.', 'ops', each('xact_rollback')),
    of('Found in memory', 'Share of blocks. Below 0.9 memory is short.', 'percentunit', `${hit} / (${hit} + ${read} > 0)`),
    of('Deadlocks', 'Within an hour.', 'short', deadlocks),
    of('Temporary files', 'Written in a second: what sorts did not find in work_mem.', 'Bps', each('temp_bytes')),
    of('Size', 'Of each database.', 'bytes', size),
  ];
}
