import type { IConstruct } from 'constructs';
import { type Cloud, EKS_AGENT, GKE_METADATA, IDENTITY_ANNOTATIONS } from '../support/clouds';
import type { Opening } from '../support/network';
import { keepFaults } from '../support/made';
import { wrongProps } from '../support/props';
import { reject } from '../support/reject';
import { propClass } from '../support/classes';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ROLE = /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/;
const ACCOUNT = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.gserviceaccount\.com$/;

/** A value of the provider, and the form that it has. */
interface Part {
  readonly prop: string;
  readonly value: string;
  readonly form: RegExp;
  readonly must: string;
  readonly fix: string;
}

/** Who pods are to AWS. */
export interface AwsIdentity {
  /** The ARN of the IAM role: `eks.amazonaws.com/role-arn`. */
  readonly roleArn: string;
}

/** Who pods are to Google Cloud. */
export interface GoogleIdentity {
  /** The address of the IAM service account: `iam.gke.io/gcp-service-account`. */
  readonly serviceAccount: string;
}

/** Who pods are to Azure. */
export interface AzureIdentity {
  /** The client id of the managed identity or the application: `azure.workload.identity/client-id`. */
  readonly clientId: string;
  /** Its tenant: `azure.workload.identity/tenant-id`. @default - the cluster's own */
  readonly tenantId?: string;
}

/**
 * Who a pod is to the cloud provider, by its ServiceAccount: short-lived credentials instead of a key in a Secret. The
 * provider must trust the ServiceAccount in return, once, for its name and namespace.
 */
export class CloudIdentity {
  static {
    propClass('CloudIdentity', this);
  }

  /** A role of AWS, on EKS: IAM Roles for Service Accounts. Pods get its credentials from STS, so the fence must let them out there. */
  static aws(aws: AwsIdentity): CloudIdentity {
    const { roleArn } = { ...aws };
    const fix = 'copy it from the role: arn:aws:iam::123456789012:role/shop';
    const part = { prop: 'roleArn', value: roleArn, form: ROLE, must: 'be the ARN of an IAM role', fix };
    const identity = new CloudIdentity('aws', { [IDENTITY_ANNOTATIONS.aws]: roleArn }, { parts: [part] });
    return keepFaults(identity, wrongProps(aws, 'AwsIdentity', ' to CloudIdentity.aws'));
  }

  /**
   * A role of AWS, on EKS with the Pod Identity agent: which one, an association in AWS says, by the name of the ServiceAccount.
   * The fence opens the way to the agent.
   */
  static eksPodIdentity(): CloudIdentity {
    return new CloudIdentity('aws', {}, { openings: EKS_AGENT });
  }

  /** An IAM service account of Google Cloud, on GKE: Workload Identity Federation. The fence opens the way to the metadata server. */
  static google(google: GoogleIdentity): CloudIdentity {
    const { serviceAccount } = { ...google };
    const [must, fix] = ['be the address of an IAM service account', 'write it as shop@my-project.iam.gserviceaccount.com'];
    const part = { prop: 'serviceAccount', value: serviceAccount, form: ACCOUNT, must, fix };
    const identity = new CloudIdentity(
      'google',
      { [IDENTITY_ANNOTATIONS.google]: serviceAccount },
      { parts: [part], openings: GKE_METADATA },
    );
    return keepFaults(identity, wrongProps(google, 'GoogleIdentity', ' to CloudIdentity.google'));
  }

  /** A managed identity or an application of Azure, on AKS: Microsoft Entra Workload ID. Pods get its tokens from Entra, so the fence must let them out there. */
  static azure(azure: AzureIdentity): CloudIdentity {
    const { clientId, tenantId } = { ...azure };
    const prefix = 'azure.workload.identity';
    const [must, fix] = ['be a GUID', 'copy it from the identity: 00000000-0000-0000-0000-000000000000'];
    const annotations = {
      [IDENTITY_ANNOTATIONS.azure]: clientId,
      ...(tenantId === undefined ? {} : { [`${prefix}/tenant-id`]: tenantId }),
    };
    const given = tenantId === undefined ? { clientId } : { clientId, tenantId };
    const parts = Object.entries(given).map(([prop, value]) => ({ prop, value, form: GUID, must, fix }));
    const identity = new CloudIdentity('azure', annotations, { podLabels: { [`${prefix}/use`]: 'true' }, parts });
    return keepFaults(identity, wrongProps(azure, 'AzureIdentity', ' to CloudIdentity.azure'));
  }

  /** Labels of the pods: `template.metadata.labels`. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** Connections that pods open for their credentials, where those have an address that does not change. */
  readonly openings: readonly Opening[];
  private readonly parts: readonly Part[];

  private constructor(
    /** Whose they are. */
    readonly cloud: Cloud,
    /** Annotations of the ServiceAccount: `metadata.annotations`. */
    readonly annotations: Readonly<Record<string, string>>,
    {
      podLabels = {},
      openings = [],
      parts = [],
    }: Partial<Pick<CloudIdentity, 'podLabels' | 'openings'>> & { readonly parts?: readonly Part[] },
  ) {
    [this.podLabels, this.openings, this.parts] = [podLabels, openings, parts];
  }

  /** Refuses what the provider cannot have given. */
  require(scope: IConstruct): void {
    for (const { prop, value, form, must, fix } of this.parts) {
      if (typeof value === 'string' && form.test(value)) continue;
      reject(scope, { prop: `identity.${prop}`, must, got: value, fix });
    }
  }
}
