import type { Size } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { claimSpec } from '../pod/claim-templates';
import { claimAnnotations, type Delivery, type Turn } from '../release/delivery';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { reject } from '../support/reject';
import { requireName, requireSize } from '../support/values';

/** Who may mount a volume at a time. */
export type AccessMode =
  /** Pods of one node. */
  | 'ReadWriteOnce'
  /** One pod. */
  | 'ReadWriteOncePod'
  /** Everyone: files over the network, as of NFS, EFS, Azure Files, CephFS. */
  | 'ReadWriteMany'
  /** Everyone, and nobody writes. */
  | 'ReadOnlyMany';

/** Properties of {@link VolumeClaim}. */
export interface VolumeClaimProps {
  /** Name of the claim, which mounts name: `metadata.name`. */
  readonly name: string;
  /** The application whose files are in it: label `app.kubernetes.io/name`. @default - `name` */
  readonly application?: string;
  /** How much room. It may grow later where the class allows it, and never shrink: `resources.requests.storage`. */
  readonly storage: Size;
  /** Kind of the volume. It never changes: `storageClassName`. @default - the cluster's default */
  readonly storageClass?: string;
  /** Who may mount it at a time; the class must have it. It never changes: `accessModes`. @default ['ReadWriteOnce'] */
  readonly accessModes?: readonly AccessMode[];
  /** How it gets into the cluster, where it stays when it is no longer delivered. @default 'apply' */
  readonly delivery?: Delivery;
  /**
   * The turn of the first who mounts it: most classes make a volume only when a pod asks for it, and a delivery that waits for the
   * claim before would wait for ever. @default 'pods'
   */
  readonly turn?: Extract<Turn, 'before' | 'pods' | 'last'>;
}

/**
 * A volume that outlives pods, for files that users gave. Nothing owns it: it stays when all else is deleted, but for the namespace.
 * Whether the disk behind it outlives the claim is a matter of its class: `reclaimPolicy: Retain`.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
 */
export class VolumeClaim extends Construct {
  /** The object. */
  readonly claim: k8s.KubePersistentVolumeClaim;

  constructor(scope: Construct, id: string, props: VolumeClaimProps) {
    super(scope, id);
    requireProps(this, props, 'VolumeClaimProps');
    const { name, application = name, storage, storageClass, accessModes = ['ReadWriteOnce'] } = props;
    const { delivery = 'apply', turn = 'pods' } = props;
    // It is the name of the volume in pods too.
    requireName(this, name, 63);
    if (storageClass !== undefined) requireName(this, storageClass, 253, 'storageClass');
    requireSize(this, 'storage', storage);
    if (accessModes.length === 0) {
      const fix = "omit it to use ['ReadWriteOnce']";
      reject(this, { prop: 'accessModes', must: 'name one or more', got: accessModes, fix });
    }
    const annotations = claimAnnotations(delivery, turn);
    this.claim = new k8s.KubePersistentVolumeClaim(this, 'Default', {
      metadata: {
        name,
        // Without a version: the claim outlives it.
        labels: labels({ application, instance: name, component: 'files' }),
        ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      },
      spec: claimSpec({ storage, storageClass }, accessModes),
    });
  }
}
