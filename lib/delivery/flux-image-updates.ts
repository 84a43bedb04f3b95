import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { declare } from '../support/declare';
import { parseImage } from '../support/image';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { secondsText } from '../support/quantity';
import { reject } from '../support/reject';
import { requireName, requireSeconds } from '../support/values';
import { receiverSecrets, receiverSpec, requireBranch, requireReceiver, type FluxReceiver } from './flux-receiver';
import { registrySecrets, registrySpec, requireRegistry, type FluxRegistry } from './flux-registry';
import { policySpec, requirePolicy, type FluxImagePolicy } from './flux-tags';

/** Where Flux commits to. @write { repository: 'shop-stack' } */
export interface FluxGit {
  /** Name of the GitRepository, whose login may write: `sourceRef`. @default 'flux-system' */
  readonly repository?: string;
  /** The branch that is read: `git.checkout.ref.branch`. @default 'main' */
  readonly branch?: string;
  /** The branch that is written: another one than is read waits for somebody to merge it. `git.push.branch`. @default - the one that is read */
  readonly push?: string;
  /** Who the commits are of: `git.commit.author`. @default - the robot of Flux */
  readonly author?: { readonly name: string; readonly email: string };
}

/** Properties of {@link FluxImageUpdates}. */
export interface FluxImageUpdatesProps {
  /** Name of all its objects, and of the mark in the file. At most 54 characters. */
  readonly name: string;
  /** Where the images are, as the file has it, without tag and digest: `ghcr.io/acme/shop`. `ImageRepository.spec.image`. */
  readonly image: string;
  /** Which of its tags is the newest: `ImagePolicy.spec.policy`. */
  readonly policy: FluxImagePolicy;
  /**
   * The one file that is edited, from the root of the repository: `images/staging.yaml`. Its image has the mark
   * `# {"$imagepolicy": "<namespace>:<name>"}` behind it, in the same line. `update.path`.
   */
  readonly file: string;
  /** Where it is committed to. @default {} the branch `main` of the GitRepository `flux-system` */
  readonly git?: FluxGit;
  /** How Flux reads the registry. @default - as everybody */
  readonly registry?: FluxRegistry;
  /**
   * Whether the digest of a tag is looked up once, or each time, where a tag is pushed again: `digestReflectionPolicy`.
   * @default 'IfNotPresent' once
   */
  readonly digestReflectionPolicy?: 'IfNotPresent' | 'Always';
  /** Who tells that there is a new one: a Receiver. @default - nobody: it is looked each `interval` */
  readonly receiver?: FluxReceiver;
  /** How often the registry, and then the file, is looked at, a minute to a day: `interval`. @default Duration.minutes(10) */
  readonly interval?: Duration;
  /** Namespace of the objects, and of the GitRepository. @default 'flux-system' */
  readonly namespace?: string;
}

/**
 * Has Flux write the newest image of a registry, with its digest, into the one line that synth reads: what it commits is a change like
 * any other, which is synthesized, checked and applied. Nothing is swapped behind the YAML.
 *
 * Needs Flux 2.7 with its two controllers for images, and a login to Git that may write.
 *
 * @see https://fluxcd.io/flux/components/image/
 */
export class FluxImageUpdates extends Construct {
  /** What is in the registry. */
  readonly repository: ApiObject;
  /** What of it is the newest. */
  readonly policy: ApiObject;
  /** What writes it down. */
  readonly automation: ApiObject;
  /** What begins a look; undefined where nobody tells. */
  readonly receiver?: ApiObject;

