import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import type { Container } from '../../model/pods';
import type { ContainerVariable } from '../../model/variables';
import { nameOf, namespaceOf } from '../../model/values';

/** A full name in the DNS keeps its namespace when everything else is moved to another one. */
export const serviceInItsNamespace: Rule = {
  name: 'service-in-its-namespace',
  sentence: 'A variable that names a Service of the environment by its full name names the namespace that it is in.',
  why: 'Nobody answers to the name: nodes look for each other for ever, and connections to the database are refused by the DNS.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#namespaces-of-services',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const told = new Set<string>();
    for (const { containers, namespace } of inventory.pods) {
      for (const { name, value, secret, object, field } of containers.flatMap(variablesOf)) {
        // Fields of the pod are known in the cluster alone, and what a Secret holds is not shown.
        if (!value?.includes('.svc') || secret !== undefined) continue;
        const place = `${object.construct.node.path} ${field}`;
        if (told.has(place)) continue;
        for (const [full, service = '', wrong = ''] of value.matchAll(
          /(?<![\w.-])([a-z][a-z0-9-]*)\.([a-z][a-z0-9-]*)\.svc(?![\w-])/g,
        )) {
          const meant = inventory
            .ofKind('Service')
            .find(({ manifest }) => nameOf(manifest) === service && namespaceOf(manifest) === namespace);
          if (namespace === '' || wrong === namespace || !meant || inventory.find('Service', service, wrong)) continue;
          told.add(place);
          const must = `name Service ${service} in its own namespace, ${namespace}`;
          yield { object, field, must, got: full, fix: `write ${service}.${namespace}.svc in ${name}, or ${service} alone` };
        }
      }
    }
  },
};

function variablesOf({ variables }: Container): readonly ContainerVariable[] {
  return [...variables.byName.values()];
}
