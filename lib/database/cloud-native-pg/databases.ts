import { type Construct } from 'constructs';
import {
  Database,
  DatabaseSpecExtensionsEnsure as Ensure,
  type DatabaseSpecExtensions,
} from '../../../imports/postgresql.cnpg.io';
import { reject } from '../../support/reject';
import { slug } from '../../support/slug';
import { requireExtensions } from '../postgres-names';
import { clusterLabels } from './names';
import { requireDatabaseName } from './server-names';

/** A database beside the application's. */
export interface ClusterDatabase {
  /** Its name, as that of the application's. Its object is named after the letters and digits. */
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
      cluster: { name: cluster },
      name,
      owner,
      ...(extensions.length > 0 ? { extensions: extensions.map(present) } : {}),
    },
  });
}

/** With what the API server would fill in: the list has one owner as a whole. */
function present(name: string): DatabaseSpecExtensions {
  return { name, ensure: Ensure.PRESENT };
}

/** Of databases whose objects would have one name, the first; the others are refused. */
export function eachOnce<D extends ClusterDatabase>(databases: readonly D[]): readonly D[] {
  const names = databases.map(({ name }) => objectName(name));
  return databases.filter(({ name }, index) => names.indexOf(objectName(name)) === index);
}

/** Names of objects have small letters, digits and `-` alone. One that has none of them in another script is a hash. */
function objectName(database: string): string {
  const name = database.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return name.replace(/^-+|-+$/g, '') || slug(database);
}

/** Refuses databases that are malformed, that are there twice, that every server has, or whose owner nobody makes. */
export function requireDatabases(scope: Construct, databases: readonly ClusterDatabase[], owners: readonly string[]): void {
  for (const database of databases) {
    const { name, owner, extensions = [] } = database;
    requireDatabaseName(scope, 'databases.name', name);
    requireExtensions(scope, 'databases.extensions', extensions);
    if (!eachOnce(databases).includes(database)) {
      const must = 'be the name of no other database, whatever its capitals and signs';
      reject(scope, { prop: 'databases.name', must, got: name, fix: 'rename or remove it' });
    }
    if (owner === undefined || owners.includes(owner)) continue;
    const fix = 'add it to roles, or omit it to use the role of the application';
    reject(scope, { prop: 'databases.owner', must: `be one of ${owners.join(', ')}`, got: owner, fix });
  }
}
