import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import type { ClusterSpecStorage } from '../../../imports/postgresql.cnpg.io';
import type { Resources } from '../../pod/resources';
import { bytes, sizeQuantity } from '../../support/quantity';
import { reject } from '../../support/reject';
import { requireName } from '../../support/values';

/** A volume of each instance. */
export interface ClusterVolume {
  /** Its size. It may grow in place where the class allows it, and never shrinks. */
  readonly size: Size;
  /** Its kind: `storageClass`. @default - the cluster's default */
  readonly storageClass?: string;
}

/** A volume as the Cluster names it. */
export function volumeOf({ size, storageClass }: ClusterVolume): ClusterSpecStorage {
  return { size: String(sizeQuantity(size).value), ...(storageClass === undefined ? {} : { storageClass }) };
}

/** Refuses a volume without a type, or of no use. */
export function requireVolume(scope: Construct, prop: string, volume: ClusterVolume, minimum: Size): void {
  const { size, storageClass } = volume;
  if (storageClass !== undefined) requireName(scope, storageClass, 253, `${prop}.storageClass`);
  if (bytes(size) >= bytes(minimum)) return;
  const must = `be ${minimum.toGibibytes()} GiB or more`;
  reject(scope, { prop: `${prop}.size`, must, got: size, fix: 'write Size.gibibytes(10)' });
}

/** Refuses a disk that the operator's agent, which is copied to it at each start, would fill. */
export function requireRoom(scope: Construct, { ephemeralStorage }: Resources): void {
  if (bytes(ephemeralStorage) >= bytes(Size.mebibytes(256))) return;
  const must = "be 256 MiB or more, because the operator's agent is copied there";
  reject(scope, { prop: 'resources.ephemeralStorage', must, got: ephemeralStorage, fix: 'omit it to use 512 MiB' });
}
