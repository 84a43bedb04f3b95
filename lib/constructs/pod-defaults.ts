import { Construct } from 'constructs';
import { requirePodSettings, type PodSettings } from '../pod/pod-settings';
import { settleBelow } from '../pod/pods-below';
import { requireProps } from '../support/props';

/** Properties of {@link PodDefaults}: the settings of pods, but for the user, which files of an image may belong to. */
export type PodDefaultsProps = Omit<PodSettings, 'user' | 'group'>;

/**
 * Tells all pods below a construct what they do not say themselves, whoever makes them and whether they are made before it or
 * later: Deployments, StatefulSets, DaemonSets, Jobs, CronJobs, bare pods. Of a mapping what they name themselves stays, key by
 * key; of all else, what they say at all. What an operator makes, such as the instances of a database, has settings of its own.
 *
 * @example new PodDefaults(chart, 'Pods', { imagePullSecrets: ['registry'] });
 */
export class PodDefaults extends Construct {
  constructor(scope: Construct, id: string, props: PodDefaultsProps) {
    super(scope, id);
    requireProps(this, props, 'PodDefaultsProps');
    requirePodSettings(this, props, '');
    settleBelow(scope, props, this);
  }
}
