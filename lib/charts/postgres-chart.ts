import type { Construct } from 'constructs';
import type { DatabaseLink } from '../database/database-link';
import { ManagedPostgres, type ManagedPostgresProps } from '../database/managed-postgres';
import { SinglePostgres, type SinglePostgresProps } from '../database/single-postgres';
import { abort } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireTypes, type PropTypes } from '../support/types';
import { EnvironmentChart, type EnvironmentChartProps } from './environment-chart';

/** What every engine is told by its chart. */
type Common = 'name' | 'database' | 'user' | 'password';

/** What runs PostgreSQL: exactly one of these. */
export type PostgresEngine =
  /** One server of the official image in the cluster: for development and small staging. */
  | { readonly single: Omit<SinglePostgresProps, Common> }
  /** A server that a provider runs outside the cluster. */
  | { readonly managed: Omit<ManagedPostgresProps, Common> };

/** What a {@link PostgresChart} is told. */
export interface PostgresChartProps extends EnvironmentChartProps {
  /** Name of the server's objects, and so of its host, at most 52 characters. */
  readonly name: string;
  /** Name of the database. */
  readonly database: string;
  /** Role that the application connects as. It owns the database and is no superuser. */
  readonly user: string;
  /** Where the role's password is. */
  readonly password: SecretKey;
  /** What runs it. */
  readonly engine: PostgresEngine;
}

const propTypes: PropTypes<PostgresChartProps> = {
  ...{ namespace: ['string'], partOf: ['string'], name: ['string'], database: ['string'], user: ['string'] },
  ...{ password: ['object'], engine: ['object'] },
};

/** The PostgreSQL of an environment, whatever runs it: the link is the same. */
export class PostgresChart extends EnvironmentChart {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;
  /** The server, where it is a single one. */
  readonly single?: SinglePostgres;
  /** The server, where a provider runs it. */
  readonly managed?: ManagedPostgres;

  constructor(scope: Construct, id: string, props: PostgresChartProps) {
    super(scope, id, props);
    requireTypes(this, props, propTypes);
    const { name, database, user, password, engine } = props;
    requireOneEngine(this, engine);
    const common = { database, user, password };
    if ('single' in engine) {
      this.single = new SinglePostgres(this, 'Single', { ...engine.single, name, ...common });
      this.link = this.single.link;
    } else {
      this.managed = new ManagedPostgres(this, 'Managed', { ...engine.managed, ...common });
      this.link = this.managed.link;
    }
  }
}

const ENGINES = ['single', 'managed'];

function requireOneEngine(scope: Construct, engine: PostgresEngine): void {
  const given = Object.keys(engine);
  const [only = ''] = given;
  if (given.length !== 1 || !ENGINES.includes(only)) {
    const must = `be one of ${ENGINES.join(', ')}`;
    const fix = 'write { single: { image, storage, resources } }';
    abort(scope, [{ prop: 'engine', must, got: given.length > 0 ? given.join(', ') : undefined, fix }]);
  }
  requireTypes(scope, engine as Record<string, unknown>, { [only]: ['object'] }, 'engine.');
}
