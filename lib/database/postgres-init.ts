/** A path of our own: that of the official image moved with version 18, and a volume in the wrong place loses the data. */
export const VOLUME = '/data';
/** A folder in it, because a fresh volume may hold `lost+found`, and then initdb refuses. */
export const PGDATA = `${VOLUME}/pgdata`;
/** Stands in the volume until the first start is over. */
const UNFINISHED = `${VOLUME}/unfinished`;
/** Where the scripts are. Those of the first start are the ones that end in `.sh`: the image's entry point passes over others. */
export const SCRIPTS = '/docker-entrypoint-initdb.d';
/** What the container runs. */
export const START = `${SCRIPTS}/start`;

/** Its name sorts behind the one that makes the role. */
const PASSWORD_SCRIPT = '20-password.sh';

/**
 * A first start that is killed leaves a server without its role, and the image would take it for whole. So it begins anew,
 * until the first start's own scripts have gone to their end and taken the mark away. Later starts set the password before
 * anyone can connect: the server runs on its socket alone for a moment, as it does at the first start. The superuser's own
 * password, which the entry point asks for and puts into files and older ones into SQL, is taken away by the scripts.
 */
function startScript(before: readonly string[]): string {
  return [
    ': "${DATABASE_PASSWORD:?must not be empty in its Secret}"',
    `if [ -e ${UNFINISHED} ]; then rm -rf "$PGDATA"; fi`,
    'if [ -s "$PGDATA/PG_VERSION" ]; then',
    `  pg_ctl start --wait --timeout=600 --silent --options="$(printf '%q ' "\${@:2}" -c listen_addresses=)"`,
    ...before,
    `  bash -e ${SCRIPTS}/${PASSWORD_SCRIPT}`,
    '  pg_ctl stop --wait --timeout=600 --silent --mode=fast',
    'else',
    `  : > ${UNFINISHED}`,
    'fi',
    'POSTGRES_PASSWORD=$RANDOM exec docker-entrypoint.sh "$@"',
    '',
  ].join('\n');
}

/**
 * The scripts of the server's pod, by file: what it runs, and, in their order, those of its first start.
 *
 * @param before lines of later starts that come before the password
 */
export function ownerScripts(extensions: readonly string[], before: readonly string[] = []): Readonly<Record<string, string>> {
  return { '10-owner.sh': ownerScript(extensions), [PASSWORD_SCRIPT]: passwordScript(), start: startScript(before) };
}

/** What fails is told without the statement, which may have the password in it. */
export const PSQL = `psql --username="\${POSTGRES_USER:-postgres}" --dbname=postgres --no-psqlrc --set=ON_ERROR_STOP=1 --set=VERBOSITY=terse <<'SQL'`;

/**
 * Sourced by the image's entry point at the first start. The application gets a role that owns its database and is no
 * superuser; the superuser keeps no password, so that it can log in from inside the pod alone.
 */
function ownerScript(extensions: readonly string[]): string {
  return [
    PSQL,
    '\\set owner `printf %s "$DATABASE_OWNER"`',
    '\\set database `printf %s "$DATABASE_NAME"`',
    `CREATE ROLE :"owner" LOGIN;`,
    `CREATE DATABASE :"database" OWNER :"owner";`,
    'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;',
    'ALTER ROLE CURRENT_USER PASSWORD NULL;',
    ...(extensions.length > 0 ? ['\\connect :"database"'] : []),
    ...extensions.map((extension) => `CREATE EXTENSION IF NOT EXISTS "${extension}";`),
    'SQL',
    '',
  ].join('\n');
}

/**
 * Run at every start, so that a new password in the Secret holds after a restart. The password passes through psql's input,
 * never through a command line. psql takes a line end off what a program prints, so a point stands behind it that SQL takes
 * off again: `kubectl create secret --from-file` keeps the line end of a file, and so do clients. At its end the first start
 * is over.
 */
function passwordScript(): string {
  return [
    PSQL,
    '\\set owner `printf %s "$DATABASE_OWNER"`',
    '\\set password `printf %s. "$DATABASE_PASSWORD"`',
    `SET password_encryption = 'scram-sha-256';`,
    // Nothing of it in the server's log, not even where it fails.
    `SET log_statement = 'none';`,
    `SET log_min_error_statement = 'panic';`,
    // None where somebody renamed the role: that is no reason to keep the server down.
    `SELECT format('ALTER ROLE %I PASSWORD %L', rolname, left(:'password', -1)) FROM pg_roles WHERE rolname = :'owner'`,
    '\\gexec',
    'SQL',
    `rm -f ${UNFINISHED}`,
    '',
  ].join('\n');
}
