import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import { type Resources } from '../../pod/resources';
import { requireServerPods } from '../../pod/server-pods';
import { parseImage, requireImage } from '../../support/image';
import { bytes } from '../../support/quantity';
import { reject } from '../../support/reject';
import { requireHost, requireInteger, requireName, requireReason } from '../../support/values';
import { requireExtensions } from '../postgres-names';
import { eachOnce, requireDatabases } from './databases';
import { requireMemoryForSettings, requireParameters } from './parameters';
import type { CloudNativePgProps } from './props';
import { requireRoles } from './roles';
import { requireDatabaseName, requireRoleName, requireUnchanged } from './server-names';
import { requireRoom, requireVolume } from './storage';
import { requireSynchronous } from './synchronous';

type Settings = CloudNativePgProps &
  Required<Pick<CloudNativePgProps, 'tls' | 'antiAffinity' | 'operatorNamespace' | 'clusterDomain'>>;

/** Refuses what the operator would, or what would not run. */
export function requireCluster(scope: Construct, settings: Settings): void {
  const { name, instances, image, secret, resources, tls, backup, prunable, pooler, synchronous, pods } = settings;
  if (pods) requireServerPods(scope, pods);
  // A pooler has a Service that ends with -pooler-ro-peers.
  requireName(scope, name, pooler?.readOnly === true ? 47 : 50);
  requireInteger(scope, 'instances', instances, { minimum: 1, maximum: 20, fix: 'write 3, so that one may go' });
  requireImage(scope, image);
  requireVersion(scope, image);
  if (secret !== undefined) requireName(scope, secret, 253, 'secret');
  for (const [prop, value] of Object.entries({ tls, backup, prunable })) requireReason(scope, prop, value);
  requireName(scope, settings.operatorNamespace, 63, 'operatorNamespace');
  requireHost(scope, settings.clusterDomain, 'clusterDomain');
  requireParameters(scope, settings.parameters ?? {});
  requireMemoryForSettings(scope, settings);
  requireContents(scope, settings);
  requireVolumes(scope, settings);
  requireMemory(scope, resources);
  if (synchronous) requireSynchronous(scope, synchronous, instances);
  if (pooler?.readOnly === true && instances < 2) {
    const fix = 'raise instances, or remove it';
    reject(scope, { prop: 'pooler.readOnly', must: 'have read replicas: 2 instances or more', got: instances, fix });
  }
}

function requireContents(scope: Construct, { database, user, extensions = [], databases = [], roles = [] }: Settings): void {
  requireDatabaseName(scope, 'database', database);
  requireRoleName(scope, 'user', user);
  for (const [prop, name] of Object.entries({ database, user })) requireUnchanged(scope, prop, name);
  requireExtensions(scope, 'extensions', extensions);
  requireRoles(scope, roles, user);
  requireDatabases(scope, databases, [user, ...roles.map(({ name }) => name)]);
  for (const { name } of databases.filter((other) => eachOnce([{ name: database }, other]).length === 1)) {
    reject(scope, { prop: 'databases.name', must: "be another than the application's", got: name, fix: 'remove it' });
  }
}

function requireVolumes(scope: Construct, { storage, storageClass, wal }: Settings): void {
  if (storageClass !== undefined) requireName(scope, storageClass, 253, 'storageClass');
  if (bytes(storage) < bytes(Size.gibibytes(1))) {
    reject(scope, { prop: 'storage', must: 'be 1 GiB or more', got: storage, fix: 'write Size.gibibytes(10)' });
  }
  // One gigabyte between two checkpoints, and half of one that is kept for replicas.
  if (wal) requireVolume(scope, 'wal', wal, Size.gibibytes(2));
}

/** The operator reads the version from the tag, and refuses an image that has a digest alone. */
function requireVersion(scope: Construct, image: string): void {
  const { tag } = parseImage(image) ?? {};
  const [, major = '0'] = /^(\d+)(?!\d)/.exec(tag ?? '') ?? [];
  if (Number(major) >= 13 && Number(major) < 100) return;
  const must = 'have a tag that begins with the version of PostgreSQL, 13 or newer';
  reject(scope, { prop: 'image', must, got: image, fix: 'write it as ghcr.io/cloudnative-pg/postgresql:17.6' });
}

function requireMemory(scope: Construct, resources: Resources): void {
  const { request, limit } = resources.memory;
  resources.require(scope);
  requireRoom(scope, resources);
  if (bytes(limit) < bytes(Size.mebibytes(512))) {
    const fix = 'give it Size.gibibytes(1) or more';
    reject(scope, { prop: 'resources.memory', must: 'be 512 MiB or more', got: limit, fix });
  }
  if (bytes(request) * 4 < bytes(limit)) {
    const must = 'be a quarter of the limit or more, because shared buffers take that much';
    reject(scope, { prop: 'resources.memory.request', must, got: request, fix: 'raise it, best to the limit' });
  }
}
