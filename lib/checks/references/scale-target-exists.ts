import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { kindOf } from '../world/kinds';
import { map, nameIn, namespaceOf, placesOf } from '../world/values';
import { dangling } from './references';

const SCALERS: Readonly<Record<string, string>> = {
  HorizontalPodAutoscaler: 'spec.scaleTargetRef',
  ScaledObject: 'spec.scaleTargetRef',
  VerticalPodAutoscaler: 'spec.targetRef',
};

/** An autoscaler of nothing reports an error that nobody reads. */
export const scaleTargetExists: Rule = {
  name: 'scale-target-exists',
  sentence: 'What an autoscaler scales exists.',
  why: 'The replicas stay where they are while the load grows, and only the conditions of the autoscaler say why.',
  source: 'https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const [scaler, place] of Object.entries(SCALERS)) {
      const wanted = inventory.ofKind(scaler).flatMap((object) =>
        placesOf(object.manifest, place).flatMap(({ field: path, value }) => {
          // KEDA's default is a Deployment.
          const { apiVersion = 'apps/v1', kind = 'Deployment', name } = map(value);
          const target = nameIn(name);
          const namespace = namespaceOf(object.manifest);
          if (target === undefined) return [];
          return [{ object, field: `${path}.name`, kind: kindOf({ apiVersion, kind }), name: target, namespace }];
        }),
      );
      yield* dangling(wanted, inventory);
    }
  },
};
