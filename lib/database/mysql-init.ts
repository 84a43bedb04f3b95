/** Where the volume is. A path of our own: in a folder of it, because a fresh volume may hold `lost+found`. */
export const MYSQL_DATA = '/data';
/** Where the socket is, and where clients of the image look for it. */
export const MYSQL_RUN = '/var/run/mysqld';

/**
 * What the container runs. It does without the image's entry point, which leaves a database without its user where the
 * first start is killed, and breaks at a quote in the password.
 *
 * - The data are made next to their place and moved there: they are whole, or they are not there.
 * - Database and user are made at every start where they are missing, before the server answers. So a kill does no harm,
 *   and a new password in the Secret holds after a restart. The password passes through a file in memory that the server
 *   alone can read, never through a command line.
 * - The superuser has no password, and logs in through the socket in the pod alone.
 */
export function startScript(): string {
  return [
    'set -eu',
    ': "${DATABASE_PASSWORD:?must not be empty in its Secret}"',
    `data=${MYSQL_DATA}`,
    `run=${MYSQL_RUN}`,
    '# Only these arguments configure it, whatever the files of the image say.',
    'set -- --no-defaults --datadir="$data/mysql" --tmpdir="$data/tmp" --socket="$run/mysqld.sock" "$@"',
    'rm -rf "$data/tmp" "$data/unfinished"',
    'mkdir "$data/tmp"',
    'if [ ! -d "$data/mysql" ]; then',
    '  mysqld "$@" --datadir="$data/unfinished" --initialize-insecure',
    '  mv "$data/unfinished" "$data/mysql"',
    'fi',
    String.raw`quoted=$(printf '%s.' "$DATABASE_PASSWORD" | sed "s/[\\\\']/\\\\&/g")`,
    String.raw`pattern=$(printf '%s' "$DATABASE_NAME" | sed 's/_/\\_/g')`,
    '(',
    '  umask 077',
    `  printf '%s;\\n' \\`,
    '    "CREATE DATABASE IF NOT EXISTS \\`$DATABASE_NAME\\` CHARACTER SET utf8mb4" \\',
    `    "CREATE USER IF NOT EXISTS '$DATABASE_OWNER'@'%'" \\`,
    `    "ALTER USER '$DATABASE_OWNER'@'%' IDENTIFIED BY '\${quoted%.}'" \\`,
    `    "GRANT ALL ON \\\`$pattern\\\`.* TO '$DATABASE_OWNER'@'%'" > "$run/owner.sql"`,
    ')',
    'exec mysqld "$@" --init-file="$run/owner.sql"',
    '',
  ].join('\n');
}
