import type { IConstruct } from 'constructs';
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

/**
 * Who a pod is to the cloud provider, by its ServiceAccount: short-lived credentials instead of a key in a Secret. The
 * provider must trust the ServiceAccount in return, once, for its name and namespace.
 */
export class CloudIdentity {
  static {
    propClass('CloudIdentity', this);
  }

  /** A role of AWS, on EKS: IAM Roles for Service Accounts. */
  static aws({ roleArn }: { readonly roleArn: string }): CloudIdentity {
    const fix = 'copy it from the role: arn:aws:iam::123456789012:role/shop';
    const part = { prop: 'roleArn', value: roleArn, form: ROLE, must: 'be the ARN of an IAM role', fix };
    return new CloudIdentity({ 'eks.amazonaws.com/role-arn': roleArn }, {}, [part]);
  }

  /** An IAM service account of Google Cloud, on GKE: Workload Identity Federation. */
  static google({ serviceAccount }: { readonly serviceAccount: string }): CloudIdentity {
    const [must, fix] = ['be the address of an IAM service account', 'write it as shop@my-project.iam.gserviceaccount.com'];
    const part = { prop: 'serviceAccount', value: serviceAccount, form: ACCOUNT, must, fix };
    return new CloudIdentity({ 'iam.gke.io/gcp-service-account': serviceAccount }, {}, [part]);
  }

  /**
   * A managed identity or an application of Azure, on AKS: Microsoft Entra Workload ID.
   *
   * @param azure the client id, and the tenant where it is not the cluster's own
   */
  static azure({ clientId, tenantId }: { readonly clientId: string; readonly tenantId?: string }): CloudIdentity {
    const prefix = 'azure.workload.identity';
    const [must, fix] = ['be a GUID', 'copy it from the identity: 00000000-0000-0000-0000-000000000000'];
    const annotations = {
      [`${prefix}/client-id`]: clientId,
      ...(tenantId === undefined ? {} : { [`${prefix}/tenant-id`]: tenantId }),
    };
    const given = tenantId === undefined ? { clientId } : { clientId, tenantId };
    const parts = Object.entries(given).map(([prop, value]) => ({ prop, value, form: GUID, must, fix }));
    return new CloudIdentity(annotations, { [`${prefix}/use`]: 'true' }, parts);
  }

  private constructor(
    /** Annotations of the ServiceAccount: `metadata.annotations`. */
    readonly annotations: Readonly<Record<string, string>>,
    /** Labels of the pods: `template.metadata.labels`. */
    readonly podLabels: Readonly<Record<string, string>>,
    private readonly parts: readonly Part[],
  ) {}

  /** Refuses what the provider cannot have given. */
  require(scope: IConstruct): void {
    for (const { prop, value, form, must, fix } of this.parts) {
      if (typeof value === 'string' && form.test(value)) continue;
      reject(scope, { prop: `identity.${prop}`, must, got: value, fix });
    }
  }
}
