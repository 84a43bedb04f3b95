import type { Construct } from 'constructs';
import { ClusterSpecManagedRolesEnsure as Ensure, type ClusterSpecManagedRoles } from '../../../imports/postgresql.cnpg.io';
import { reject } from '../../support/reject';
import { requireInteger, requireName } from '../../support/values';
import { requireRoleName } from './server-names';

/** A role beside the application's. */
export interface ClusterRole {
  /** Its name, any text of 1 to 63 bytes: `svc@project.iam`. */
  readonly name: string;
  /** The Secret with its password, of type `kubernetes.io/basic-auth`: its keys are `username`, the same name, and `password`. */
  readonly secret: string;
  /** Connections that it may have, taken off what the application gets: `connectionLimit`. @default - no limit, and nothing taken off */
  readonly connections?: number;
}

/** A role as the Cluster names it, with all that the API server would fill in: the list has one owner as a whole. */
export function managedRole({ name, secret, connections = -1 }: ClusterRole): ClusterSpecManagedRoles {
  const attributes = { login: true, inherit: true, connectionLimit: connections };
  return { name, ensure: Ensure.PRESENT, ...attributes, passwordSecret: { name: secret } };
}

/** Refuses roles that are malformed, that the operator keeps for itself, or that are there twice. */
export function requireRoles(scope: Construct, roles: readonly ClusterRole[], user: string): void {
  const taken = new Set([user]);
  for (const role of roles) {
    requireRoleName(scope, 'roles.name', role.name);
    requireName(scope, role.secret, 253, 'roles.secret');
    const fix = 'omit it for no limit';
    if (role.connections !== undefined) requireInteger(scope, 'roles.connections', role.connections, { minimum: 1, fix });
    if (taken.has(role.name)) {
      reject(scope, { prop: 'roles.name', must: 'be the name of no other role', got: role.name, fix: 'rename or remove it' });
    }
    taken.add(role.name);
  }
}
