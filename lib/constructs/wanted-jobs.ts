import { Chart, Duration, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct, IConstruct } from 'constructs';
import type { InitCommand } from '../pod/init-command';
import { podMounts, type Mount } from '../pod/mount';
import { declaredIn } from '../support/declare';
import { SCRIPTS, type ScriptFiles } from '../release/scripts';
import { labels } from '../support/labels';
import type { PhoenixRelease } from './phoenix-release';

/** The container that ends a job which is no longer wanted, and the exit code by which it says so. */
const [CONTAINER, GONE] = ['still-wanted', 3];

/** Names do not change within a release, so the list has one that does not either: no job is left with an old one. */
const listName = (release: PhoenixRelease): string => `${release.application.name}-jobs`;

/** Without the list nobody says that the job is not wanted. */
const ASK = `case " $WANTED " in
  "  " | *" $JOB "*) ;;
  *)
    echo "$JOB is of a version that was given up, and ends"
    exit ${GONE}
    ;;
esac
`;

/** What ends a job that is no longer wanted. */
export interface UnwantedEnds {
  /** What a run asks before it begins. */
  readonly commands: readonly InitCommand[];
  /** The scripts of what it asks. */
  readonly scripts: ScriptFiles;
  /** What the answer means. */
  readonly rules: readonly FailureRule[];
}

/** The schema of 1.27 wants `onPodConditions` in each rule, which the API server refuses beside `onExitCodes`. */
type FailureRule = Partial<k8s.PodFailurePolicyRule> & Pick<k8s.PodFailurePolicyRule, 'action'>;

/**
 * Has each run of a job ask first whether the job is still wanted: with `kubectl apply` nothing else takes away the failing job
 * of a version that was given up, and its next try would change the schema under the pods of the one before. The kubelet reads
 * the list for the container, so the pod needs no rights.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 */
export function endsUnwanted(release: PhoenixRelease, own: readonly Mount[] = []): UnwantedEnds {
  if (release.delivery !== 'apply') return { commands: [], scripts: {}, rules: [] };
  const without = podMounts([...release.mounts, ...own]).map(({ name }) => name);
  const variables = {
    JOB: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } },
    WANTED: { configMapKeyRef: { name: listName(release), key: 'wanted', optional: true } },
  };
  return {
    commands: [
      { name: CONTAINER, command: ['sh', `${SCRIPTS}/${CONTAINER}.sh`], variables, without, limit: Duration.seconds(10) },
    ],
    scripts: { [`${CONTAINER}.sh`]: ASK },
    rules: [{ action: 'FailJob', onExitCodes: { containerName: CONTAINER, operator: 'In', values: [GONE] } }],
  };
}

/**
 * The list of the jobs of a release, once for each, where it is applied before all of them: with the first job before the
 * roll-out, in the first file that has one. A job that found the list of the version before would take itself for unwanted.
 */
export function listWanted(scope: Construct, release: PhoenixRelease): void {
  if (release.delivery !== 'apply') return;
  const jobs = () => declaredIn(scope).jobs.filter((job) => job.release === release);
  const holder = jobs().find(({ job }) => job.node.tryFindChild(LIST))?.job;
  if (holder && isAppliedFirst(holder, scope)) return;
  holder?.node.tryRemoveChild(LIST);
  const { name } = release.application;
  new k8s.KubeConfigMap(scope, LIST, {
    metadata: { name: listName(release), labels: labels({ application: name, instance: name, component: 'jobs' }) },
    data: {
      wanted: Lazy.any({
        produce: () =>
          jobs()
            .map((job) => job.name())
            .sort()
            .join(' '),
      }) as string,
    },
  });
}

const LIST = 'Wanted';

/** Whether what a construct makes is applied before what another one does. */
function isAppliedFirst(one: IConstruct, other: IConstruct): boolean {
  const [its, own] = [Chart.of(one).node.path, Chart.of(other).node.path];
  return its === own ? one.node.root.node.findAll().find((each) => each === one || each === other) === one : its < own;
}
