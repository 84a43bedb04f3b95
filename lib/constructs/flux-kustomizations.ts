import { ApiObject, type App, Chart, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Kustomization,
  KustomizationSpecDeletionPolicy as DeletionPolicy,
  KustomizationSpecSourceRefKind as SourceKind,
} from '../../imports/kustomize.toolkit.fluxcd.io';
import { labels } from '../support/labels';
import { declare } from '../support/declare';
import { edit } from '../support/edit';
import { folderOf, standsApart } from '../support/folder';
import { secondsText } from '../support/quantity';
import { reject, rejectLate, sentence } from '../support/reject';
import { requireProps } from '../support/props';
import { scopeOf } from '../support/scope';
import { requireName, requireSeconds } from '../support/values';
import { severalKeySecrets, withDecryption } from './flux-decryption';

/** A folder that Flux applies, and how long it waits for what is in it to be well. */
export interface FluxStep {
  /** The folder below that of the environment, as {@link inFolder} was told. */
  readonly folder: string;
  /**
   * The longest wait until its objects are well, and its jobs done, up to a day: longer than the deadlines of its jobs and
   * roll-outs. `timeout`. @default Duration.minutes(10)
   */
  readonly timeout?: Duration;
}

/** Properties of {@link FluxKustomizations}. */
export interface FluxKustomizationsProps {
  /** Start of the names, one for all that Flux delivers: `kube-native-staging` makes `kube-native-staging-migrate`. */
  readonly name: string;
  /** Where Flux gets the files from. It is taken to be there: `sourceRef`. @default - the GitRepository `flux-system` */
  readonly source?: { readonly kind: 'GitRepository' | 'OCIRepository' | 'Bucket'; readonly name: string };
  /** Folder of the environment in the source, such as `dist/staging`: the start of `path`. */
  readonly path: string;
  /** The folders in their order. Each waits until all is well in the one before. */
  readonly steps: readonly FluxStep[];
  /** Namespace of the Kustomizations and of their source. @default 'flux-system' */
  readonly namespace?: string;
  /** How often the cluster is made like the source again, a minute to a day: `interval`. @default Duration.minutes(10) */
  readonly interval?: Duration;
}

type Source = NonNullable<FluxKustomizationsProps['source']>;

const GIT: Source = { kind: 'GitRepository', name: 'flux-system' };

const KINDS = { GitRepository: SourceKind.GIT_REPOSITORY, OCIRepository: SourceKind.OCI_REPOSITORY, Bucket: SourceKind.BUCKET };

/**
 * Has Flux apply an environment in steps: what the migrations need, the migrations, the pods. A step that fails holds up all
 * after it, so the version before keeps running. All have one source, because Flux then waits for the same revision of it.
 *
 * Its chart goes where no step looks. Secrets that sops encrypted are decrypted by the step of their folder. Needs Flux 2.5.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies
 */
export class FluxKustomizations extends Construct {
  /** One for each step. */
  readonly kustomizations: readonly Kustomization[];

  constructor(scope: Construct, id: string, props: FluxKustomizationsProps) {
    super(scope, id);
    requireProps(this, props, 'FluxKustomizationsProps');
    const { name, source = GIT, steps, namespace = 'flux-system', interval = Duration.minutes(10) } = props;
    requireSettings(this, { ...props, source, namespace, interval });
    // Both belong to Flux, so naming them says that they are there.
    declare(this, {
      externals: [
        { kind: 'Namespace', name: namespace },
        { kind: source.kind, name: source.name },
      ],
    });
    this.kustomizations = steps.map((step, index) => {
      const before = steps[index - 1];
      const dependsOn = before ? [{ name: `${name}-${before.folder}` }] : undefined;
      const made = new Kustomization(this, step.folder, {
        metadata: { name: `${name}-${step.folder}`, namespace, labels: labels({ ...FLUX, instance: name }) },
        spec: { ...this.specOf(props, step, source), interval: secondsText(interval), dependsOn },
      });
      edit(made, (manifest) => withDecryption(manifest, this, step.folder));
      return made;
    });
    rejectLate(this, () =>
      severalKeySecrets(
        this,
        steps.map(({ folder }) => folder),
      ),
    );
    const own = Chart.of(this);
    this.node.addValidation({ validate: () => forgotten(own, steps) });
  }

