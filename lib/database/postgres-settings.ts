import type { Size } from 'cdk8s';
import { bytes } from '../support/quantity';

/** How a PostgreSQL server divides its memory. */
export interface PostgresSettings {
  /** Connections at a time, administrators' included: `max_connections`. */
  readonly maxConnections: number;
  /** All settings that follow from memory and connections, in mebibytes where they are sizes. */
  readonly parameters: Readonly<Record<string, string>>;
}

const MEBIBYTE = 1048576;

/**
 * Settings for a server that has `memory` to itself: a quarter for shared buffers, as PostgreSQL advises, half for
 * the backends at some 5 MiB each, and the rest for sorting and the page cache.
 *
 * @see https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-SHARED-BUFFERS
 */
export function postgresSettings(memory: Size, connections?: number): PostgresSettings {
  const available = Math.floor(bytes(memory) / MEBIBYTE);
  const maxConnections = connections ?? Math.min(500, Math.max(20, Math.floor(available / 10)));
  const parameters = {
    max_connections: `${maxConnections}`,
    shared_buffers: `${Math.floor(available / 4)}MB`,
    effective_cache_size: `${Math.floor(available / 2)}MB`,
    maintenance_work_mem: `${Math.max(16, Math.floor(available / 16))}MB`,
    work_mem: `${Math.max(1, Math.floor(available / 4 / maxConnections))}MB`,
  };
  return { maxConnections, parameters };
}
