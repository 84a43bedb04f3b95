import { isIP } from 'node:net';
import type { Finding, Rule, World } from '../rule';
import { isLabel, isSubdomain } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { placesInPod, type Pod } from '../world/pods';
import { map } from '../world/values';
import { isBelow } from './numbers';

type Fault = Omit<Finding, 'object'>;

/** What a pod says about itself and its place in the cluster. */
export const podFields: Rule = {
  name: 'pod-fields',
  sentence: 'Names and addresses in a pod are valid, its deadline is in the future, and its priority has a class.',
  why: 'The API server refuses the pod template, or takes the Deployment and refuses each of its pods.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#pod-priority',
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      for (const fault of [...names(pod), ...addresses(pod), ...admitted(pod)]) yield { ...fault, object: pod.object };
    }
  },
};

function* names({ spec, path }: Pod): Iterable<Fault> {
  const { hostname, subdomain, nodeName, runtimeClassName } = spec;
  for (const [name, got] of Object.entries({ hostname, subdomain })) {
    if (typeof got !== 'string' || got === '' || isLabel(got)) continue;
    const must = "be at most 63 lower-case letters, digits and '-'";
    yield { field: `${path}.${name}`, must, got, fix: 'write one label, without dots' };
  }
  for (const [name, got] of Object.entries({ nodeName, runtimeClassName })) {
    if (typeof got !== 'string' || isSubdomain(got) || (got === '' && name === 'nodeName')) continue;
    yield { field: `${path}.${name}`, must: 'be a DNS name', got, fix: 'use the name of one in the cluster' };
  }
}

function* addresses(pod: Pod): Iterable<Fault> {
  for (const { field, value } of placesInPod(pod, 'hostAliases[]')) {
    const { ip } = map(value);
    if (isIP(String(ip)) !== 0) continue;
    yield { field: `${field}.ip`, must: 'be an address', got: ip, fix: 'write the address that the names stand for' };
  }
}

/** What is refused when the pod is made, long after its Deployment was taken. */
function* admitted({ spec, path }: Pod): Iterable<Fault> {
  const { activeDeadlineSeconds, priority, preemptionPolicy, priorityClassName, overhead, runtimeClassName } = spec;
  if (isBelow(activeDeadlineSeconds, 1)) {
    const fix = 'write seconds, as in 600, or leave it out';
    yield { field: `${path}.activeDeadlineSeconds`, must: 'be 1 or more', got: activeDeadlineSeconds, fix };
  }
  if (typeof priority === 'number' && priority !== 0 && !priorityClassName) {
    const fix = 'name a PriorityClass with priorityClassName';
    yield { field: `${path}.priority`, must: 'not be given as a number', got: priority, fix };
  }
  if (preemptionPolicy === 'Never' && !priorityClassName) {
    const fix = 'name a PriorityClass that says so with priorityClassName';
    yield { field: `${path}.preemptionPolicy`, must: 'come from a PriorityClass', got: preemptionPolicy, fix };
  }
  if (overhead === undefined || overhead === null || runtimeClassName) return;
  const must = 'stand beside a runtimeClassName';
  yield { field: `${path}.overhead`, must, got: overhead, fix: 'take it out: the class of the runtime says it' };
}
