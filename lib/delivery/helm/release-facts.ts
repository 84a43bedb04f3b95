import { list, map, numberOr, text } from '../../model/values';
import { CLUSTER_LABEL } from '../../support/cluster-label';
import type { Manifest } from '../../support/edit';

/** What a chart says of the objects in it, read from them. */
export interface ReleaseFacts {
  /** The application, as its objects call it. */
  readonly application: string;
  readonly namespace: string;
  /** The cluster that they are for. @default - they name none */
  readonly cluster?: string;
  /** The image that migrates, which is that of the release. */
  readonly image: string;
  /** What runs, as the labels call it. */
  readonly version: string;
  /** The oldest Kubernetes that the environment is for: `1.30`. Not known without a Namespace of ours. */
  readonly kubernetes?: string;
  /** How long Helm waits, in minutes: longer than each hook, and than the roll-out. */
  readonly timeout: number;
  /** What is to be rolled out: `deployment/shop`. */
  readonly controllers: readonly string[];
}

const HOOK = 'helm.sh/hook';
const PODS_ENFORCED = 'pod-security.kubernetes.io/enforce-version';

/** What is known of the objects of an environment; undefined where none of its jobs is a hook of Helm. */
export function releaseFacts(objects: readonly Manifest[]): ReleaseFacts | undefined {
  const jobs = objects.filter(({ kind, metadata }) => kind === 'Job' && HOOK in map(map(metadata)['annotations']));
  const job = jobs.find((one) => labelsOf(one)['app.kubernetes.io/component'] === 'migrate') ?? jobs[0];
  if (!job) return undefined;
  const labels = labelsOf(job);
  const podSpec = map(map(map(job['spec'])['template'])['spec']);
  const [, kubernetes] = /^v(\d+\.\d+)$/.exec(objects.map((one) => text(labelsOf(one)[PODS_ENFORCED])).find(Boolean) ?? '') ?? [];
  const controllers = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  const seconds = [
    ...jobs.map(({ spec }) => numberOr(0, map(spec)['activeDeadlineSeconds'])),
    ...controllers.map(({ spec }) => numberOr(600, map(spec)['progressDeadlineSeconds'])),
  ];
  return {
    application: text(labels['app.kubernetes.io/name']) ?? '',
    namespace: text(map(job['metadata'])['namespace']) ?? '',
    cluster: text(labels[CLUSTER_LABEL]),
    image: text(map(list(podSpec['containers'])[0])['image']) ?? '',
    version: text(labels['app.kubernetes.io/version']) ?? '',
    kubernetes,
    timeout: Math.ceil(Math.max(...seconds) / 60) + 1,
    controllers: controllers.map(resource),
  };
}

function labelsOf({ metadata }: Manifest): Manifest {
  return map(map(metadata)['labels']);
}

function resource({ kind, metadata }: Manifest): string {
  return `${String(kind).toLowerCase()}/${text(map(metadata)['name']) ?? ''}`;
}
