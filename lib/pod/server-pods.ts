import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { edit, type Manifest } from '../support/edit';
import { OptOut } from '../support/opt-out';
import { requirePodSettings, type PodSettings } from './pod-settings';

/** What the pods of a database are told beside what they run: those of the application's pods are not theirs. */
export type ServerPods = Pick<PodSettings, 'imagePullSecrets' | 'nodeSelector' | 'tolerations' | 'priorityClassName'>;

/** Refuses settings that are not for the pods of a database, or that none could have. */
export function requireServerPods(scope: IConstruct, pods: ServerPods): void {
  requirePodSettings(scope, pods);
}

/**
 * Gives the instances of a Cluster of CloudNativePG their settings; the operator makes their pods from its own fields.
 *
 * @see https://cloudnative-pg.io/documentation/current/scheduling/
 */
export function settleCluster(cluster: ApiObject, { imagePullSecrets, priorityClassName, ...placed }: ServerPods): void {
  const own = {
    ...(imagePullSecrets ? { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) } : {}),
    ...(priorityClassName === undefined || priorityClassName instanceof OptOut ? {} : { priorityClassName }),
  };
  edit(cluster, ({ spec, ...rest }: Manifest) => {
    const affinity = { ...spec.affinity, ...placed };
    return { ...rest, spec: { ...spec, ...own, ...(Object.keys(affinity).length === 0 ? {} : { affinity }) } };
  });
}
