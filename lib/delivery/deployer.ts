import { Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { RBAC, requireSubjects, subjectOf, type AccessSubject } from '../constructs/access-subject';
import { namespaceOf } from '../support/declare';
import { edit, readable, type Manifest } from '../support/edit';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { rejectLate, type Refusal } from '../support/reject';
import { requireName } from '../support/values';
import { deployedBeside, noteDeployer } from './deployed';
import { deployerRights, type DeployerRights } from './deployer-rights';

/** Properties of {@link Deployer}. */
export interface DeployerProps {
  /** Name of the application; the Role is `<name>-deployer`. At most 54 characters. */
  readonly name: string;
  /** Who deploys: the pipeline, by the name that the API server knows it by. At least one. */
  readonly subjects: readonly AccessSubject[];
}

/**
 * The right to deploy an environment: to apply its objects, to wait for them, to say why they are not ready, and to delete what is
 * left of former ones. It is computed from the finished objects, so that it grows by exactly what they need; Secrets are not read,
 * and no command runs in a pod. Namespace, quota, limits, Roles and bindings are read alone: an apply finds them unchanged, and one
 * who administers the namespace applies what changes there. That one applies this too: nobody gives rights to themselves.
 *
 * Whoever may change a Deployment may have its pods read every Secret of the namespace: what runs there is that one's to say.
 *
 * @see https://kubernetes.io/docs/concepts/security/rbac-good-practices/
 */
export class Deployer extends Construct {
  /** What it may do in the namespace. */
  readonly role: k8s.KubeRole;

  constructor(scope: Construct, id: string, props: DeployerProps) {
    super(scope, id);
    noteDeployer(this);
    requireProps(this, props, 'DeployerProps');
    const { name: application, subjects } = props;
    requireName(this, application, 54);
    requireSubjects(this, 'subjects', subjects);
    const name = `${application}-deployer`;
    const own = { name, labels: labels({ application, instance: name, component: 'deployer' }) };
    const rights = (): DeployerRights => deployerRights(deployedBeside(this).map(readable));
    const people = subjects.map(subjectOf);
    this.role = new k8s.KubeRole(this, 'Role', { metadata: own, rules: lazily(() => rights().namespaced) });
    new k8s.KubeRoleBinding(this, 'Binding', {
      metadata: own,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: people,
    });
    const wide = { ...own, name: `${namespaceOf(this) ?? 'default'}.${name}` };
    const role = new k8s.KubeClusterRole(this, 'ClusterRole', { metadata: wide, rules: lazily(() => rights().ofCluster) });
    const binding = new k8s.KubeClusterRoleBinding(this, 'ClusterBinding', {
      metadata: wide,
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: wide.name },
      subjects: people,
    });
    for (const object of [role, binding]) edit(object, withoutNamespace);
    rejectLate(this, () => this.refusals());
  }

  /** What the rights of one namespace, by kinds and names, cannot be for. */
  private refusals(): Refusal[] {
    const home = namespaceOf(this);
    const prop = 'subjects';
    return deployedBeside(this).flatMap(({ kind, name, metadata: { namespace } }): Refusal[] => {
      // A Secret in the YAML is applied by whoever may read it.
      const elsewhere =
        "keep its values elsewhere, by 'existing', 'external' or 'sealed', or leave them out: who applies a Secret may read it";
      if (kind === 'Secret') return [{ prop, must: 'deploy no Secret', got: name, fix: elsewhere }];
      const apart = 'write its items as objects of their own';
      if (kind === 'List') return [{ prop, must: 'deploy objects of known kinds', got: `a List, ${name}`, fix: apart }];
      if (namespace === undefined || namespace === home) return [];
      const fix = 'leave it to who administers that namespace, in a chart of another App';
      return [{ prop, must: `deploy to the namespace ${home ?? 'default'} alone`, got: `${kind} ${name} in ${namespace}`, fix }];
    });
  }
}

/** These are of the whole cluster, though their chart has a namespace. */
function withoutNamespace({ metadata: { namespace: _, ...metadata }, ...object }: Manifest): Manifest {
  return { ...object, metadata };
}

function lazily(produce: () => unknown): k8s.PolicyRule[] {
  return Lazy.any({ produce }) as k8s.PolicyRule[];
}
