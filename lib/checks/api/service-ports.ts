import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { isQualifiedName } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { maps, specOf } from '../world/values';
import { portFault } from './port-values';

/** What a Service listens on. */
export const servicePorts: Rule = {
  name: 'service-ports',
  sentence: 'A Service has ports from 1 to 65535, each with a name of its own.',
  why: 'The API server refuses the Service, and the application has no address.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('Service'))
      for (const fault of faultsOf(specOf(object))) yield { ...fault, object };
  },
};

function* faultsOf({ ports, type, clusterIP }: Manifest): Iterable<Omit<Finding, 'object'>> {
  const list = maps(ports);
  if (list.length === 0 && type !== 'ExternalName' && clusterIP !== 'None')
    yield { field: 'spec.ports', must: 'have a port', got: ports, fix: 'add the port that clients use' };
  const names = new Map<string, number>();
  for (const [index, { name, port, targetPort, appProtocol }] of list.entries()) {
    const field = `spec.ports[${index}]`;
    for (const [part, got] of Object.entries({ port, targetPort })) {
      const fault = portFault(got);
      if (fault) yield { field: `${field}.${part}`, got, ...fault };
    }
    if (typeof appProtocol === 'string' && !isQualifiedName(appProtocol)) {
      const fix = 'write a name such as https or kubernetes.io/h2c';
      yield { field: `${field}.appProtocol`, must: 'name a protocol', got: appProtocol, fix };
    }
    if (typeof name !== 'string' || name === '') continue;
    const first = names.get(name);
    if (first === undefined) names.set(name, index);
    else yield { field: `${field}.name`, must: `differ from that of ports[${first}]`, got: name, fix: 'rename one of the two' };
  }
}
