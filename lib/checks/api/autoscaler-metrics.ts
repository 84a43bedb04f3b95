import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps, specOf } from '../world/values';
import { isBelow } from './numbers';

type Fault = Omit<Finding, 'object'>;

const SOURCES: Readonly<Record<string, string>> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
};
/** The targets that the API server takes, by the type of the metric. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  Resource: ['averageUtilization', 'averageValue'],
  ContainerResource: ['averageUtilization', 'averageValue'],
  Pods: ['averageValue'],
  Object: ['value', 'averageValue'],
  External: ['value', 'averageValue'],
};

/** What an autoscaler looks at. */
export const autoscalerMetrics: Rule = {
  name: 'autoscaler-metrics',
  sentence: 'Every metric of an autoscaler has the source of its type, and one target above 0.',
  why: 'The API server refuses the autoscaler, and the pods stay as few as they are while the load grows.',
  source:
    'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/#autoscaling-on-multiple-metrics-and-custom-metrics',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('HorizontalPodAutoscaler')) {
      if (object.manifest['apiVersion'] !== 'autoscaling/v2') continue;
      for (const [index, metric] of maps(specOf(object)['metrics']).entries())
        for (const fault of faultsOf(metric)) yield { ...fault, object, field: `spec.metrics[${index}]${fault.field}` };
    }
  },
};

function* faultsOf(metric: Manifest): Iterable<Fault> {
  const { type } = metric;
  const wanted = SOURCES[String(type)];
  if (wanted === undefined) return;
  const given = Object.values(SOURCES).filter((source) => metric[source] !== undefined && metric[source] !== null);
  if (given.length !== 1 || given[0] !== wanted) {
    const got = given.length === 0 ? undefined : given.join(' and ');
    yield { field: '', must: `have ${wanted} alone, as its type ${type} says`, got, fix: 'make a metric for each source' };
    return;
  }
  const target = map(map(metric[wanted])['target']);
  const field = `.${wanted}.target`;
  const allowed = TARGETS[String(type)] ?? [];
  const targets = ['averageUtilization', 'averageValue', 'value'].filter(
    (name) => target[name] !== undefined && target[name] !== null,
  );
  const [only] = targets;
  if (targets.length !== 1 || only === undefined || !allowed.includes(only)) {
    const got = targets.length === 0 ? undefined : targets.join(' and ');
    yield { field, must: `have ${allowed.join(' or ')}, one target in all`, got, fix: 'leave the one that you scale by' };
    return;
  }
  const amount: unknown = target[only];
  const number =
    only === 'averageUtilization'
      ? amount
      : typeof amount === 'string' || typeof amount === 'number'
        ? parseQuantity(amount)
        : undefined;
  if (number === 0 || isBelow(number, 0))
    yield {
      field: `${field}.${only}`,
      must: 'be above 0',
      got: amount,
      fix: 'write the load of one pod at work, as in 60 percent',
    };
}
