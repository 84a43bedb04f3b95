import { UNFINISHED } from './postgres-server';

/**
 * Sourced by the image's entry point at the first start. The application gets a role that owns its database and is no
 * superuser; the superuser keeps no password, so that it can log in from inside the pod alone. The password passes
 * through psql's input, never through a command line. At its end the first start is over.
 */
export function initScript(extensions: readonly string[]): string {
  return [
    `psql --username="$POSTGRES_USER" --dbname=postgres --no-psqlrc --set=ON_ERROR_STOP=1 <<'SQL'`,
    '\\set owner `printf %s "$DATABASE_OWNER"`',
    '\\set database `printf %s "$DATABASE_NAME"`',
    '\\set password `printf %s "$POSTGRES_PASSWORD"`',
    `SET password_encryption = 'scram-sha-256';`,
    // Nothing of it in the server's log, not even where it fails.
    `SET log_statement = 'none';`,
    `SET log_min_error_statement = 'panic';`,
    `CREATE ROLE :"owner" LOGIN PASSWORD :'password';`,
    `CREATE DATABASE :"database" OWNER :"owner";`,
    'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;',
    'ALTER ROLE CURRENT_USER PASSWORD NULL;',
    ...(extensions.length > 0 ? ['\\connect :"database"'] : []),
    ...extensions.map((extension) => `CREATE EXTENSION IF NOT EXISTS "${extension}";`),
    'SQL',
    `rm ${UNFINISHED}`,
    '',
  ].join('\n');
}
