/** Where the volume is. A path of our own: in a folder of it, because a fresh volume may hold `lost+found`. */
export const MYSQL_DATA = '/data';
/** Where the scripts are. */
export const MYSQL_SCRIPTS = '/etc/mysql-start';
/** Where the socket is, and where clients of the image look for it. */
export const MYSQL_RUN = '/var/run/mysqld';

const BACKTICK = '`';

/**
 * What the container runs. It does without the image's entry point, which leaves a database without its user where the
 * first start is killed, and breaks at a quote in the password.
 *
 * - The data are made next to their place and moved there: they are whole, or they are not there.
 * - Database and user are made at every start where they are missing, before the server answers. So a kill does no harm,
 *   and a new password in the Secret holds after a restart. The password passes through a file in memory that the server
 *   alone can read, never through a command line.
 * - The superuser has no password, and logs in through the socket in the pod alone.
 *
 * @param further statements of each start, in double quotes of the shell
 */
export function startScript(further: readonly string[] = []): string {
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
    '# The server reads the file by lines, and takes blanks at their ends away. The point keeps those of the text.',
    String.raw`escaped() { printf '%s.' "$1" | sed -z "s/[\\\\']/\\\\&/g; s/\n/\\\\n/g"; }`,
    'owner=$(escaped "$DATABASE_OWNER") quoted=$(escaped "$DATABASE_PASSWORD")',
    String.raw`name=$(printf '%s.' "$DATABASE_NAME" | sed 's/${BACKTICK}/&&/g')`,
    String.raw`pattern=$(printf '%s' "$name" | sed 's/[_%\\]/\\&/g')`,
    '(',
    '  umask 077',
    `  printf '%s;\\n' \\`,
    '    "SET NAMES utf8mb4" \\',
    '    "CREATE DATABASE IF NOT EXISTS \\`${name%.}\\` CHARACTER SET utf8mb4" \\',
    `    "CREATE USER IF NOT EXISTS '\${owner%.}'@'%'" \\`,
    `    "ALTER USER '\${owner%.}'@'%' IDENTIFIED BY '\${quoted%.}'" \\`,
    ...further.map((statement) => `    "${statement}" \\`),
    `    "GRANT ALL ON \\\`\${pattern%.}\\\`.* TO '\${owner%.}'@'%'" > "$run/owner.sql"`,
    ')',
    'exec mysqld "$@" --init-file="$run/owner.sql"',
    '',
  ].join('\n');
}
