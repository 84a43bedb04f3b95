import type { Construct } from 'constructs';
import { reject } from '../../support/reject';
import type { Resources } from '../../pod/resources';
import { bytes } from '../../support/quantity';
import { postgresSettings } from '../postgres-settings';
import { bytesOfSetting, unitFault } from '../postgres-units';

/** https://cloudnative-pg.io/documentation/current/postgresql_conf/#fixed-parameters */
const FIXED: ReadonlySet<string> = new Set([
  ...['allow_alter_system', 'allow_system_table_mods', 'archive_cleanup_command', 'archive_command', 'archive_mode', 'bonjour'],
  ...['bonjour_name', 'cluster_name', 'config_file', 'data_directory', 'data_sync_retry', 'event_source', 'external_pid_file'],
  ...['hba_file', 'hot_standby', 'ident_file', 'jit_provider', 'listen_addresses', 'log_destination', 'log_directory'],
  ...['log_file_mode', 'log_filename', 'log_rotation_age', 'log_rotation_size', 'log_truncate_on_rotation', 'logging_collector'],
  ...['port', 'primary_conninfo', 'primary_slot_name', 'promote_trigger_file', 'recovery_end_command'],
  ...['recovery_min_apply_delay', 'recovery_target', 'recovery_target_action', 'recovery_target_inclusive'],
  ...['recovery_target_lsn', 'recovery_target_name', 'recovery_target_time', 'recovery_target_timeline', 'recovery_target_xid'],
  ...['restart_after_crash', 'restore_command', 'shared_preload_libraries', 'ssl', 'ssl_ca_file', 'ssl_cert_file'],
  ...['ssl_crl_file', 'ssl_dh_params_file', 'ssl_ecdh_curve', 'ssl_key_file', 'ssl_passphrase_command'],
  ...['ssl_passphrase_command_supports_reload', 'ssl_prefer_server_ciphers', 'stats_temp_directory'],
  ...['synchronous_standby_names', 'synchronized_standby_slots', 'syslog_facility', 'syslog_ident', 'syslog_sequence_numbers'],
  ...['syslog_split_messages', 'temp_tablespaces', 'unix_socket_directories', 'unix_socket_group', 'unix_socket_permissions'],
]);

/** Refuses settings that the operator keeps, or that a prop is for. */
export function requireParameters(scope: Construct, parameters: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    const prop = `parameters.${name}`;
    if (name === 'max_connections') {
      const must = 'be left out: the connections are divided by it';
      reject(scope, { prop, must, got: value, fix: 'set maxConnections' });
    } else if (FIXED.has(name)) {
      const must = 'be left out: the operator keeps it as it needs it, and refuses the Cluster';
      reject(scope, { prop, must, got: value, fix: 'remove it' });
    } else if (!/^[a-z][a-z0-9_.]*$/.test(name) || typeof value !== 'string') {
      reject(scope, { prop, must: 'be the name of a setting with its value as text', got: value, fix: "write work_mem: '16MB'" });
    } else {
      const must = unitFault(name, value);
      if (must !== undefined)
        reject(scope, { prop, must, got: value, fix: "write it as '256MB' or '30s': the server does not start else" });
    }
  }
}

/** What a backend takes that does nothing, beside what it shares. */
const BACKEND = 2 * 2 ** 20;

/**
 * Refuses settings that the memory of an instance does not bear: what is shared, what each connection takes, and what a
 * quarter of them may take to sort, since pools are seldom busy with all of theirs.
 */
export function requireMemoryForSettings(
  scope: Construct,
  { resources, maxConnections: wanted, parameters = {} }: MemoryTakers,
): void {
  const limit = bytes(resources.memory.limit);
  const { maxConnections, parameters: own } = postgresSettings(resources.memory.limit, wanted);
  const sizeOf = (name: string) => bytesOfSetting(name, parameters[name] ?? own[name] ?? '') ?? 0;
  const refuse = (prop: string, must: string, got: unknown) =>
    reject(scope, { prop, must, got, fix: 'lower it, or raise the memory' });
  const text = resources.memory.limit.asString();
  const [shared, work, cache] = [sizeOf('shared_buffers'), sizeOf('work_mem'), sizeOf('effective_cache_size')];
  if (shared > limit * 0.6) {
    refuse(
      'parameters.shared_buffers',
      `be at most six tenths of the memory of ${text}, the rest being for connections`,
      parameters['shared_buffers'],
    );
    return;
  }
  if (cache > limit && parameters['effective_cache_size'] !== undefined)
    refuse(
      'parameters.effective_cache_size',
      `be at most the memory of ${text}, which the page cache is counted in`,
      parameters['effective_cache_size'],
    );
  if (shared + maxConnections * BACKEND > limit) {
    refuse(
      'maxConnections',
      `leave 2 MiB for each connection beside the shared buffers, in the memory of ${text}`,
      maxConnections,
    );
    return;
  }
  if (parameters['work_mem'] === undefined || shared + (maxConnections / 4) * work <= limit) return;
  const must = `leave a quarter of ${maxConnections} connections room to sort at once, beside the shared buffers, in the memory of ${text}`;
  refuse('parameters.work_mem', must, parameters['work_mem']);
}

interface MemoryTakers {
  readonly resources: Resources;
  readonly maxConnections?: number;
  readonly parameters?: Readonly<Record<string, string>>;
}
