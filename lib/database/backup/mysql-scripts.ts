import { begin, checksum, dumpScript, names, newest, retention, verdict, type EngineScripts } from './script-parts';

/** MariaDB's images have its own names alone. */
const programs = `client=mysql dumper=mysqldump daemon=mysqld
if command -v mariadb >/dev/null; then client=mariadb dumper=mariadb-dump daemon=mariadbd; fi`;

/** Where to, and encrypted as the application's own connection is. */
const server = `server=(--host="$MYSQL_HOST" --port="$MYSQL_TCP_PORT" --user="$MYSQL_USER")
encrypted=(--ssl-mode=REQUIRED) verified=(--ssl-mode=VERIFY_IDENTITY)
if [ "$client" = mariadb ]; then encrypted=(--ssl) verified=(--ssl-verify-server-cert); fi
if [ -n "\${MYSQL_SSL_CA:-}" ]; then server+=("\${verified[@]}" --ssl-ca="$MYSQL_SSL_CA")
elif [ -n "\${MYSQL_SSL_MODE:-}" ]; then server+=("\${encrypted[@]}"); fi`;

/**
 * Tables of InnoDB as they are at one moment, while others write. Its last line is written when all is written. Who may
 * not administrate the server may not ask for tablespaces and transaction ids.
 */
const write = `${programs}
${server}
if [ "$client" = mysql ]; then server+=(--set-gtid-purged=OFF); fi
"$dumper" "\${server[@]}" --single-transaction --quick --routines --triggers --events --no-tablespaces --hex-blob \\
  --default-character-set=utf8mb4 --max-allowed-packet=1G "$MYSQL_DATABASE" | gzip > "$partial" ||
  fail "$dumper ended with an error; nothing was kept"
gzip -dc "$partial" | tail -n 1 | grep -q '^-- Dump completed' || fail "the dump cannot be read back whole; nothing was kept"`;

const relations = 'select count(*) from information_schema.tables where table_schema = database()';

/** Each table is there as soon as it is made: MySQL cannot take a whole restore back. */
const restore = `${begin('restore of $DUMP into $MYSQL_DATABASE')}
${programs}
${server}
${checksum}
found=$("$client" "\${server[@]}" --batch --skip-column-names --execute="${relations}" "$MYSQL_DATABASE") ||
  fail "the server cannot be asked"
[ "$found" = 0 ] || fail "$MYSQL_DATABASE is not empty: it has $found tables and views; nothing was changed. If a restore that was killed left them, drop and create the database, then run this again"
gzip -dc "$DUMP" | "$client" "\${server[@]}" --default-character-set=utf8mb4 --max-allowed-packet=1G "$MYSQL_DATABASE" ||
  fail "a part of it is restored: drop and create the database, then run this again"
echo "restored $DUMP into $MYSQL_DATABASE"`;

/** A server of its own that nobody else can reach, and that may forget all. */
const serve = `common=(--no-defaults --datadir=/tmp/data)
if [ "$client" = mariadb ]; then
  mariadb-install-db "\${common[@]}" --auth-root-authentication-method=normal --skip-test-db > /tmp/init.log 2>&1 ||
    { cat /tmp/init.log >&2; fail "the throw-away server cannot be made"; }
else
  common+=(--secure-file-priv=NULL --loose-mysqlx=OFF)
  mysqld "\${common[@]}" --initialize-insecure > /tmp/init.log 2>&1 ||
    { cat /tmp/init.log >&2; fail "the throw-away server cannot be made"; }
fi
"$daemon" "\${common[@]}" --skip-networking --socket=/tmp/server.sock --pid-file=/tmp/server.pid --max-allowed-packet=1G \\
  --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --skip-log-bin > /tmp/server.log 2>&1 &
here=(--no-defaults --socket=/tmp/server.sock --user=root --default-character-set=utf8mb4 --max-allowed-packet=1G --batch --skip-column-names)
until "$client" "\${here[@]}" --execute='select 1' > /tmp/answer 2>&1; do
  kill -0 "$!" || { cat /tmp/server.log >&2; fail "the throw-away server does not start"; }
  sleep 1
done`;

const tables = `select concat('select count(*) from \\\`', replace(table_name, '\\\`', '\\\`\\\`'), '\\\`;') from information_schema.tables
  where table_schema = database() and table_type = 'BASE TABLE'`;

const drill = `${begin('restore drill of $DATABASE')}
set +C
${names}
${programs}
${newest('sql.gz')}
${serve}
"$client" "\${here[@]}" --execute="create database \\\`$MYSQL_DATABASE\\\`"
gzip -dc "$DUMP" | "$client" "\${here[@]}" "$MYSQL_DATABASE" ||
  { tail -n 20 /tmp/server.log >&2; fail "$DUMP cannot be restored"; }
"$client" "\${here[@]}" --execute="${tables}" "$MYSQL_DATABASE" > /tmp/questions || fail "the tables cannot be counted"
"$client" "\${here[@]}" "$MYSQL_DATABASE" < /tmp/questions > /tmp/counts || fail "the tables cannot be counted"
tables=0 rows=0
while read -r count; do tables=$((tables + 1)) rows=$((rows + count)); done < /tmp/counts
${verdict}
if [ -n "$CHECK" ]; then
  answer=$("$client" "\${here[@]}" --execute="$CHECK" "$MYSQL_DATABASE") || fail "the check cannot be asked"
  [ "$answer" = 1 ] || fail "the check must answer 1, got $answer"
  echo "the check holds"
fi`;

/** The scripts for MySQL and MariaDB. */
export const mysqlScripts: EngineScripts = {
  dump: dumpScript('sql.gz', write),
  retention: retention('sql.gz'),
  restore,
  drill,
};
