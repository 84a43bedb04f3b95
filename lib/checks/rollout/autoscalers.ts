import type { Manifest } from '../../support/edit';
import { eachPod } from '../each';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { map, maps, nameIn, nameOf, namespaceOf, scalar, specOf, texts } from '../../model/values';

export const autoscalerOwnsReplicas = eachPod({
  name: 'autoscaler-owns-replicas',
  sentence: 'What an autoscaler scales has no number of replicas of its own.',
  why: 'Every deployment in the rush hour sets the pods back to the number in the YAML, and the rest of them carry the load.',
  source:
    'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling',
  severity: 'warning',
  *each({ object, scaler }) {
    const got: unknown = map(object.manifest['spec'])['replicas'];
    if (!scaler || scalar(got) === undefined) return;
    const must = `be left to the ${String(scaler.manifest['kind'])} ${nameOf(scaler.manifest)}`;
    yield { field: 'spec.replicas', must, got, fix: 'remove it; the fewest pods are a field of the autoscaler' };
  },
});

export const oneAutoscaler: Rule = {
  name: 'one-autoscaler',
  sentence: 'What is scaled is scaled by one autoscaler, in number or in size.',
  why: 'Each sets the pods to its own number, and they start and stop for ever; one that resizes pods by what another counts in moves its target.',
  source: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
  *find(world: World): Iterable<Finding> {
    const scalers = inventoryOf(world).ofKind('HorizontalPodAutoscaler', 'ScaledObject', 'VerticalPodAutoscaler');
    const taken = new Map<string, FinishedObject[]>();
    for (const object of scalers) {
      const target = targetOf(object);
      if (target === undefined) continue;
      const known = taken.get(target) ?? [];
      const first = known.find((other) => collide(object, other));
      known.push(object);
      taken.set(target, known);
      if (!first) continue;
      const must = `be left to the ${String(first.manifest['kind'])} ${nameOf(first.manifest)} of [${first.construct.node.path}]`;
      const got = target.slice(target.indexOf('/') + 1);
      const fix =
        isVertical(first) === isVertical(object) ? 'keep one of the two' : 'keep one, or let them go by other resources';
      yield { object, field: fieldOf(object), must, got, fix };
    }
  },
};

function fieldOf(object: FinishedObject): string {
  return isVertical(object) ? 'spec.targetRef' : 'spec.scaleTargetRef';
}

/** What is scaled, whatever version of its API is named. */
function targetOf(object: FinishedObject): string | undefined {
  const spec = specOf(object);
  const {
    apiVersion = 'apps/v1',
    kind = 'Deployment',
    name,
  } = map(isVertical(object) ? spec['targetRef'] : spec['scaleTargetRef']);
  if (nameIn(name) === undefined || (isVertical(object) && !acts(spec))) return undefined;
  return `${namespaceOf(object.manifest)} ${String(apiVersion).replace(/\/.*/, '')}/${kind} ${name}`;
}

function isVertical({ manifest }: FinishedObject): boolean {
  return manifest['kind'] === 'VerticalPodAutoscaler';
}

/** One that only recommends changes nothing. */
function acts({ updatePolicy, resourcePolicy }: Manifest): boolean {
  const policies = maps(map(resourcePolicy)['containerPolicies']);
  const off = policies.some(({ containerName, mode }) => containerName === '*' && mode === 'Off') && policies.length === 1;
  return map(updatePolicy)['updateMode'] !== 'Off' && !off;
}

function collide(one: FinishedObject, other: FinishedObject): boolean {
  if (isVertical(one) !== isVertical(other)) {
    const [vertical, horizontal] = isVertical(one) ? [one, other] : [other, one];
    const counted = countsIn(horizontal);
    return sizes(specOf(vertical)).some((resource) => counted.includes(resource));
  }
  return isVertical(one) || !(takesOver(one, other) || takesOver(other, one));
}

/** A ScaledObject may be told to go on with an autoscaler that is there. */
function takesOver(one: FinishedObject, other: FinishedObject): boolean {
  const { metadata, kind } = one.manifest;
  const transfer = map(map(metadata)['annotations'])['scaledobject.keda.sh/transfer-hpa-ownership'];
  if (kind !== 'ScaledObject' || other.manifest['kind'] !== 'HorizontalPodAutoscaler' || scalar(transfer) !== 'true')
    return false;
  const { name } = map(map(specOf(one)['advanced'])['horizontalPodAutoscalerConfig']);
  return name === nameOf(other.manifest);
}

/** The resources whose use decides how many pods there are. Without a metric it is the CPU. */
function countsIn(object: FinishedObject): string[] {
  const { metrics, triggers } = specOf(object);
  if (object.manifest['kind'] === 'ScaledObject') return maps(triggers).flatMap(({ type }) => nameIn(type) ?? []);
  if (maps(metrics).length === 0) return ['cpu'];
  return maps(metrics).flatMap(({ resource, containerResource }) => nameIn(map(resource ?? containerResource)['name']) ?? []);
}

/** The resources that pods get more or less of. */
function sizes({ resourcePolicy }: Manifest): string[] {
  const policies = maps(map(resourcePolicy)['containerPolicies']).filter(({ mode }) => mode !== 'Off');
  if (policies.length === 0) return ['cpu', 'memory'];
  return policies.flatMap(({ controlledResources }) =>
    controlledResources === undefined ? ['cpu', 'memory'] : texts(controlledResources),
  );
}
