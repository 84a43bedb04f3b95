import { EXPORTER_FOLDER, EXPORTER_PASSWORD, EXPORTER_ROLE, PASSWORD_LINES, type ExporterProgram } from './exporter';
import { MYSQL_SCRIPTS } from './mysql-init';

/** Port of mysqld_exporter. */
export const MYSQL_METRICS_PORT = 9104;

/** What it opens: two for each scrape, of which two servers of Prometheus may have one each at a time. */
export const MYSQL_EXPORTER_CONNECTIONS = 4;

const LOGIN_FILE = `${EXPORTER_FOLDER}/my.cnf`;

/** How it is started. It asks for no replicas: there are none, and the question needs a right. */
export function mysqlExporter(): ExporterProgram {
  return {
    port: MYSQL_METRICS_PORT,
    scripts: MYSQL_SCRIPTS,
    args: [`--config.my-cnf=${LOGIN_FILE}`, '--no-collect.slave_status'],
    variables: {},
  };
}

/** What writes the password, and how the exporter logs in. */
export function mysqlExporterScripts(port: number): Readonly<Record<string, string>> {
  const login = ['[client]', `user=${EXPORTER_ROLE}`, 'password=%s', 'host=127.0.0.1', `port=${port}`, ''].join('\\n');
  return { exporter: [...PASSWORD_LINES, `printf '${login}' "$(cat ${EXPORTER_PASSWORD})" > ${LOGIN_FILE}`, ''].join('\n') };
}

/**
 * Statements of each start, as the start script prints them. The account is one of the pod alone, and sees what the server does:
 * no table.
 */
export const MYSQL_LOGIN_STATEMENTS = [
  `CREATE USER IF NOT EXISTS '${EXPORTER_ROLE}'@'127.0.0.1'`,
  `ALTER USER '${EXPORTER_ROLE}'@'127.0.0.1' IDENTIFIED BY '$(cat ${EXPORTER_PASSWORD})' WITH MAX_USER_CONNECTIONS ${MYSQL_EXPORTER_CONNECTIONS}`,
  `GRANT PROCESS ON *.* TO '${EXPORTER_ROLE}'@'127.0.0.1'`,
];
