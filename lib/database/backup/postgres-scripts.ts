import { begin, checksum, dumpScript, names, newest, retention, verdict, type EngineScripts } from './script-parts';

/**
 * Where to: the whole URL, where that is a secret, with the scheme that the programs know; another database of its server, where one
 * is named. Else the variables that they read themselves say all but the database.
 */
const SERVER = `server=$PGDATABASE
if [ -n "\${DATABASE_URL:-}" ]; then
  [[ $DATABASE_URL =~ ^[a-z]+://([^/?]+)/[^?]*(.*)$ ]] || fail "the URL in the Secret is none"
  server="postgresql://\${BASH_REMATCH[1]}/$PGDATABASE$(sed -E 's/([?&])ssl=true/\\1sslmode=require/' <<< "\${BASH_REMATCH[2]}")"
fi`;

/** Reading it back goes through all of it; the list alone stands at its beginning. */
const write = `${SERVER}
pg_dump --dbname="$server" --no-password --format=custom --file="$partial" || fail "pg_dump ended with an error; nothing was kept"
pg_restore --file=/dev/null "$partial" || fail "the dump cannot be read back; nothing was kept"`;

/** An extension is made by the superuser, and then nobody else may comment on it. */
const contents = `pg_restore --list "$DUMP" | sed '/ COMMENT - EXTENSION /d' > /tmp/contents`;

/** Tables, views and sequences of users, without those of extensions. */
const relations = `select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

/** In one transaction: what is killed in the middle leaves the database as it was. */
const restore = `${begin('restore of $DUMP into $PGDATABASE')}
${checksum}
${SERVER}
found=$(psql --dbname="$server" --no-password --no-psqlrc --tuples-only --no-align --command="${relations}") || fail "the server cannot be asked"
[ "$found" = 0 ] || fail "$PGDATABASE is not empty: it has $found tables, views and sequences; nothing was changed"
${contents}
pg_restore --no-password --single-transaction --exit-on-error --no-owner --no-privileges --use-list=/tmp/contents --dbname="$server" "$DUMP" ||
  fail "pg_restore ended with an error; nothing was changed"
echo "restored $DUMP into $PGDATABASE"`;

/** initdb asks for its user's name, and the image does not know the number that it runs as. */
const nameUser = `if ! getent passwd "$(id -u)" >/dev/null; then
  echo "postgres:x:$(id -u):$(id -g)::/tmp:/bin/false" > /tmp/passwd
  echo "postgres:x:$(id -g):" > /tmp/group
  for library in /usr/lib/libnss_wrapper.so /usr/lib/*/libnss_wrapper.so; do
    export LD_PRELOAD=$library NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group
  done
fi`;

/** A server of its own that nobody else can reach, and that may forget all. Policies may name the role, so it is there. */
const serve = `initdb --username=postgres --auth=trust --no-sync > /tmp/initdb.log || fail "initdb ended with an error"
pg_ctl start --wait --log=/tmp/server.log --options="-c listen_addresses= -c unix_socket_directories=$PGHOST \\
  -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0 \\
  -c max_wal_size=128MB -c log_min_messages=log -c dynamic_shared_memory_type=mmap" > /tmp/start.log || { cat /tmp/server.log >&2; fail "the throw-away server does not start"; }
[ "$PGUSER" = postgres ] || createuser --username=postgres --superuser "$PGUSER"`;

const ask = 'psql --no-password --no-psqlrc --tuples-only --no-align --set=ON_ERROR_STOP=1';

const drill = `${begin('restore drill of $DATABASE')}
${names}
${newest('dump')}
${nameUser}
${serve}
pg_restore --create --clean --if-exists --exit-on-error --no-owner --no-privileges --dbname=template1 "$DUMP" ||
  { tail -n 20 /tmp/server.log >&2; fail "$DUMP cannot be restored"; }
${ask} > /tmp/counts <<'SQL' || fail "the tables cannot be counted"
select format('select count(*) from %I.%I', schemaname, relname) from pg_stat_user_tables \\gexec
SQL
tables=0 rows=0
while read -r count; do tables=$((tables + 1)) rows=$((rows + count)); done < /tmp/counts
${verdict}
if [ -n "$CHECK" ]; then
  answer=$(${ask} --command="$CHECK") || fail "the check cannot be asked"
  [ "$answer" = t ] || fail "the check must answer t, got $answer"
  echo "the check holds"
fi`;

/** The scripts for PostgreSQL, from 12 on. */
export const postgresScripts: EngineScripts = {
  dump: dumpScript('dump', write),
  retention: retention('dump'),
  restore,
  drill,
};
