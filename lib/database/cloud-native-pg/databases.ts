import { type Construct } from 'constructs';
import { Database } from '../../../imports/postgresql.cnpg.io';
import { reject } from '../../support/reject';
import { requireTypes } from '../../support/types';
import { clusterLabels } from './names';
import { requireIdentifier } from './roles';

/** A database beside the application's. */
export interface ClusterDatabase {
  /** Its name. */
  readonly name: string;
  /** Role that owns it. @default - the application's */
  readonly owner?: string;
  /** Its extensions, added when they are new here. @default [] */
  readonly extensions?: readonly string[];
}

/**
 * Keeps a database as it is described. It goes from the YAML, and stays in the server.
 *
 * @param database one that has an owner
 */
export function makeDatabase(scope: Construct, cluster: string, database: Required<ClusterDatabase>): Database {
  const { name, owner, extensions } = database;
  return new Database(scope, `Database-${name}`, {
    metadata: { name: `${cluster}-${objectName(name)}`, labels: clusterLabels(cluster) },
    spec: {
      ...{ cluster: { name: cluster }, name, owner },
      ...(extensions.length > 0 ? { extensions: extensions.map((extension) => ({ name: extension })) } : {}),
    },
  });
}

/** Names of objects know neither capitals nor `_`. */
function objectName(database: string): string {
  const name = database.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return name.replace(/^-+|-+$/g, '');
}

/** Refuses databases that are malformed, that every server has, or whose owner nobody makes. */
export function requireDatabases(scope: Construct, databases: readonly ClusterDatabase[], owners: readonly string[]): void {
  for (const database of databases) {
    const types = { name: ['string'], owner: ['string', undefined], extensions: ['array', undefined] } as const;
    requireTypes(scope, database, types, 'databases.');
    const { name, owner, extensions = [] } = database;
    requireIdentifier(scope, 'databases.name', name);
    requireDatabaseName(scope, 'databases.name', name);
    requireExtensions(scope, 'databases.extensions', extensions);
    if (owner === undefined || owners.includes(owner)) continue;
    const fix = 'add it to roles, or omit it to use the role of the application';
    reject(scope, { prop: 'databases.owner', must: `be one of ${owners.join(', ')}`, got: owner, fix });
  }
}

/** Refuses the names of databases that every server has. */
export function requireDatabaseName(scope: Construct, prop: string, name: string): void {
  if (!['postgres', 'template0', 'template1'].includes(name)) return;
  const must = 'be no database that every server has';
  reject(scope, { prop, must, got: name, fix: 'name it after the application' });
}

/** Refuses what is no name of an extension. */
export function requireExtensions(scope: Construct, prop: string, extensions: readonly string[]): void {
  for (const extension of extensions.filter((wanted) => !/^[a-z][a-z0-9_-]*$/.test(wanted))) {
    const must = 'hold names of extensions in lower case';
    reject(scope, { prop, must, got: extension, fix: 'write it as citext or uuid-ossp' });
  }
}
