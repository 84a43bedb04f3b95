import type { EnvironmentChart } from '../charts/environment-chart';
import { MysqlChart, type MysqlEngine } from '../charts/mysql-chart';
import { PostgresChart, type PostgresEngine } from '../charts/postgres-chart';
import { DatabaseBackup } from '../constructs/database-backup';
import { KeyedSecret, type SecretSource } from '../constructs/keyed-secret';
import type { PhoenixReleaseProps } from '../constructs/phoenix-release-props';
import { RestoreDrill } from '../constructs/restore-drill';
import type { DatabaseLink } from '../pod/database-link';
import type { CloudIdentity } from '../pod/cloud-identity';
import { besideTheImage, roleSettings } from '../pod/pod-settings';
import { OptOut } from '../support/opt-out';
import type { PropsName } from '../support/props';
import { writtenAs, type WrittenAs } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import type { Backups, Charts, FurtherDatabase } from './environment';
import { inLiteral } from './in-literal';
import { chartOf, within, type Parts } from './parts';

/** The database of `DATABASE_URL`. */
export function postgresOf(parts: Parts, secrets: EnvironmentChart): PostgresChart {
  const { database, databasePassword } = parts.environment;
  const engine = lookedAt(parts, database);
  const { application, database: names } = parts.facts;
  const name = `${application.name}-postgresql`;
  const own = application.name.replaceAll('-', '_');
  const { database: called = own, user = own } = names ?? {};
  const source = databasePassword ?? (hasOwnPassword(engine) ? undefined : { existing: true as const });
  writtenAs(secrets, 'Database', inLiteral('databasePassword', 'SecretSource', {}, { source: 'databasePassword' }));
  const password = source && passwordOf(secrets, 'Database', name, source);
  writtenAs(parts.app, '10-postgres', engineAt('database', database, POSTGRES, 'databasePassword'));
  return new PostgresChart(parts.app, '10-postgres', { ...within(parts), name, password, database: called, user, engine });
}

/** The databases of further repositories, each a file of its own. */
export function databasesOf(parts: Parts, secrets: EnvironmentChart): Charts['databases'] {
  const { databases = {} } = parts.environment;
  return Object.fromEntries(Object.entries(databases).map(([key, further]) => [key, databaseOf(parts, secrets, key, further)]));
}

function databaseOf(parts: Parts, secrets: EnvironmentChart, key: string, further: FurtherDatabase): PostgresChart | MysqlChart {
  const name = serverName(parts, key, further);
  const own = `${parts.facts.application.name}-${key}`.replaceAll('-', '_');
  const { database = own, user = database, password: source = { existing: true } } = further;
  const common = { ...within(parts), name, database, user };
  const at = `databases.${key}`;
  writtenAs(secrets, `Database-${key}`, inLiteral(`${at}.password`, 'SecretSource', {}, { source: `${at}.password` }));
  const password = (): SecretKey => passwordOf(secrets, `Database-${key}`, name, source);
  const engine = 'mysql' in further ? further.mysql : further.postgres;
  const made = hasOwnPassword(engine) && further.password === undefined ? undefined : password();
  if ('mysql' in further) {
    writtenAs(parts.app, `10-mysql-${key}`, engineAt(`${at}.mysql`, further.mysql, MYSQL, `${at}.password`));
    return new MysqlChart(parts.app, `10-mysql-${key}`, { ...common, password: made, engine: lookedAt(parts, further.mysql) });
  }
  writtenAs(parts.app, `10-postgres-${key}`, engineAt(`${at}.postgres`, further.postgres, POSTGRES, `${at}.password`));
  return new PostgresChart(parts.app, `10-postgres-${key}`, {
    ...common,
    password: made,
    engine: lookedAt(parts, further.postgres),
  });
}

const POSTGRES = {
  single: 'SinglePostgresProps',
  managed: 'ManagedPostgresProps',
  url: 'PostgresUrlProps',
  cloudNativePg: 'CloudNativePgProps',
} as const;
const MYSQL = { single: 'SingleMysqlProps', managed: 'ManagedMysqlProps' } as const;

/** How a literal calls the props of an engine, which are of these types, and the password beside it. */
function engineAt<Kind extends string>(
  place: string,
  engine: object,
  types: Readonly<Record<Kind, PropsName>>,
  password: string,
): WrittenAs {
  const [kind] = Object.keys(engine) as [Kind];
  const { exporter, ...own } = Object.values(engine)[0] as { readonly exporter?: object };
  const given = new Set([...Object.keys(own), ...Object.keys(exporter ?? {}).map((name) => `exporter.${name}`)]);
  const others = Object.entries(FROM_OBSERVE).filter(([prop]) => !given.has(prop));
  const written = inLiteral(`${place}.${kind}`, types[kind], {}, { password });
  return (prop) => {
    const other = others.find(([name]) => prop === name || prop.startsWith(`${name}.`));
    return other ? prop.replace(...other) : written(prop);
  };
}

