import type { Size } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { DATA, dataVolume, withKeptTemplates } from '../pod/claim-templates';
import type { PodMount } from '../pod/mount';
import { edit } from '../support/edit';
import { declare } from '../support/declare';
import { selector } from '../support/labels';
import type { OptOut } from '../support/opt-out';
import { secondsOf } from '../support/quantity';
import { reject } from '../support/reject';
import { requireName, requireReason, requireSize } from '../support/values';
import { replicasField, type Replicas } from './replicas';
import { keptVersions, type Rollout } from './rollout';

/**
 * Pods whose names stay: `shop-0`, `shop-1`, and with them the names of their nodes and a volume for each. For what is kept by the
 * name of a node (Mnesia, Khepri, Ra), or must never run twice, not even while a node is drained.
 *
 * A StatefulSet in the place of the Deployment: a pod is replaced by one of its name when it is gone for sure, so a roll-out takes
 * them one by one, each away before the next one comes, and of a node that is lost somebody must say so before its pods come again.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
export interface Stateful {
  /** A volume of its own for each pod. It stays when the pod goes, and fewer pods leave theirs behind: `volumeClaimTemplates`. @default - the name alone stays */
  readonly volume?: StatefulVolume;
  /**
   * Whether pods start one after the other, each when the one before is ready, or all at once: `podManagementPolicy`. Nodes that are
   * ready only once they see most of the others must start at once. A roll-out goes one by one either way. @default 'Parallel'
   */
  readonly podManagementPolicy?: 'OrderedReady' | 'Parallel';
}

/** What each pod keeps. */
export interface StatefulVolume {
  /** Where the containers see it: `volumeMounts[].mountPath`. */
  readonly path: string;
  /** How much room each has: `resources.requests.storage`. */
  readonly storage: Size;
  /** Kind of the volumes. It never changes: `storageClassName`. @default - the cluster's default */
  readonly storageClass?: string;
  /** Why the volumes may go with the pods, as in a preview that nobody will miss: `persistentVolumeClaimRetentionPolicy`. @default - they stay */
  readonly deleteVolume?: OptOut;
}

/** Refuses what no StatefulSet has. */
export function requireStateful(scope: Construct, { volume }: Stateful, { surge, progressDeadline }: Rollout): void {
  for (const [prop, got] of Object.entries({ surge, progressDeadline })) {
    if (got === undefined) continue;
    const must = "be left out beside 'stateful': its pods are replaced one by one, each away before the next one comes";
    reject(scope, { prop: `rollout.${prop}`, must, got, fix: 'take it out' });
  }
  if (!volume) return;
  const { storage, storageClass, deleteVolume } = volume;
  if (storageClass !== undefined) requireName(scope, storageClass, 253, 'stateful.volume.storageClass');
  requireReason(scope, 'stateful.volume.deleteVolume', deleteVolume);
  requireSize(scope, 'stateful.volume.storage', storage);
}

/** The mount of what each pod keeps. */
export function ownMounts({ volume }: Stateful = {}): readonly PodMount[] {
  return volume ? [{ name: DATA, path: volume.path }] : [];
}

/** What a StatefulSet is made from. */
export interface StatefulPods {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that no version changes. */
  readonly ownLabels: Readonly<Record<string, string>>;
  readonly replicas: Replicas;
  readonly rollout: Rollout;
  readonly stateful: Stateful;
  /** Name of the headless Service that the pods have their names from. @default - one of their own */
  readonly serviceName?: string;
  readonly template: k8s.PodTemplateSpec;
}

/** The StatefulSet under `scope`. */
export function statefulPods(scope: Construct, pods: StatefulPods): k8s.KubeStatefulSet {
  const { name, labels, ownLabels, replicas, rollout, stateful, template } = pods;
  const { volume, podManagementPolicy = 'Parallel' } = stateful;
  const { minReady, history } = keptVersions(scope, rollout);
  const { serviceName = headlessService(scope, name, ownLabels) } = pods;
  const whenDeleted = volume?.deleteVolume ? 'Delete' : 'Retain';
  const statefulSet = new k8s.KubeStatefulSet(scope, 'StatefulSet', {
    metadata: { name, labels: { ...labels } },
    spec: {
      ...replicasField(replicas),
      serviceName,
      podManagementPolicy,
      selector: { matchLabels: selector(name) },
      updateStrategy: { type: 'RollingUpdate' },
      minReadySeconds: secondsOf(minReady),
      revisionHistoryLimit: history,
      template,
      ...(volume
        ? {
            persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled: 'Retain' },
            volumeClaimTemplates: [dataVolume(volume, ownLabels)],
          }
        : {}),
    },
  });
  if (volume) edit(statefulSet, withKeptTemplates);
  if (volume?.deleteVolume) {
    declare(scope, { leftOut: [{ rule: 'volumes-kept', optOut: volume.deleteVolume, target: statefulSet }] });
  }
  return statefulSet;
}

/** Gives each pod a name in the DNS, ready or not: they look for each other while they boot. */
function headlessService(scope: Construct, pods: string, labels: Readonly<Record<string, string>>): string {
  const name = `${pods}-pods`;
  new k8s.KubeService(scope, 'Names', {
    metadata: { name, labels: { ...labels } },
    spec: { clusterIp: 'None', publishNotReadyAddresses: true, selector: selector(pods) },
  });
  return name;
}
