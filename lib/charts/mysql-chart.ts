import type { Construct } from 'constructs';
import type { DatabaseLink } from '../pod/database-link';
import { ManagedMysql, type ManagedMysqlProps } from '../database/managed-mysql';
import { SingleMysql, type SingleMysqlProps } from '../database/single-mysql';
import type { SecretKey } from '../support/secret-key';
import { requireProps } from '../support/props';
import { requirePassword } from './require-password';
import { EnvironmentChart, type EnvironmentChartProps } from './environment-chart';

/** What every engine gets from its chart. */
type Common = 'name' | 'database' | 'user' | 'password';

/**
 * What runs MySQL: exactly one of these.
 * @write { single: { image, storage, resources } }
 */
export type MysqlEngine =
  /** One server of the official image in the cluster: for development and small staging. */
  | { readonly single: Omit<SingleMysqlProps, Common> }
  /** A server that a provider runs outside the cluster. */
  | { readonly managed: Omit<ManagedMysqlProps, Common> };

/** Properties of {@link MysqlChart}. */
export interface MysqlChartProps extends EnvironmentChartProps {
  /** Name of the server's objects, and so of its host, at most 52 characters. */
  readonly name: string;
  /** Name of the database. */
  readonly database: string;
  /**
   * User that the application connects as, at most 32 characters, unless a proxy logs in as another. It may do everything in the
   * database, and nothing outside of it.
   */
  readonly user: string;
  /** Where the user's password is. Left out where a proxy logs in. */
  readonly password?: SecretKey;
  /** What runs it. */
  readonly engine: MysqlEngine;
}

/** The MySQL of an environment, whatever runs it: the link is the same. */
export class MysqlChart extends EnvironmentChart {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;
  /** The server, where it is a single one. */
  readonly single?: SingleMysql;
  /** The server, where a provider runs it. */
  readonly managed?: ManagedMysql;

  constructor(scope: Construct, id: string, props: MysqlChartProps) {
    super(scope, id, props);
    requireProps(this, props, 'MysqlChartProps');
    const { name, database, user, password, engine } = props;
    if ('single' in engine) {
      const common = { database, user, password: requirePassword(this, password) };
      this.single = new SingleMysql(this, 'Single', { ...engine.single, name, ...common });
      this.link = this.single.link;
    } else {
      const logsIn = engine.managed.proxy?.iamUser !== undefined;
      const login = logsIn ? { password } : { user, password: requirePassword(this, password) };
      this.managed = new ManagedMysql(this, 'Managed', { ...engine.managed, database, ...login });
      this.link = this.managed.link;
    }
  }
}