/** What `observe` says of all of the environment. */
const FROM_OBSERVE = {
  'exporter.labels': 'observe.labels',
  monitorLabels: 'observe.labels',
  runbooks: 'observe.runbooks',
} as const;

/** An engine whose monitors and rules are found as all others of the environment are. */
function lookedAt<Engine extends PostgresEngine | MysqlEngine>({ environment: { observe } }: Parts, engine: Engine): Engine {
  const { labels, runbooks } = observe ?? {};
  if ('single' in engine && engine.single.exporter) {
    return { ...engine, single: { ...engine.single, exporter: { labels, ...engine.single.exporter } } };
  }
  if (!('cloudNativePg' in engine)) return engine;
  return { ...engine, cloudNativePg: { monitorLabels: labels, runbooks, ...engine.cloudNativePg } };
}

/** Whether an engine brings the password along, or needs none. */
function hasOwnPassword(engine: PostgresEngine | MysqlEngine): boolean {
  return 'cloudNativePg' in engine || 'url' in engine || ('managed' in engine && engine.managed.proxy?.iamUser !== undefined);
}

function serverName({ facts }: Parts, key: string, further: FurtherDatabase): string {
  return `${facts.application.name}-${key}-${'mysql' in further ? 'mysql' : 'postgresql'}`;
}

function passwordOf(secrets: EnvironmentChart, id: string, name: string, source: SecretSource<'password'>): SecretKey {
  return new KeyedSecret(secrets, id, { name, keys: ['password'], source }).key('password');
}

/** How the release uses the databases of its further repositories. */
export function usesOf(
  { environment: { databases = {} } }: Parts,
  charts: Charts['databases'],
): PhoenixReleaseProps['databases'] {
  return Object.fromEntries(Object.entries(charts).map(([key, { link }]) => [key, { link, poolSize: databases[key]?.poolSize }]));
}

/** The dumps of all databases that have some, and their drills. */
export function backupsOf(parts: Parts, first: DatabaseLink, charts: Charts['databases']): void {
  const { backup, databases = {} } = parts.environment;
  const own = { id: '', prop: 'backup', name: `${parts.facts.application.name}-postgresql` };
  const wanted = [
    ...dumped(own, backup, first),
    ...Object.entries(databases).flatMap(([key, further]) => {
      const place = { id: `-${key}`, prop: `databases.${key}.backup`, name: serverName(parts, key, further) };
      return dumped(place, further.backup, charts[key]?.link);
    }),
  ];
  if (wanted.length === 0) return;
  const chart = chartOf(parts, '15-backup');
  for (const one of wanted) backupOf(parts, chart, one);
}

interface Wanted {
  /** End of the ids. */
  readonly id: string;
  readonly prop: string;
  readonly name: string;
  readonly backup: Backups;
  readonly link: DatabaseLink;
}

/** A database that is dumped; nothing where it is not. */
function dumped(
  place: Pick<Wanted, 'id' | 'prop' | 'name'>,
  backup: Backups | OptOut | undefined,
  link: DatabaseLink | undefined,
): Wanted[] {
  return backup === undefined || backup instanceof OptOut || !link ? [] : [{ ...place, backup, link }];
}

function backupOf(parts: Parts, chart: EnvironmentChart, { id, prop, name, backup, link: database }: Wanted): void {
  const { drill, schedule, timeZone, keep, identity = identityFor(parts, database), ...task } = backup;
  const { pods: all, delivery } = parts.environment;
  const pods = roleSettings(chart, besideTheImage(all), task.pods, `${prop}.pods`);
  const common = { ...task, pods, name, database };
  const ofDrill = Object.fromEntries(['schedule', 'maximumAge', 'check'].map((one) => [one, `${prop}.drill.${one}`]));
  writtenAs(chart, `Backup${id}`, inLiteral(prop, 'Backups', backup));
  writtenAs(chart, `Drill${id}`, inLiteral(prop, 'Backups', backup, ofDrill));
  new DatabaseBackup(chart, `Backup${id}`, { ...common, identity, schedule, timeZone, keep, delivery });
  if (!(drill instanceof OptOut)) new RestoreDrill(chart, `Drill${id}`, { ...common, timeZone, ...drill });
}

/** Who pods of another image are, where a proxy of the database has to know it. */
function identityFor({ environment: { identity } }: Parts, { proxy }: DatabaseLink): CloudIdentity | undefined {
  return proxy?.identity === undefined ? undefined : identity;
}
