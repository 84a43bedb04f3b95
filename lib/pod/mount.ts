import type { Size } from 'cdk8s';
import { type k8s } from 'cdk8s-plus-27';
import { sizeQuantity } from '../support/quantity';
import { claimSpec } from './claim-templates';

/**
 * A volume and where the containers see it: one word says what it is.
 * @write { path, claim }, { path, scratch }, { path, configMap, file }, or another one of the words
 */
export type Mount = MountPlace & MountSource;

/** Where the containers see a volume. */
interface MountPlace {
  /** Absolute path in the container: `volumeMounts[].mountPath`. */
  readonly path: string;
  /** Name of the volume, unique in the pod: `volumes[].name`. @default - that of the claim; else made of the path */
  readonly name?: string;
  /** Whether nobody may write to it. @default - true for ConfigMaps, Secrets, projections and what only reads anyway */
  readonly readOnly?: boolean;
}

/** What is mounted. */
type MountSource =
  | ClaimMount
  | ScratchMount
  | MemoryMount
  | ConfigMapMount
  | SecretMount
  | ProjectedMount
  | SecretsStoreMount
  | CsiMount
  | EphemeralMount
  | OtherMount;

/** A volume that stays when the pod goes. */
interface ClaimMount {
  /** Name of a PersistentVolumeClaim: of one that is made here, by `claims`, or that is there: `persistentVolumeClaim`. */
  readonly claim: string;
  /** A folder of the volume in the place of all of it: `subPath`. @default - the whole volume */
  readonly subPath?: string;
}

/** Scratch space on the node's disk. */
interface ScratchMount {
  /** How much may be written until the pod is evicted. It goes with the pod, and counts as `ephemeralStorage`: `emptyDir`. */
  readonly scratch: Size;
}

/** Scratch space that never reaches a disk. */
interface MemoryMount {
  /** How much may be written. It goes with the pod, and counts as memory of the container: `emptyDir.medium: Memory`. */
  readonly memory: Size;
}

/** Files that are no secret. */
interface ConfigMapMount extends FilesOf {
  /** Name of a ConfigMap: `configMap`. */
  readonly configMap: string;
}

/** Files that only the user and the group of the container may read. */
interface SecretMount extends FilesOf {
  /** Name of a Secret: `secret`. */
  readonly secret: string;
}

/** Which keys become files: all of them, in the folder `path`, unless something else is said. */
interface FilesOf {
  /** Keys that become files of their names in the folder, which hides what the image has there. @default - all of them */
  readonly keys?: readonly string[];
  /**
   * A key that becomes the one file `path`: its folder stays as the image has it. Such a file stays as it was when the container
   * started, where files in a folder of their own follow the object within a minute: a new value takes new pods. `subPath`.
   * @default - a folder
   */
  readonly file?: string;
}

/** Several of them in one folder, or a token for somebody else. */
interface ProjectedMount {
  /** What is in the folder, as Kubernetes spells it. Only the user and the group of the container may read it: `projected`. */
  readonly projected: readonly k8s.VolumeProjection[];
}

/** Secrets of a vault, by the Secrets Store CSI driver. */
interface SecretsStoreMount {
  /** Name of a SecretProviderClass, which says what is fetched: `csi`. */
  readonly secretsStore: string;
}

/** A volume that a driver makes for the pod alone. */
interface CsiMount {
  /** The driver and what it is told, as Kubernetes spells it: `csi`. */
  readonly csi: k8s.CsiVolumeSource;
}

/** A volume of its own for each pod that goes with it: scratch space that would fill the node's disk. */
interface EphemeralMount {
  /** What is claimed: `ephemeral.volumeClaimTemplate`. */
  readonly ephemeral: {
    /** How much: `resources.requests.storage`. */
    readonly storage: Size;
    /** Kind of the volume: `storageClassName`. @default - the cluster's default */
    readonly storageClass?: string;
  };
}

/** What none of the words says. */
interface OtherMount {
  /** What is mounted, as Kubernetes spells it: `{ nfs: { server: 'files.example.com', path: '/' } }`. */
  readonly source: Omit<k8s.Volume, 'name'>;
  /** A file or a folder of the volume in the place of all of it: `subPath`. @default - the whole volume */
  readonly subPath?: string;
}

/** A mount as pods have it. */
export interface PodMount {
  readonly name: string;
  readonly path: string;
  /** @default - a claim template of that name */
  readonly source?: Omit<k8s.Volume, 'name'>;
  readonly readOnly?: boolean;
  readonly subPath?: string;
}

/** Mounts as pods have them, whatever word says what they are. */
export function podMounts(mounts: readonly (Mount | PodMount)[]): readonly PodMount[] {
  return mounts.map((mount) => {
    const { path, name = nameOf(mount), readOnly } = mount;
    const { source, subPath } = sourceOf(mount);
    return { name, path, source, subPath, readOnly: readOnly ?? isReadOnly(source) };
  });
}

function nameOf(mount: Mount | PodMount): string {
  if ('claim' in mount) return mount.claim;
  return mount.path
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 63)
    .replace(/-$/, '');
}

type Source = Pick<PodMount, 'source' | 'subPath'>;

function sourceOf(mount: Mount | PodMount): Source {
  if ('claim' in mount) return { source: { persistentVolumeClaim: { claimName: mount.claim } }, subPath: mount.subPath };
  if ('scratch' in mount) return { source: { emptyDir: { sizeLimit: sizeQuantity(mount.scratch) } } };
  if ('memory' in mount) return { source: { emptyDir: { medium: 'Memory', sizeLimit: sizeQuantity(mount.memory) } } };
  if ('configMap' in mount) return { source: { configMap: { name: mount.configMap, ...items(mount) } }, subPath: mount.file };
  if ('secret' in mount) {
    return { source: { secret: { secretName: mount.secret, ...items(mount), defaultMode: CLOSED } }, subPath: mount.file };
  }
  if ('projected' in mount) return { source: { projected: { sources: [...mount.projected], defaultMode: CLOSED } } };
  if ('secretsStore' in mount) return { source: { csi: secretsStore(mount.secretsStore) } };
  if ('csi' in mount) return { source: { csi: mount.csi } };
  if ('ephemeral' in mount) return { source: { ephemeral: { volumeClaimTemplate: { spec: claimSpec(mount.ephemeral) } } } };
  return { source: mount.source, subPath: mount.subPath };
}

/** Others than the user and the group may not read. */
const CLOSED = 0o440;

/** A key that is not there keeps the pod from starting, where a whole volume would give a folder in the place of the file. */
function items({ keys, file }: FilesOf): { items?: k8s.KeyToPath[] } {
  const named = file === undefined ? keys : [file];
  return named ? { items: named.map((key) => ({ key, path: key })) } : {};
}

/** @see https://secrets-store-csi-driver.sigs.k8s.io/getting-started/usage#update-your-deployment-yaml */
function secretsStore(secretProviderClass: string): k8s.CsiVolumeSource {
  return { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass } };
}

function isReadOnly({ configMap, secret, projected, csi }: k8s.Volume | Omit<k8s.Volume, 'name'> = {}): boolean {
  return Boolean(configMap ?? secret ?? projected) || csi?.readOnly === true;
}
