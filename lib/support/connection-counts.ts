/** Kept for administrators: PostgreSQL's own default of `superuser_reserved_connections`. */
export const RESERVED_CONNECTIONS = 3;

/** Connections of a pod whose `POOL_SIZE` nobody says: what Ecto and the generated `config/runtime.exs` take. */
export const DEFAULT_POOL = 10;

/** What `Ecto.Migrator.with_repo/3` opens, whatever `POOL_SIZE` says. */
export const MIGRATION_POOL = 2;
