import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps } from '../world/values';
import { isBelow } from './numbers';
import { portFault } from './port-values';

type Fault = Omit<Finding, 'object'>;
const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'];
const HANDLERS = ['exec', 'grpc', 'httpGet', 'tcpSocket'];
const TIMES = ['initialDelaySeconds', 'periodSeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold'];

/** A probe that was changed by a patch keeps its former handler beside the new one. */
export const probeFields: Rule = {
  name: 'probe-fields',
  sentence: 'A probe asks in one way, and its thresholds are those that its kind may have.',
  why: 'A probe with two handlers, or a liveness probe that wants two successes, is refused together with its whole Deployment.',
  source:
    'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes',
  *find(world: World): Iterable<Finding> {
    for (const { object, containers } of inventoryOf(world).pods) {
      for (const { path, spec: container } of containers) {
        for (const name of PROBES) {
          if (container[name] === undefined || container[name] === null) continue;
          for (const fault of faultsOf(name, map(container[name])))
            yield { ...fault, object, field: `${path}.${name}${fault.field}` };
        }
      }
    }
  },
};

function* faultsOf(name: string, probe: Manifest): Iterable<Fault> {
  const handlers = HANDLERS.filter((handler) => probe[handler] !== undefined && probe[handler] !== null);
  if (handlers.length !== 1) {
    const got = handlers.length === 0 ? undefined : handlers.join(' and ');
    yield { field: '', must: `have one of ${HANDLERS.join(', ')}`, got, fix: 'leave the one that shows the pod at work' };
  }
  for (const time of TIMES) {
    if (!isBelow(probe[time], 0)) continue;
    yield { field: `.${time}`, must: 'be 0 or more', got: probe[time], fix: 'leave it out for the default' };
  }
  const { successThreshold, terminationGracePeriodSeconds: grace } = probe;
  const readiness = name === 'readinessProbe';
  if (!readiness && typeof successThreshold === 'number' && successThreshold > 1)
    yield { field: '.successThreshold', must: 'be 1', got: successThreshold, fix: 'only a readiness probe may ask for more' };
  if (readiness && grace !== undefined && grace !== null) {
    const fix = 'set it on the liveness probe: readiness ends no container';
    yield { field: '.terminationGracePeriodSeconds', must: 'not be given', got: grace, fix };
  } else if (isBelow(grace, 1)) {
    yield { field: '.terminationGracePeriodSeconds', must: 'be 1 or more', got: grace, fix: "leave it out for the pod's own" };
  }
  yield* handlerFaults(probe);
}

/** What may be wrong with how a probe, or a hook, asks. */
export function* handlerFaults(handler: Manifest): Iterable<Fault> {
  for (const name of ['httpGet', 'tcpSocket', 'grpc']) {
    const { port } = map(handler[name]);
    const fault = portFault(port);
    if (fault) yield { field: `.${name}.port`, got: port, ...fault };
  }
  for (const [index, { name }] of maps(map(handler['httpGet'])['httpHeaders']).entries()) {
    if (typeof name !== 'string' || name === '' || /^[-A-Za-z0-9]+$/.test(name)) continue;
    const must = 'be letters, digits and dashes';
    yield { field: `.httpGet.httpHeaders[${index}].name`, must, got: name, fix: 'write the name alone, as in X-Forwarded-Proto' };
  }
  const { exec } = handler;
  if (exec === undefined || exec === null || maps(map(exec)['command']).length > 0) return;
  yield {
    field: '.exec.command',
    must: 'have a word',
    got: map(exec)['command'],
    fix: 'write the program and its arguments as a list',
  };
}
