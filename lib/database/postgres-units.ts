/** Bytes that a bare number counts, by setting, as `pg_settings.unit` of PostgreSQL 15 says. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ...of(
    8192,
    'effective_cache_size min_parallel_index_scan_size min_parallel_table_scan_size shared_buffers temp_buffers wal_buffers',
  ),
  ...of(1048576, 'max_slot_wal_keep_size max_wal_size min_dynamic_shared_memory min_wal_size wal_keep_size'),
  ...of(1024, 'autovacuum_work_mem gin_pending_list_limit logical_decoding_work_mem maintenance_work_mem max_stack_depth'),
  ...of(1024, 'temp_file_limit wal_skip_threshold work_mem log_temp_files'),
]);

const TIMES: ReadonlySet<string> = new Set(
  [
    'archive_timeout authentication_timeout autovacuum_naptime autovacuum_vacuum_cost_delay bgwriter_delay checkpoint_timeout',
    'checkpoint_warning client_connection_check_interval deadlock_timeout idle_in_transaction_session_timeout lock_timeout',
    'idle_session_timeout log_autovacuum_min_duration log_min_duration_sample log_min_duration_statement statement_timeout',
    'max_standby_archive_delay max_standby_streaming_delay tcp_keepalives_idle tcp_keepalives_interval tcp_user_timeout',
    'vacuum_cost_delay wal_receiver_status_interval wal_receiver_timeout wal_retrieve_retry_interval wal_sender_timeout',
    'transaction_timeout wal_writer_delay',
  ].flatMap((names) => names.split(' ')),
);

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

function of(unit: number, names: string): [string, number][] {
  return names.split(' ').map((name) => [name, unit]);
}

/** Bytes of a setting that is a size; undefined where it is none, or no number with a unit that PostgreSQL knows. */
export function bytesOfSetting(name: string, value: string): number | undefined {
  const bare = SIZES.get(name);
  const [, number, unit = ''] = NUMBER.exec(value) ?? [];
  const factor = unit === '' ? bare : UNITS[unit];
  return bare === undefined || number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

/** A number of PostgreSQL and the word behind it: decimal, with a fraction or an exponent, or hexadecimal. */
const NUMBER = /^\s*([+-]?(?:0x[\da-f]+|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+))\s*([A-Za-z]*)\s*$/i;

/** What is wrong with the number or the unit of a setting, as it continues after "must"; undefined where nothing is. */
export function unitFault(name: string, value: string): string | undefined {
  if (SIZES.has(name) && bytesOfSetting(name, value) === undefined)
    return 'be a number with one of the units B, kB, MB, GB and TB, in these letters';
  if (!TIMES.has(name)) return undefined;
  const [, number, unit = ''] = NUMBER.exec(value) ?? [];
  if (number !== undefined && /^(?:|us|ms|s|min|h|d)$/.test(unit)) return undefined;
  return 'be a number with one of the units us, ms, s, min, h and d, in these letters';
}
