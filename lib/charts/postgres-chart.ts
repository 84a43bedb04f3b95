import type { Construct } from 'constructs';
import { CloudNativePg } from '../database/cloud-native-pg/cloud-native-pg';
import type { CloudNativePgProps } from '../database/cloud-native-pg/props';
import type { DatabaseLink } from '../pod/database-link';
import { ManagedPostgres, type ManagedPostgresProps } from '../database/managed-postgres';
import { PostgresUrl, type PostgresUrlProps } from '../database/postgres-url';
import { SinglePostgres, type SinglePostgresProps } from '../database/single-postgres';
import { reject } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireProps } from '../support/props';
import { requirePassword } from './require-password';
import { EnvironmentChart, type EnvironmentChartProps } from './environment-chart';

/** What every engine gets from its chart. */
type Common = 'name' | 'database' | 'user' | 'password';

/**
 * What runs PostgreSQL: exactly one of these.
 * @write { managed: { host, connections, cidr, tls } }, or another
 */
export type PostgresEngine =
  /** One server of the official image in the cluster: for development and small staging. */
  | { readonly single: Omit<SinglePostgresProps, Common> }
  /** A server that a provider runs outside the cluster. */
  | { readonly managed: Omit<ManagedPostgresProps, Common> }
  /** A server outside the cluster whose whole URL is a secret, as an add-on of a provider gives it. */
  | { readonly url: Omit<PostgresUrlProps, 'database'> }
  /** Servers in the cluster that CloudNativePG runs: replicas, failover, backups. */
  | { readonly cloudNativePg: Omit<CloudNativePgProps, Common> };

/** Properties of {@link PostgresChart}. */
export interface PostgresChartProps extends EnvironmentChartProps {
  /** Name of the server's objects, and so of its host, at most 52 characters, or what the engine allows. */
  readonly name: string;
  /** Name of the database. */
  readonly database: string;
  /** Role that the application connects as, unless a proxy logs in as another. It owns the database and is no superuser. */
  readonly user: string;
  /** Where the role's password is. Left out with `cloudNativePg`, which has a Secret of its own, and where a proxy logs in. */
  readonly password?: SecretKey;
  /** What runs it. */
  readonly engine: PostgresEngine;
}

/** The PostgreSQL of an environment, whatever runs it: the link is the same. */
export class PostgresChart extends EnvironmentChart {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;
  /** The server, where it is a single one. */
  readonly single?: SinglePostgres;
  /** The server, where a provider runs it. */
  readonly managed?: ManagedPostgres;
  /** The server, where its whole URL is a secret. */
  readonly url?: PostgresUrl;
  /** The servers, where CloudNativePG runs them. */
  readonly cloudNativePg?: CloudNativePg;

  constructor(scope: Construct, id: string, props: PostgresChartProps) {
    super(scope, id, props);
    requireProps(this, props, 'PostgresChartProps');
    const { name, database, user, password, engine } = props;
    if ('cloudNativePg' in engine) {
      forbidPassword(this, password);
      this.cloudNativePg = new CloudNativePg(this, 'CloudNativePg', { ...engine.cloudNativePg, name, database, user });
      this.link = this.cloudNativePg.link;
      return;
    }
    if ('url' in engine) {
      forbidBesideUrl(this, password);
      this.url = new PostgresUrl(this, 'Url', { ...engine.url, database });
      this.link = this.url.link;
      return;
    }
    if ('single' in engine) {
      const common = { database, user, password: requirePassword(this, password) };
      this.single = new SinglePostgres(this, 'Single', { ...engine.single, name, ...common });
      this.link = this.single.link;
    } else {
      const logsIn = engine.managed.proxy?.iamUser !== undefined;
      const login = logsIn ? { password } : { user, password: requirePassword(this, password) };
      this.managed = new ManagedPostgres(this, 'Managed', { ...engine.managed, database, ...login });
      this.link = this.managed.link;
    }
  }
}

function forbidBesideUrl(scope: Construct, password: SecretKey | undefined): void {
  if (!password) return;
  const must = 'be left out with url, in which the password stands';
  reject(scope, { prop: 'password', must, got: password, fix: "remove it, or take 'managed', whose URL has none" });
}

function forbidPassword(scope: Construct, password: SecretKey | undefined): void {
  if (!password) return;
  const must = 'be left out with cloudNativePg, whose Secret holds the user name too';
  const fix = "remove it, or name a Secret with the keys 'username' and 'password' as engine.cloudNativePg.secret";
  reject(scope, { prop: 'password', must, got: password, fix });
}
