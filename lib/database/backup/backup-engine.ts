import { literally, type Variables } from '../../pod/variables';
import { fromSecret } from '../../support/secret-key';
import type { DatabaseLink } from '../../pod/database-link';
import { mysqlScripts } from './mysql-scripts';
import { postgresScripts } from './postgres-scripts';
import type { EngineScripts } from './script-parts';

/** How the databases of one adapter are dumped and restored. */
export interface BackupEngine {
  /** The program that runs: `app.kubernetes.io/name`. */
  readonly application: string;
  /** End of the names of dumps. */
  readonly extension: string;
  readonly scripts: EngineScripts;
  /** How the programs find the server and a database of it. */
  readonly remote: (link: DatabaseLink, database: string) => Variables;
  /** How they find the throw-away server. */
  readonly local: (link: DatabaseLink) => Variables;
}

/** The engine of a database. */
export function backupEngine({ adapter }: Pick<DatabaseLink, 'adapter'>): BackupEngine {
  return adapter === 'mysql' ? mysql : postgresql;
}

const postgresql: BackupEngine = {
  application: 'postgresql',
  extension: 'dump',
  scripts: postgresScripts,
  remote: ({ host, port, user = '', password, url, config }, database) => ({
    ...(url
      ? { DATABASE_URL: fromSecret(url), PGDATABASE: database }
      : { PGHOST: host, PGPORT: `${port}`, ...literally({ PGUSER: user, PGDATABASE: database }) }),
    ...(password ? { PGPASSWORD: fromSecret(password) } : {}),
    PGCONNECT_TIMEOUT: '10',
    ...encryption(config),
  }),
  local: ({ user = 'postgres', database }) => ({
    PGHOST: '/tmp',
    PGDATA: '/tmp/pgdata',
    ...literally({ PGUSER: user, PGDATABASE: database }),
  }),
};

const mysql: BackupEngine = {
  application: 'mysql',
  extension: 'sql.gz',
  scripts: mysqlScripts,
  remote: ({ host, port, user = '', password, config }, database) => ({
    MYSQL_HOST: host,
    MYSQL_TCP_PORT: `${port}`,
    ...literally({ MYSQL_USER: user, MYSQL_DATABASE: database }),
    ...(password ? { MYSQL_PWD: fromSecret(password) } : {}),
    ...those(config, ['MYSQL_SSL_MODE', 'MYSQL_SSL_CA']),
  }),
  local: ({ database }) => literally({ MYSQL_DATABASE: database }),
};

/** What libpq reads, and what it does not: without a word of it `ssl=true` would mean "encrypted, if the server likes". */
function encryption(config: Readonly<Record<string, string>>): Variables {
  const [, query] = (config['DATABASE_URL'] ?? '').split('?');
  const required: Variables = new URLSearchParams(query).get('ssl') === 'true' ? { PGSSLMODE: 'require' } : {};
  return { ...required, ...those(config, ['PGSSLMODE', 'PGSSLROOTCERT']) };
}

function those(config: Readonly<Record<string, string>>, names: readonly string[]): Variables {
  return Object.fromEntries(names.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]])));
}
