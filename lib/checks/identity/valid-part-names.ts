import type { Finding, FinishedObject, Rule, World } from '../rule';
import { portsOfService } from '../world/routes';
import { isLabel } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { map, maps, nameIn, placesOf } from '../world/values';
import { placesInPod } from '../world/pods';

const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/;
const isPort = (text: string): boolean => PORT_NAME.test(text);

const LABEL_WORDS = "be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends";
const PORT_WORDS = "be at most 15 lower-case letters, digits and single '-', a letter among them, none at the ends a '-'";

/** The names inside an object have forms of their own. */
export const validPartNames: Rule = {
  name: 'valid-part-names',
  sentence: 'Every name of a container, a volume or a port is valid.',
  why: 'One port name of 16 characters has the whole Deployment refused in the middle of an apply.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#port-definitions',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const pod of inventory.pods) {
      const { object, containers } = pod;
      for (const { path, spec: container } of containers) {
        yield* judge(object, `${path}.name`, container['name'], isLabel, LABEL_WORDS);
        for (const [index, { name }] of maps(container['ports']).entries()) {
          yield* judge(object, `${path}.ports[${index}].name`, name, isPort, PORT_WORDS);
        }
      }
      for (const { field, value } of placesInPod(pod, 'volumes[]')) {
        yield* judge(object, `${field}.name`, map(value)['name'], isLabel, LABEL_WORDS);
      }
    }
    for (const object of inventory.ofKind('StatefulSet')) {
      for (const { field, value } of placesOf(object.manifest, 'spec.volumeClaimTemplates[].metadata.name')) {
        yield* judge(object, field, value, isLabel, LABEL_WORDS);
      }
    }
    for (const object of inventory.ofKind('Service')) yield* ofService(object);
  },
};

function* ofService(object: FinishedObject): Iterable<Finding> {
  const ports = portsOfService(object);
  for (const [index, { name }] of ports.entries()) {
    const field = `spec.ports[${index}].name`;
    if (nameIn(name) !== undefined) yield* judge(object, field, name, isLabel, LABEL_WORDS);
    else if (ports.length > 1)
      yield { object, field, must: 'be given where there are several', got: name, fix: 'name every port' };
  }
}

function* judge(
  object: FinishedObject,
  field: string,
  name: unknown,
  fits: (text: string) => boolean,
  must: string,
): Iterable<Finding> {
  // What is missing or no text is refused by the rules of the API server.
  const given = nameIn(name);
  if (given !== undefined && !fits(given)) yield { object, field, must, got: name, fix: 'rename it' };
}
