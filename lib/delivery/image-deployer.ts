import { ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { RBAC, requireSubjects, subjectOf, type AccessSubject } from '../constructs/access-subject';
import { namespaceOf } from '../support/declare';
import { edit, readable, type Manifest } from '../support/edit';
import { parseImage } from '../support/image';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { reject, rejectLate, type Refusal } from '../support/reject';
import { requireName } from '../support/values';
import { nameOf } from '../model/values';
import { ADMISSION } from './cluster-guard';
import { deployedBeside, noteDeployer } from './deployed';
import type { Right } from './deployer-rights';
import { imagePolicy } from './image-policy';
import { controllersOf, mentionsOf, tells, type Controller } from './release-images';

/** Properties of {@link ImageDeployer}. */
export interface ImageDeployerProps {
  /** Name of the application; the Role is `<name>-image-deployer`. At most 48 characters. */
  readonly name: string;
  /** Who rolls out images, by the name that the API server knows them by. At least one, and nobody who deploys the rest. */
  readonly subjects: readonly AccessSubject[];
  /** The image that the YAML has, by its digest alone: others of its repository may be rolled out in its place. */
  readonly image: string;
}

/**
 * The right to roll out another image, and nothing else: `kubectl set image`, and `kubectl rollout status`. The Role names the
 * Deployments and StatefulSets that run the image; a ValidatingAdmissionPolicy holds its subjects to digests of one repository in the
 * containers that have it, because whoever may patch a Deployment may have its pods read every Secret of the namespace.
 *
 * Only where a new image is nothing but that: a Job of migrations, a task, a label or a variable that tells the image stays what it is, and is
 * refused. The next apply brings back the image of the YAML. Needs Kubernetes 1.30.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class ImageDeployer extends Construct {
  /** What holds them to images. */
  readonly policy: ApiObject;
  /** What they may do in the namespace. */
  readonly role: k8s.KubeRole;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ImageDeployerProps,
  ) {
    super(scope, id);
    noteDeployer(this);
    requireProps(this, props, 'ImageDeployerProps');
    const { name: application, subjects } = props;
    requireName(this, application, 48);
    requireSubjects(this, 'subjects', subjects);
    const name = `${application}-image-deployer`;
    const own = { name, labels: labels({ application, instance: name, component: 'deployer' }) };
    const namespace = namespaceOf(this) ?? 'default';
    const wide = { ...own, name: `${namespace}.${name}` };
    const repository = this.repository();
    // First, so that nobody has the right before the policy is there.
    const spec = () => imagePolicy({ namespace, subjects, repository, controllers: this.controllers() });
    this.policy = new ApiObject(this, 'Policy', {
      ...ADMISSION,
      kind: 'ValidatingAdmissionPolicy',
      metadata: wide,
      spec: Lazy.any({ produce: spec }),
    });
    const binding = new ApiObject(this, 'PolicyBinding', {
      ...ADMISSION,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: wide,
      spec: { policyName: wide.name, validationActions: ['Deny'] },
    });
    for (const object of [this.policy, binding]) edit(object, withoutNamespace);
    const rules = Lazy.any({ produce: () => imageRights(this.controllers()) }) as k8s.PolicyRule[];
    this.role = new k8s.KubeRole(this, 'Role', { metadata: own, rules });
    new k8s.KubeRoleBinding(this, 'Binding', {
      metadata: own,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: subjects.map(subjectOf),
    });
    rejectLate(this, () => this.refusals());
  }

  /** The repository of the image, which is named by its digest alone: so a roll-out names it, and an apply of the same changes nothing. */
  private repository(): string {
    const { image } = this.props;
    const { repository = '', tag, digest } = parseImage(image) ?? {};
    if (digest === undefined || tag !== undefined) {
      const fix = 'write registry.example.com/team/app@sha256:<64 hex digits>, as it is rolled out';
      reject(this, { prop: 'image', must: 'be named by its digest alone', got: image, fix });
    }
    return repository;
  }

  private manifests(): Manifest[] {
    return deployedBeside(this).map(readable);
  }

  private controllers(): Controller[] {
    return controllersOf(this.props.image, this.manifests());
  }

  /** What would not follow another image. */
  private refusals(): Refusal[] {
    const { image } = this.props;
    const { repository, digest } = parseImage(image) ?? {};
    if (repository === undefined || digest === undefined) return [];
    const manifests = this.manifests();
    const prop = 'subjects';
    if (controllersOf(image, manifests).length === 0) {
      const fix = 'name the image that they run, or leave the deployers out';
      return [{ prop, must: 'roll out an image that a Deployment or StatefulSet runs', got: image, fix }];
    }
    return mentionsOf(tells({ repository, digest }), image, manifests).map(({ manifest, field }) => ({
      prop,
      must: `roll out an image that nothing but the pods of the release has: with another one, ${String(manifest['kind'])} ${nameOf(manifest) ?? ''} stays as it is`,
      got: field,
      fix: fixOf(manifest['kind']),
    }));
  }
}

function fixOf(kind: unknown): string {
  const whole = 'or leave the deployers out: a new image is a new synth, which the images file leads to';
  if (kind === 'Job') return `leave migrations and seeds to somebody else, migrations: OptOut.because('...'), ${whole}`;
  if (kind === 'CronJob') return `run it in a worker, ${whole}`;
  return `take the image out of this field, ${whole}`;
}

/** The rights to swap an image, to wait for the roll-out, and to say why it does not end. */
function imageRights(controllers: readonly Controller[]): Right[] {
  const resources = [...new Set(controllers.map(({ resource }) => resource))].sort();
  return [
    ...resources.map((resource) => ({
      apiGroups: ['apps'],
      resources: [resource],
      resourceNames: controllers.flatMap((one) => (one.resource === resource ? [one.name] : [])).sort(),
      verbs: ['get', 'list', 'watch', 'patch'],
    })),
    { apiGroups: [''], resources: ['pods', 'events'], verbs: ['get', 'list', 'watch'] },
  ];
}

/** These are of the whole cluster, though their chart has a namespace. */
function withoutNamespace({ metadata: { namespace: _, ...metadata }, ...object }: Manifest): Manifest {
  return { ...object, metadata };
}
