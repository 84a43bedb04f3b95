import { annotationsOf, type Delivery, type Turn } from '../release/delivery';
import { Autoscaler } from './autoscaler';
import type { HashedConfigMap } from '../pod/hashed-config-map';
import type { ProbedDeployment } from './probed-deployment';

interface Annotated {
  readonly metadata: { addAnnotation(name: string, value: string): void };
}

/** Gives the objects of pods that keep running their turns in a delivery. */
export function giveTurns(delivery: Delivery, configMap: HashedConfigMap, pods: ProbedDeployment): void {
  const { controller, disruptionBudget, autoscaler } = pods;
  give(delivery, 'configuration', configMap.configMap);
  give(delivery, 'pods', controller);
  // Without pods a budget and an autoscaler are not healthy, and a first sync would end there.
  if (disruptionBudget) give(delivery, 'last', disruptionBudget.budget);
  if (autoscaler) give(delivery, 'last', autoscaler instanceof Autoscaler ? autoscaler.autoscaler : autoscaler.scaledObject);
}

function give(delivery: Delivery, turn: Turn, { metadata }: Annotated): void {
  for (const [name, value] of Object.entries(annotationsOf(delivery, turn))) metadata.addAnnotation(name, value);
}
