/** Kept for administrators: PostgreSQL's own default of `superuser_reserved_connections`. */
export const RESERVED_CONNECTIONS = 3;
