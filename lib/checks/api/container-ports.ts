import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { maps } from '../world/values';
import { portFault } from './port-values';

/** A Service, a probe and a NetworkPolicy find a port by its name. */
export const containerPorts: Rule = {
  name: 'container-ports',
  sentence: 'Ports of a container are from 1 to 65535 and have names of their own.',
  why: 'Of two ports with one name nobody can say which a probe or a Service means, and the API server refuses the Deployment.',
  source: 'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports',
  *find(world: World): Iterable<Finding> {
    for (const { object, containers } of inventoryOf(world).pods) {
      for (const { path, spec: container } of containers) {
        for (const fault of portsOf(container)) yield { ...fault, object, field: `${path}.${fault.field}` };
      }
    }
  },
};

function* portsOf(container: Manifest): Iterable<Omit<Finding, 'object'>> {
  const names = new Map<string, number>();
  for (const [index, { containerPort, hostPort, name }] of maps(container['ports']).entries()) {
    const field = `ports[${index}]`;
    const number = portFault(containerPort);
    if (number) yield { field: `${field}.containerPort`, got: containerPort, ...number };
    const host = hostPort === 0 ? undefined : portFault(hostPort);
    if (host) yield { field: `${field}.hostPort`, got: hostPort, ...host };
    if (typeof name !== 'string' || name === '') continue;
    const first = names.get(name);
    if (first === undefined) names.set(name, index);
    else yield { field: `${field}.name`, must: `differ from that of ports[${first}]`, got: name, fix: 'rename one of the two' };
  }
}
