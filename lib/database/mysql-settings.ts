import type { Size } from 'cdk8s';
import { bytes } from '../support/quantity';

/** How a MySQL server divides its memory and its disk. */
export interface MysqlSettings {
  /** Connections of the application at a time: `max_connections`. Administrators have one more. */
  readonly maxConnections: number;
  /** All settings that follow from memory, disk and connections. */
  readonly parameters: Readonly<Record<string, string>>;
}

const MEBIBYTE = 1048576;
/** Mebibytes that the buffer pool comes in. By the default, and with as many pools as the node has cores, it is rounded up by gigabytes. */
const CHUNK = 32;

/**
 * Settings for a server that has `memory` and `storage` to itself. Two fifths of what the program leaves are for the buffer
 * pool; the rest is for connections, at some 5 MiB each, with what they sort and the statements that they prepared.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/memory-use.html
 */
export function mysqlSettings(memory: Size, storage: Size, connections?: number): MysqlSettings {
  const available = Math.floor(bytes(memory) / MEBIBYTE);
  const maxConnections = connections ?? Math.min(500, Math.max(20, Math.floor(available / 16)));
  // The instruments take more than all else that is there before the first page.
  const instruments = available >= 1024;
  const pool = Math.max(2, Math.floor(((available - (instruments ? 430 : 200)) * 0.4) / CHUNK)) * CHUNK;
  const parameters = {
    max_connections: `${maxConnections}`,
    performance_schema: instruments ? 'ON' : 'OFF',
    innodb_buffer_pool_size: `${pool}M`,
    innodb_buffer_pool_chunk_size: `${CHUNK}M`,
    innodb_buffer_pool_instances: '1',
    innodb_log_buffer_size: '16M',
    innodb_redo_log_capacity: `${redo(pool, Math.floor(bytes(storage) / MEBIBYTE))}M`,
    // Its default follows the memory of the node, and is a gigabyte at least.
    temptable_max_ram: `${Math.floor(available / 16)}M`,
  };
  return { maxConnections, parameters };
}

/** The log of what is not yet in the tables: as much as half of the pool, and no more of the volume than an eighth. */
function redo(pool: number, storage: number): number {
  return Math.min(2048, Math.max(64, Math.floor(Math.min(pool / 2, storage / 8))));
}