  private specOf({ path, steps }: FluxKustomizationsProps, { folder, timeout }: FluxStep, source: Source) {
    return {
      sourceRef: { kind: KINDS[source.kind], name: source.name },
      path: ['.', ...path.split('/').filter((part) => part !== '' && part !== '.'), folder].join('/'),
      // What is no longer in the source goes. Hashed names make that the jobs and the configuration of versions before.
      prune: true,
      wait: true,
      timeout: secondsText(timeout ?? Duration.minutes(10)),
      // What failed once is tried again before the next look.
      retryInterval: '2m',
      // Namespace and data are in the first: they stay where someone takes Flux away.
      ...(folder === steps[0]?.folder ? { deletionPolicy: DeletionPolicy.ORPHAN } : {}),
    };
  }
}

const FLUX = { application: 'flux', component: 'delivery' };

type Settings = FluxKustomizationsProps & Required<Pick<FluxKustomizationsProps, 'source' | 'namespace' | 'interval'>>;

function requireSettings(scope: Construct, { name, source, path, steps, namespace, interval }: Settings): void {
  // It is a label too.
  requireName(scope, name, 63);
  requireName(scope, source.name, 253, 'source.name');
  requireName(scope, namespace, 63, 'namespace');
  requireSeconds(scope, 'interval', interval, { minimum: 60, maximum: 86400, fix: 'omit it to use 10 minutes' });
  if (/\s|\.\./.test(path)) {
    reject(scope, { prop: 'path', must: 'be a folder in the source', got: path, fix: 'write it as dist/staging' });
  }
  const folders = steps.map(({ folder }) => folder);
  if (folders.length === 0 || new Set(folders).size < folders.length) {
    const fix = "write each folder once, such as [{ folder: 'base' }, { folder: 'migrate' }, { folder: 'release' }]";
    reject(scope, { prop: 'steps', must: 'name one folder or more, each once', got: folders, fix });
  }
  for (const { timeout } of steps) {
    if (timeout)
      requireSeconds(scope, 'steps.timeout', timeout, { minimum: 10, maximum: 86400, fix: 'omit it to use 10 minutes' });
  }
}

/** Files that Flux would never see, and steps that would find none. */
function forgotten(own: Chart, steps: readonly FluxStep[]): string[] {
  const others = (own.node.root as App).charts.filter((chart) => chart !== own && !standsApart(chart));
  const scope = scopeOf(own);
  const charts = others.filter((chart) => chart.node.findAll().some((one) => isObject(one) && scope.has(one)));
  const folders = new Set(charts.map(folderOf));
  const wanted = steps.map(({ folder }) => folder);
  const fix = `write inFolder(chart, '${wanted[0]}') for it, or a step for its folder`;
  const outside = charts.filter((chart) => !wanted.includes(folderOf(chart) ?? ''));
  const must = 'find each file in a folder of theirs';
  const empty = wanted.filter((folder) => !folders.has(folder));
  return [
    ...outside.map((chart) => sentence({ prop: 'steps', must, got: chart.node.id, fix })),
    ...empty.map((folder) =>
      sentence({ prop: 'steps', must: 'find files in each folder', got: folder, fix: 'leave the step out' }),
    ),
    ...(wanted.includes(folderOf(own) ?? '') ? [sentence({ ...ownPlace, got: folderOf(own) })] : []),
  ];
}

const ownPlace = {
  prop: 'steps',
  must: 'not find the Kustomizations themselves',
  fix: "write inFolder(chart, 'flux') for their chart",
};

function isObject(construct: unknown): boolean {
  return ApiObject.isApiObject(construct);
}
