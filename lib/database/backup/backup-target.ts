import { Size } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Mount } from '../../pod/mount';
import type { Variables } from '../../pod/variables';
import type { Opening, Peer } from '../../support/network';
import { requireImage } from '../../support/image';
import { type OptOut } from '../../support/opt-out';
import { bytes } from '../../support/quantity';
import { reject } from '../../support/reject';
import { fromSecret, type SecretKey } from '../../support/secret-key';
import { requireCidr, requireName, requireReason } from '../../support/values';

/**
 * Where dumps are kept: the same object for the backup, the restore and the drill.
 * @write { claim: { name, storage } }, or { bucket: ... }
 */
export type BackupTarget = { readonly claim: BackupClaim } | { readonly bucket: BackupBucket };

/** A volume of its own. What destroys the storage of the whole cluster destroys it too. */
export type BackupClaim =
  | {
      /** Name of the PersistentVolumeClaim, which the backup makes. */
      readonly name: string;
      /** Room for all dumps that are kept and one more: `resources.requests.storage`. */
      readonly storage: Size;
      /** Kind of the volume: `storageClassName`. @default - the cluster's default */
      readonly storageClass?: string;
    }
  | {
      /** Name of a PersistentVolumeClaim that is in the namespace already. */
      readonly name: string;
      readonly existing: true;
    };

/** A bucket that speaks S3, wherever it is. */
export interface BackupBucket {
  /** Where the server is: `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  /** Name of the bucket. It must be there. */
  readonly name: string;
  /** Folder in it, one for each environment: retention counts the dumps of one folder. */
  readonly folder: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** Whose server it is, in rclone's words: `AWS`, `Minio`, `Cloudflare`. @default 'Other' */
  readonly provider?: string;
  /** Where the id of the access key is. */
  readonly accessKey: SecretKey;
  /** Where its secret is. */
  readonly secretKey: SecretKey;
  /** The official image of rclone with its version: `docker.io/rclone/rclone:1.71.0`. */
  readonly image: string;
  /** Where the server is on the network, for the fence. @default - any address, because a host name says none */
  readonly peer?: Peer;
  /** Why the dumps may travel in clear text, where the endpoint is `http://`. @default - they may not */
  readonly clearText?: OptOut;
}

/** Where the containers of all targets see the dumps. */
const FOLDER = '/backups';

/** The variable that tells the scripts where the dumps are. What goes to a bucket waits in the pod's scratch space. */
export function folderOf(target: BackupTarget): Variables {
  return { BACKUPS: 'claim' in target ? FOLDER : '/tmp' };
}

/** The volume of the dumps, where there is one. Whoever only reads cannot write. */
export function mountsOf(target: BackupTarget, readOnly: boolean): Mount[] {
  if (!('claim' in target)) return [];
  return [{ name: 'backups', path: FOLDER, source: { persistentVolumeClaim: { claimName: target.claim.name } }, readOnly }];
}

/** The connections to the bucket, where there is one. */
export function openingsOf(target: BackupTarget): Opening[] {
  if (!('bucket' in target)) return [];
  const { endpoint, peer = { cidr: '0.0.0.0/0' } } = target.bucket;
  const [, scheme, port] = ENDPOINT.exec(endpoint) ?? [];
  return [{ port: Number(port ?? (scheme === 'http' ? 80 : 443)), peer }];
}

/** What rclone is told: no file, variables alone. */
export function bucketVariables(bucket: BackupBucket): Variables {
  const { endpoint, name, folder, region = 'us-east-1', provider = 'Other', accessKey, secretKey } = bucket;
  return {
    BUCKET: `${name}/${folder}`,
    // No file.
    RCLONE_CONFIG: '',
    RCLONE_CONFIG_BACKUP_TYPE: 's3',
    RCLONE_CONFIG_BACKUP_PROVIDER: provider,
    RCLONE_CONFIG_BACKUP_ENDPOINT: endpoint,
    RCLONE_CONFIG_BACKUP_REGION: region,
    // It would try to make the bucket, with rights that it should not have.
    RCLONE_CONFIG_BACKUP_NO_CHECK_BUCKET: 'true',
    RCLONE_CONFIG_BACKUP_ACCESS_KEY_ID: fromSecret(accessKey),
    RCLONE_CONFIG_BACKUP_SECRET_ACCESS_KEY: fromSecret(secretKey),
  };
}

const ENDPOINT = /^(https?):\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::(\d{1,5}))?$/;

/** Refuses a place where no dump could be kept. */
export function requireTarget(scope: IConstruct, target: BackupTarget): void {
  if ('claim' in target) requireClaim(scope, target.claim);
  else requireBucket(scope, target.bucket);
}

function requireClaim(scope: IConstruct, claim: BackupClaim): void {
  requireName(scope, claim.name, 253, 'target.claim.name');
  if ('existing' in claim) return;
  const { storage, storageClass } = claim;
  if (storageClass !== undefined) requireName(scope, storageClass, 253, 'target.claim.storageClass');
  if (bytes(storage) >= bytes(Size.gibibytes(1))) return;
  const fix = 'make room for all dumps that are kept and one more';
  reject(scope, { prop: 'target.claim.storage', must: 'be 1 GiB or more', got: storage, fix });
}

function requireBucket(scope: IConstruct, bucket: BackupBucket): void {
  const { endpoint, image, peer = {}, clearText } = bucket;
  requireImage(scope, image);
  requireReason(scope, 'target.bucket.clearText', clearText);
  requireForms(scope, bucket);
  if ('cidr' in peer) requireCidr(scope, 'target.bucket.peer.cidr', peer.cidr);
  if (!endpoint.startsWith('http:') || clearText) return;
  const fix = "use https, or write clearText: OptOut.because('...') for a server in the cluster";
  reject(scope, { prop: 'target.bucket.endpoint', must: 'be encrypted', got: endpoint, fix });
}

function requireForms(
  scope: IConstruct,
  { endpoint, name, folder, region = 'us-east-1', provider = 'Other' }: BackupBucket,
): void {
  const forms: readonly [prop: string, got: string, form: RegExp, must: string, fix: string][] = [
    ['endpoint', endpoint, ENDPOINT, 'be a URL without a path', 'write it as https://s3.eu-central-1.amazonaws.com'],
    ['name', name, /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'be the name of a bucket', 'write it as shop-backups'],
    [
      'folder',
      folder,
      /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/,
      "be letters, digits, '-', '_' and '.' between single '/'",
      'write it as shop/production',
    ],
    ['region', region, /^[a-z0-9-]+$/, 'be the name of a region', 'write it as eu-central-1'],
    ['provider', provider, /^[A-Za-z0-9]+$/, "be one of rclone's providers", 'omit it to use "Other"'],
  ];
  for (const [prop, got, form, must, fix] of forms)
    if (!form.test(got)) reject(scope, { prop: `target.bucket.${prop}`, must, got, fix });
}
