import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { groupOf, isClusterScoped } from '../model/kinds';
import { declare } from '../support/declare';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { reject, rejectLate } from '../support/reject';
import { requireName } from '../support/values';
import { plainSecrets, requireDigest, requireRepository } from './artifact';
import { deployedIn } from './deployed';

/**
 * Where Argo CD reads the files of an environment: a folder of a Git repository, or an artifact of a registry.
 * @write { repository: 'https://github.com/acme/shop-stack.git', path: 'dist/production', revision: 'main' }
 */
export interface ArgoSource {
  /** Address of the repository, or `oci://registry.example.com/shop/production`: `source.repoURL`. */
  readonly repository: string;
  /** Folder of the environment's files: `source.path`. @default '.' */
  readonly path?: string;
  /**
   * Branch, tag or commit; of an artifact its tag, or its digest as `sha256:...`: `source.targetRevision`.
   * @default 'HEAD', and of an artifact none: it must be said
   */
  readonly revision?: string;
}

/** Properties of {@link ArgoApplication}. */
export interface ArgoApplicationProps {
  /** Name of the Application and of its AppProject. At most 63 characters. */
  readonly name: string;
  /** Where the files are. */
  readonly source: ArgoSource;
  /** The cluster that they are applied to: `destination.server`. @default 'https://kubernetes.default.svc' the one that Argo CD runs in */
  readonly server?: string;
  /** Namespace of Argo CD. @default 'argocd' */
  readonly namespace?: string;
  /** Whether each change of the files is applied, and what is gone from them deleted, without a word: `syncPolicy.automated`. @default false */
  readonly automated?: boolean;
}

/** The cluster that Argo CD runs in. */
const HERE = 'https://kubernetes.default.svc';

/**
 * Has Argo CD apply an environment, and nothing else: the AppProject allows the one repository, the namespaces and the kinds of the
 * finished objects, so that whoever may commit to the repository cannot make a Role in another namespace by it. An object of
 * another kind is refused by Argo CD until this is applied again.
 *
 * It belongs to the cluster of Argo CD, and is applied by who administers that.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/
 */
export class ArgoApplication extends Construct {
  /** What it may do. */
  readonly project: ApiObject;
  /** What it does. */
  readonly application: ApiObject;

  constructor(scope: Construct, id: string, props: ArgoApplicationProps) {
    super(scope, id);
    requireProps(this, props, 'ArgoApplicationProps');
    const { name, source, server = HERE, namespace = 'argocd', automated = false } = props;
    const { repository, path = '.', revision = 'HEAD' } = source;
    requireName(this, name, 63);
    requireName(this, namespace, 63, 'namespace');
    requireSource(this, source);
    if (isArtifact(repository)) rejectLate(this, () => plainSecrets(this, 'source.repository'));
    declare(this, { externals: [{ kind: 'Namespace', name: namespace }] });
    const metadata = { name, namespace, labels: labels({ application: name, instance: name, component: 'delivery' }) };
    const kinds = (ofCluster: boolean) => Lazy.any({ produce: () => this.kinds(ofCluster) });
    this.project = new ApiObject(this, 'Project', {
      ...ARGO,
      kind: 'AppProject',
      metadata,
      spec: {
        sourceRepos: [repository],
        destinations: Lazy.any({ produce: () => this.namespaces().map((one) => ({ server, namespace: one })) }),
        clusterResourceWhitelist: kinds(true),
        namespaceResourceWhitelist: kinds(false),
      },
    });
    this.application = new ApiObject(this, 'Application', {
      ...ARGO,
      kind: 'Application',
      metadata,
      spec: {
        project: name,
        source: { repoURL: repository, targetRevision: revision, path },
        destination: { server, namespace: Lazy.any({ produce: () => this.namespaces()[0] }) },
        syncPolicy: {
          ...(automated ? { automated: { prune: true } } : {}),
          // Of two Applications with one object each would take it back from the other.
          syncOptions: ['FailOnSharedResource=true'],
        },
      },
    });
  }

  /** The namespaces of the objects, that of the pods first. */
  private namespaces(): string[] {
    const all = deployedIn(this).flatMap(({ metadata }) => metadata.namespace ?? []);
    const count = (one: string): number => all.filter((other) => other === one).length;
    return [...new Set(all)].sort((one, other) => count(other) - count(one));
  }

  private kinds(ofCluster: boolean): { group: string; kind: string }[] {
    const all = deployedIn(this).filter(({ kind }) => isClusterScoped(kind) === ofCluster);
    const keys = new Set(all.map(({ apiVersion, kind }) => `${groupOf({ apiVersion })}/${kind}`));
    return [...keys].sort().map((key) => {
      const [group = '', kind = ''] = key.split('/');
      return { group, kind };
    });
  }
}

const ARGO = { apiVersion: 'argoproj.io/v1alpha1' };

/** Whether the files are in a registry. */
export function isArtifact(repository: string): boolean {
  return repository.startsWith('oci://');
}

const PASSWORD = /:\/\/[^/@]*:[^/@]*@/;

function requireSource(scope: Construct, { repository, path = '.', revision }: ArgoSource): void {
  if (!/^(?:https?|ssh|git|oci):\/\/[^\s@]+(?:@[^\s@]+)?$|^[\w.-]+@[\w.-]+:\S+$/.test(repository)) {
    const fix =
      "write 'https://github.com/acme/shop-stack.git', 'git@github.com:acme/shop-stack.git' or 'oci://registry.example.com/shop'";
    reject(scope, { prop: 'source.repository', must: 'be the address of a repository', got: repository, fix });
  } else if (PASSWORD.test(repository)) {
    const fix = 'give Argo CD the login by a Secret with the label argocd.argoproj.io/secret-type: repository';
    reject(scope, { prop: 'source.repository', must: 'have no password in it', got: 'one with a password', fix });
  }
  if (isArtifact(repository) && (revision === undefined || revision === 'HEAD' || revision === 'latest')) {
    const fix = "write the tag that deliver/push-artifact.sh moves, the name of the environment, or a digest: 'sha256:...'";
    reject(scope, { prop: 'source.revision', must: 'name an artifact of the registry', got: revision, fix });
  } else if (isArtifact(repository)) {
    if (!PASSWORD.test(repository)) requireRepository(scope, 'source.repository', repository);
    if (revision?.startsWith('sha256:') === true) requireDigest(scope, 'source.revision', revision);
  }
  if (path.startsWith('/') || path.split('/').includes('..')) {
    const fix = "write it as it is in the repository: 'dist/production'";
    reject(scope, { prop: 'source.path', must: 'be a folder of the repository', got: path, fix });
  }
}
