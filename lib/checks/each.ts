import type { Finding, FinishedObject, Rule, World } from './rule';
import { type BeamContainer, beamContainers, placeOf } from '../model/beam';
import { inventoryOf } from '../model/inventory';
import { type Container, everyContainer, type OwnedContainer, type Pod } from '../model/pods';
import { probedContainers } from '../model/probes';
import { once } from '../model/values';

/** What is found at one of many: at its own object, where no other is named. */
export type Fault = Omit<Finding, 'object'> & Partial<Pick<Finding, 'object'>>;

/** What is found at a variable of a release, or at the container that lacks it. */
export type AtVariable = Omit<Finding, 'object' | 'field'> & { readonly variable: string };

/** A rule that asks the same of each of many, and what it finds at one of them. */
export interface Each<Item, Found = Fault> extends Omit<Rule, 'find'> {
  readonly each: (item: Item, world: World) => Iterable<Found>;
}

/** Makes rules about each of what there is of a sort. */
export function ruleFor<Item, Found>(
  items: (world: World) => readonly Item[],
  complete: (found: Found, item: Item) => Finding,
): (rule: Each<Item, Found>) => Rule {
  return ({ each, ...rule }) => ({
    ...rule,
    find(world: World): readonly Finding[] {
      const findings: Finding[] = [];
      for (const item of items(world)) for (const found of each(item, world)) findings.push(complete(found, item));
      return findings;
    },
  });
}

/** A rule about each container that runs a BEAM. */
export const eachBeam = ruleFor<BeamContainer, Fault | AtVariable>(beamContainers, (found, beam) =>
  'variable' in found ? atVariable(found, beam) : { object: beam.workload.object, ...found },
);

function atVariable({ variable, ...found }: AtVariable, beam: BeamContainer): Finding {
  return { ...placeOf(beam, variable), ...found };
}

const beamSpecs = once((world: World) => new Set(beamContainers(world).map(({ spec }) => spec)));

/** Whether a container is one that runs a BEAM. */
export function isBeam({ spec }: Container, world: World): boolean {
  return beamSpecs(world).has(spec);
}

/** A rule about the pods of each object that makes some. */
export const eachPod = ruleFor<Pod, Fault>(
  (world) => inventoryOf(world).pods,
  (found, { object }) => ({ object, ...found }),
);

/** A rule about each container of each pod, those for debugging too. */
export function eachContainer({ each, ...rule }: EachContainer): Rule {
  return eachOwned({ ...rule, each: ({ container, workload }) => each(container, workload) });
}

const eachOwned = ruleFor<OwnedContainer, Fault>(
  once((world: World) =>
    inventoryOf(world).pods.flatMap((workload) => everyContainer(workload).map((container) => ({ workload, container }))),
  ),
  atWorkload,
);

function atWorkload(found: Fault, { workload: { object } }: OwnedContainer): Finding {
  return { object, ...found };
}

interface EachContainer extends Omit<Rule, 'find'> {
  readonly each: (container: Container, pod: Pod) => Iterable<Fault>;
}

/** Each place once: what many containers have in common is told for the first of them. */
export function* placesOnce(findings: Iterable<Finding>): Iterable<Finding> {
  const told = new Set<string>();
  for (const finding of findings) {
    const place = `${finding.object.construct.node.path} ${finding.field}`;
    if (!told.has(place)) yield finding;
    told.add(place);
  }
}

/** A rule that tells what it finds at a place once. */
export function oncePerPlace(rule: Rule): Rule {
  return { ...rule, find: (world) => placesOnce(rule.find(world)) };
}

/** A rule about each container that may have probes. */
export const eachProbed = ruleFor<OwnedContainer, Fault>(probedContainers, atWorkload);

/** A rule about each object. */
export const eachObject = ruleFor<FinishedObject, Fault>(
  ({ objects }) => objects,
  (found, object) => ({ object, ...found }),
);

/** A rule about each object of some kinds. */
export function eachOf(...kinds: readonly string[]): (rule: Each<FinishedObject>) => Rule {
  return ruleFor<FinishedObject, Fault>(
    (world) => inventoryOf(world).ofKind(...kinds),
    (found, object) => ({ object, ...found }),
  );
}