  constructor(scope: Construct, id: string, props: FluxImageUpdatesProps) {
    super(scope, id);
    requireProps(this, props, 'FluxImageUpdatesProps');
    const { name, image, policy, registry, receiver, namespace = 'flux-system', git = {} } = props;
    const { digestReflectionPolicy = 'IfNotPresent', interval = Duration.minutes(10) } = props;
    requireSettings(this, { ...props, namespace, interval });
    declare(this, {
      // These belong to Flux, so naming them says that they are there.
      externals: [
        { kind: 'Namespace', name: namespace },
        { kind: 'GitRepository', name: git.repository ?? 'flux-system', namespace },
        ...registrySecrets(registry, namespace),
        ...receiverSecrets(receiver, name, namespace),
      ],
    });
    const metadata = { name, namespace, labels: labels({ application: 'flux', instance: name, component: 'delivery' }) };
    const every = { interval: secondsText(interval) };
    const make = (kind: string, spec: object): ApiObject => new ApiObject(this, kind, { ...IMAGE, kind, metadata, spec });
    this.repository = make('ImageRepository', { image, ...every, ...registrySpec(registry) });
    this.policy = make('ImagePolicy', {
      imageRepositoryRef: { name },
      ...policySpec(policy),
      // Without a digest synth refuses the image.
      digestReflectionPolicy,
      ...(digestReflectionPolicy === 'Always' ? every : {}),
    });
    this.automation = make('ImageUpdateAutomation', { ...every, ...automationSpec(props) });
    if (!receiver) return;
    this.receiver = new ApiObject(this, 'Receiver', {
      apiVersion: 'notification.toolkit.fluxcd.io/v1',
      kind: 'Receiver',
      metadata,
      spec: { ...receiverSpec(receiver, name), resources: [{ ...IMAGE, kind: 'ImageRepository', name }] },
    });
  }
}

const IMAGE = { apiVersion: 'image.toolkit.fluxcd.io/v1' };
const ROBOT = { name: 'fluxcdbot', email: 'fluxcdbot@users.noreply.github.com' };

function automationSpec({ name, file, git = {} }: FluxImageUpdatesProps) {
  const { repository = 'flux-system', branch = 'main', push = branch, author = ROBOT } = git;
  const what = '{{ range .Changed.Changes }}{{ .NewValue }}{{ end }}';
  return {
    sourceRef: { kind: 'GitRepository', name: repository },
    git: {
      checkout: { ref: { branch } },
      commit: { author, messageTemplate: `Run ${what} by ${file.replace(/^\.\//, '')}` },
      push: { branch: push },
    },
    // A mark of another policy in that file is left alone.
    policySelector: { matchLabels: { 'app.kubernetes.io/instance': name } },
    update: { strategy: 'Setters', path: `./${file.replace(/^\.\//, '')}` },
  };
}

type Settings = FluxImageUpdatesProps & Required<Pick<FluxImageUpdatesProps, 'namespace' | 'interval'>>;

function requireSettings(scope: Construct, { name, image, policy, file, git, registry, receiver, ...props }: Settings): void {
  requireName(scope, name, 54);
  requireName(scope, props.namespace, 63, 'namespace');
  requireSeconds(scope, 'interval', props.interval, { minimum: 60, maximum: 86400, fix: 'omit it to use 10 minutes' });
  const { repository, tag, digest } = parseImage(image) ?? {};
  if (repository === undefined || tag !== undefined || digest !== undefined) {
    const fix = 'write it without scheme, tag and digest, as ghcr.io/acme/shop';
    reject(scope, { prop: 'image', must: 'be where the images are', got: image, fix });
  }
  requirePolicy(scope, policy);
  if (!/^(?:[\w.-]+\/)*[\w.-]+\.yaml$/.test(file) || file.split('/').includes('..')) {
    reject(scope, { prop: 'file', must: 'be a file of the repository', got: file, fix: 'write it as images/staging.yaml' });
  }
  const { repository: source, branch, push, author } = git ?? {};
  for (const [part, got] of Object.entries(author ?? {}).filter(([, one]) => !/^[^<>\n]*[^<>\s][^<>\n]*$/.test(one))) {
    const fix = "write { name: 'fluxcdbot', email: 'fluxcdbot@users.noreply.github.com' }";
    reject(scope, { prop: `git.author.${part}`, must: 'be what Git takes for an author, in a line without < and >', got, fix });
  }
  if (source !== undefined) requireName(scope, source, 253, 'git.repository');
  if (branch !== undefined) requireBranch(scope, branch, 'git.branch');
  if (push !== undefined) requireBranch(scope, push, 'git.push');
  requireRegistry(scope, registry);
  if (receiver) requireReceiver(scope, receiver);
}
