import { literally } from '../pod/variables';
import { parseImage, versionIn } from '../support/image';
import { EXPORTER_PASSWORD, EXPORTER_ROLE, PASSWORD_LINES, type DatabaseExporter, type ExporterProgram } from './exporter';
import { ownerScripts, PSQL, SCRIPTS } from './postgres-init';

/** Port of postgres_exporter. */
const METRICS_PORT = 9187;

/** What it opens: one that it keeps, and one for each scrape, of which two servers of Prometheus may have one each at a time. */
const CONNECTIONS = 3;

/** The version since which it has the metrics that are asked for here, and the collector that is switched on. */
export const OLDEST_POSTGRES_EXPORTER = 15;

/** Its name sorts before that of the password, at whose end the first start is over. */
const LOGIN_SCRIPT = '15-exporter.sh';

/** The start script's line that makes the login in data that are there. */
const LOGIN_LINE = `  bash -e ${SCRIPTS}/${LOGIN_SCRIPT}`;

/** What a server has because of its exporter: nothing of all that without one. */
export interface MeasuredServer {
  /** Scripts of its pod, by file. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Settings of the server. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Connections that the exporter holds. */
  readonly connections: number;
  readonly measured?: { readonly exporter: DatabaseExporter; readonly program: ExporterProgram };
}

/** A server with what measures it. */
export function measuredPostgres(
  exporter: DatabaseExporter | undefined,
  { image, port, database, extensions }: { image: string; port: number; database: string; extensions: readonly string[] },
): MeasuredServer {
  if (!exporter) return { scripts: ownerScripts(extensions), parameters: {}, connections: 0 };
  return {
    scripts: { ...ownerScripts(extensions, [LOGIN_LINE]), ...exporterScripts() },
    parameters: reserved(image),
    connections: CONNECTIONS,
    measured: { exporter, program: programOf(port, database) },
  };
}

/** Connections that the application cannot take from it, where the version of the image is known to have such. */
function reserved(image: string): Record<string, string> {
  const [major = 0] = versionIn(parseImage(image)?.tag ?? '') ?? [];
  return major >= 16 ? { reserved_connections: `${CONNECTIONS}` } : {};
}

/** How it is started. In the pod nothing is encrypted. */
function programOf(port: number, database: string): ExporterProgram {
  return {
    port: METRICS_PORT,
    scripts: SCRIPTS,
    // Off by default, and the only one that sees the end of writing come.
    args: ['--collector.database_wraparound'],
    variables: literally({
      DATA_SOURCE_URI: `127.0.0.1:${port}/${encodeURIComponent(database)}?sslmode=disable`,
      DATA_SOURCE_USER: EXPORTER_ROLE,
      DATA_SOURCE_PASS_FILE: EXPORTER_PASSWORD,
    }),
  };
}

/** The scripts beside those of the owner, by file. */
function exporterScripts(): Readonly<Record<string, string>> {
  return { [LOGIN_SCRIPT]: loginScript(), exporter: [...PASSWORD_LINES, ''].join('\n') };
}

/**
 * Run at every start. The role reads what the server counts, `pg_monitor`, and no table; since PostgreSQL 16 there are connections
 * that the application cannot take from it. Elsewhere than in the pod there is no password, and so no role.
 */
function loginScript(): string {
  return [
    `if [ -s ${EXPORTER_PASSWORD} ]; then`,
    PSQL,
    `\\set password \`cat ${EXPORTER_PASSWORD}\``,
    `SET password_encryption = 'scram-sha-256';`,
    `SET log_statement = 'none';`,
    `SET log_min_error_statement = 'panic';`,
    `SELECT 'CREATE ROLE ${EXPORTER_ROLE}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${EXPORTER_ROLE}')`,
    '\\gexec',
    `ALTER ROLE ${EXPORTER_ROLE} LOGIN CONNECTION LIMIT ${CONNECTIONS} PASSWORD :'password';`,
    `SELECT format('GRANT %I TO ${EXPORTER_ROLE}', rolname) FROM pg_roles WHERE rolname IN ('pg_monitor', 'pg_use_reserved_connections')`,
    '\\gexec',
    'SQL',
    'fi',
    '',
  ].join('\n');
}
