import { isIP } from 'node:net';
import type { Manifest } from '../../support/edit';
import { isLabel, isSubdomain } from '../../support/forms';
import { list, map, maps } from '../../model/values';
import {
  always,
  atLeast,
  each,
  filled,
  is,
  isGiven,
  neededWith,
  never,
  text,
  where,
  type Fault,
  type TypeRule,
} from './condition';

/** What a pod says about itself and its place in the cluster. Some of it is refused when the pod is made, after its Deployment was taken. */
export const podFields: TypeRule = {
  name: 'pod-fields',
  sentence: 'Names and addresses in a pod are valid, its deadline is in the future, and its priority has a class.',
  why: 'The API server refuses the pod template, or takes the Deployment and refuses each of its pods.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#pod-priority',
  types: {
    PodSpec: [
      where(
        'hostname subdomain',
        "be at most 63 lower-case letters, digits and '-'",
        'write one label, without dots',
        filled(isLabel),
      ),
      where('nodeName priorityClassName', 'be a DNS name', 'use the name of one in the cluster', filled(isSubdomain)),
      where('runtimeClassName', 'be a DNS name', 'use the name of one in the cluster', text(isSubdomain)),
      is('activeDeadlineSeconds', atLeast(1), 'write seconds, as in 600, or leave it out'),
      where(
        'priority',
        'not be given as a number',
        'name a PriorityClass with priorityClassName',
        (got, { priorityClassName }) => typeof got !== 'number' || got === 0 || Boolean(priorityClassName),
      ),
      where(
        'preemptionPolicy',
        'come from a PriorityClass',
        'name a PriorityClass that says so with priorityClassName',
        (got, { priorityClassName }) => got !== 'Never' || Boolean(priorityClassName),
      ),
      where(
        'overhead',
        'stand beside a runtimeClassName',
        'take it out: the class of the runtime says it',
        (_got, { runtimeClassName }) => Boolean(runtimeClassName),
      ),
    ],
    HostAlias: [always('ip', 'be an address', 'write the address that the names stand for', isAddress)],
  },
};

/** How the containers of a pod find names. */
export const podDns: TypeRule = {
  name: 'pod-dns',
  sentence: "Options of a pod's DNS have names, its domains are valid, and its servers are addresses, three at most.",
  why: 'The API server refuses the pod template, with the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config',
  types: {
    PodDNSConfigOption: [
      always('name', 'be given', 'write a name such as ndots', (got) => typeof got === 'string' && got !== ''),
    ],
    PodDNSConfig: [
      where('searches[]', 'be a DNS name', 'write a domain such as example.com', text(isSearch)),
      each('nameservers', 'be addresses', 'write the address of the server', text(isAddress)),
      where('nameservers', 'be three at most', 'leave the others out', (got) => list(got).length <= 3),
    ],
    PodSpec: [neededWith('dnsConfig.nameservers', { dnsPolicy: 'None' }, 'name a server, or leave dnsPolicy out')],
  },
};

/** A server is started again for ever; a job ends. */
export const podRestartPolicy: TypeRule = {
  name: 'pod-restart-policy',
  sentence: "Pods of servers restart always and have no deadline; those of jobs say 'Never' or 'OnFailure'.",
  why: 'The API server refuses a Job whose pods restart always, which is the default, and a Deployment whose pods may end.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-template',
  types: {
    JobSpec: [
      always(
        'template.spec.restartPolicy',
        "be 'Never' or 'OnFailure'",
        "write 'Never': each try is a pod of its own, with its log",
        (got, { template }) => !map(template)['spec'] || (isGiven(got) && got !== 'Always'),
      ),
    ],
    'DeploymentSpec StatefulSetSpec DaemonSetSpec ReplicaSetSpec': [
      where(
        'template.spec.restartPolicy',
        "be 'Always'",
        'leave it out, or make a Job of it',
        (got) => got !== 'Never' && got !== 'OnFailure',
      ),
      where('template.spec.activeDeadlineSeconds', 'not be given', 'take it out: only jobs have a deadline', never),
    ],
  },
};

/** What runs before the pod starts is not served, asked or stopped; a sidecar among the init containers is. */
export const initContainers: TypeRule = {
  name: 'init-containers',
  sentence: 'Init containers have no probes and hooks unless they are sidecars, and other containers no restartPolicy.',
  why: 'The API server refuses the pod template: a container copied among the init containers brings its probes along.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#differences-from-regular-containers',
  types: {
    PodSpec: [
      where(
        'containers[].restartPolicy',
        'stand on init containers alone before Kubernetes 1.35',
        'move the sidecar to initContainers, or leave the policy to the pod',
        (got, _of, minor) => typeof got !== 'string' || minor >= 35,
      ),
      askedBeforeStart,
    ],
  },
};

function* askedBeforeStart(pod: Manifest): Iterable<Fault> {
  for (const [index, container] of maps(pod['initContainers']).entries()) {
    if (container['restartPolicy'] === 'Always') continue;
    for (const got of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'].filter((name) => isGiven(container[name])))
      yield {
        field: `initContainers[${index}].${got}`,
        must: 'not be given: the container ends before the pod starts',
        got,
        fix: "take it out, or make a sidecar of it with restartPolicy: 'Always'",
      };
  }
}

function isAddress(value: unknown): boolean {
  return isIP(String(value)) !== 0;
}

/** A domain to search in: names of hosts with an underscore are not unusual there, and a dot may end it. */
function isSearch(domain: string): boolean {
  return domain === '.' || isSubdomain(domain.replace(/\.$/, '').replaceAll('_', '0'));
}
