import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../../model/inventory';
import type { Container } from '../../model/pods';
import type { ContainerVariable } from '../../model/variables';
import { type SelectorAt, selectorsOf, selectorText } from '../../model/selectors';
import { either, leftOut, remedy } from '../../model/remedy';
import { map, nameIn, nameOf, namespaceOf, numberOr, specOf } from '../../model/values';
import { addOrDeclare } from './references';

/** A selector that finds nothing is no error anywhere, and that is the trouble. */
export const selectorFindsPods: Rule = {
  name: 'selector-finds-pods',
  sentence: 'Every selector of a Service, a budget, a policy or a monitor finds something.',
  why: 'The Service has no endpoints, the budget keeps no pod, the policy opens no way: each is accepted and does nothing.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const at of selectorsOf(inventory)) {
      const { object, field, selector, finds } = at;
      // An empty one finds all there is.
      if (found(at, inventory)) continue;
      const wanted = selectorText(selector);
      if (wanted === '') continue;
      const must = finds === 'Pod' ? 'find pods' : 'find Services';
      const labels = finds === 'Pod' ? 'the labels of a pod template' : 'the labels of a Service';
      const operators = either(`say so: ${leftOut('selector-finds-pods').fix}`, 'leave the rule out here');
      const way = remedy`write ${labels}; where an operator makes the pods, ${operators}`;
      // Where no pods at all are of this YAML, somebody else makes them.
      const isElsewhere = finds === 'Pod' && inventory.pods.every(({ namespace }) => namespace !== at.namespace);
      yield { object, field, must, got: wanted, ...way, severity: isElsewhere ? 'warning' : undefined };
    }
  },
};

function found({ selector, namespace, finds }: SelectorAt, inventory: Inventory): boolean {
  const all = finds === 'Pod' ? inventory.select(selector, namespace) : inventory.selectServices(selector, namespace);
  return all.length > 0;
}

/** The Service of a StatefulSet gives its pods their names in the DNS. */
export const governingService: Rule = {
  name: 'governing-service',
  sentence: 'The Service of a StatefulSet exists and is headless.',
  why: 'The API server takes any name, and then no pod can be reached by its own: replicas and BEAM nodes do not find each other.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('StatefulSet')) {
      const name = nameIn(map(object.manifest['spec'])['serviceName']);
      if (name === undefined) continue;
      const field = 'spec.serviceName';
      const known = inventory.find('Service', name, namespaceOf(object.manifest));
      if (!known) {
        yield { object, field, must: 'name a Service that exists', got: name, ...addOrDeclare('Service', name) };
      } else if (known.object && map(known.object.manifest['spec'])['clusterIP'] !== 'None') {
        const fix = "set clusterIP to 'None' in that Service, or add a headless one beside it";
        // A pod alone is found by the address of the Service, too.
        const severity = numberOr(1, specOf(object)['replicas']) > 1 ? undefined : 'warning';
        yield { object, field, must: 'name a headless Service', got: name, fix, severity };
      }
    }
  },
};

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
