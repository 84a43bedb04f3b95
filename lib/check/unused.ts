import { groupOf, isProvided } from '../model/kinds';
import { inventoryOf } from '../model/inventory';
import { containersOf } from '../model/pods';
import { namespaceOf, scalar } from '../model/values';
import type { World } from '../model/world';
import { matches } from '../support/matches';
import { nearest } from '../support/nearest';
import { at } from './fault';
import type { LeaveOut, Provided, Said, Settings } from './settings';

/** Which findings were left out, and how often. */
export type Quiet = ReadonlyMap<LeaveOut, number>;

/** What was said and changed nothing: an old word, or a misspelt one. Asked once all rules were. */
export function unusedIn({ provide, beam, leaveOut }: Settings, world: World, quiet: Quiet, names: readonly string[]): string[] {
  return [
    ...provide.filter((one) => !isNeeded(one, world)).map((one) => notNeeded(one, world)),
    ...beamless(beam, world),
    ...leaveOut.flatMap((one) => leftOutText(one, quiet, names)),
  ];
}

/** Kinds of which a name that is there is asked by rules in a way of their own. */
const ANYHOW = new Set(['ReferenceGrant']);

function isNeeded(one: Provided, world: World): boolean {
  if (one.kind === 'Namespace') return world.objects.some(({ manifest }) => namespaceOf(manifest) === one.name);
  if (one.kind !== 'CustomResourceDefinition') return ANYHOW.has(one.kind) || inventoryOf(world).isWanted(one);
  const asked = { ...world, externals: [one] };
  return world.objects.some(({ manifest }) => isProvided(asked, groupOf(manifest), scalar(manifest['kind']) ?? ''));
}

function notNeeded({ said, kind, name }: Provided, world: World): string {
  const meant = nearest(
    name,
    inventoryOf(world)
      .wantedOf(kind)
      .filter((one) => one !== name),
  );
  const fix = meant === undefined ? 'take it out, or correct it' : `did you mean '${said.text.replace(name, meant)}'?`;
  return `${optionOf(said)} ${said.text}: nothing in the input names it; ${fix}`;
}

function beamless(beam: readonly Said[], world: World): string[] {
  if (beam.length === 0) return [];
  const containers = containersOf(inventoryOf(world).pods).map(({ container: { spec }, workload: { name } }) => ({
    names: [name, `${name}/${scalar(spec['name']) ?? ''}`, scalar(spec['image']) ?? ''],
  }));
  const known = [...new Set(containers.flatMap(({ names }) => names))];
  return beam.flatMap((said) => {
    const pattern = said.text.replace(/^!/, '');
    if (known.some((name) => matches(pattern, name))) return [];
    const meant = nearest(pattern, known);
    const all = [...new Set(containers.map(({ names }) => names[1] ?? ''))];
    const shown = all.length > 5 ? [...all.slice(0, 5), '...'] : all;
    const others = all.length === 0 ? 'there is none' : `there are ${shown.join(', ')}`;
    const fix = meant === undefined ? others : `did you mean '${said.text.replace(pattern, meant)}'?`;
    return [`${optionOf(said)} ${said.text}: no container is called so; ${fix}`];
  });
}

/** The words for something left out, and for what is left out of nothing. */
function leftOutText(one: LeaveOut, quiet: Quiet, names: readonly string[]): string[] {
  const { rule, reason, objects = [] } = one;
  const count = quiet.get(one) ?? 0;
  const strange = objects
    .filter((pattern) => !names.some((name) => isOf(pattern, name)))
    .map((pattern) => {
      const meant = nearest(pattern, [...names, ...names.map(withoutNamespace)]);
      const fix = meant === undefined ? 'take it out, or correct it' : `did you mean '${meant}'?`;
      return `${optionOf(one)} ${pattern}: no object is called so; ${fix}`;
    });
  const found = count === 1 ? 'found once' : `found ${count} times`;
  if (count > 0) return [`left out: ${rule}, ${found}: ${reason}`, ...strange];
  const isDone = [...quiet.keys()].some((other) => other.rule === rule);
  const why = isDone ? 'it finds nothing that is not left out already' : 'it finds nothing that is left out';
  return [`${optionOf(one)} ${rule}: ${why}; take it out`, ...strange];
}

/** Whether a pattern is of an object, which is called with its namespace: `shop/Deployment/web`. */
export function isOf(pattern: string, called: string): boolean {
  return matches(pattern, called) || matches(pattern, withoutNamespace(called));
}

function withoutNamespace(called: string): string {
  return called.replace(/^[^/]*\//, '');
}

/** How something was said: `--beam`, or `.cdk8s-phoenix.yaml:3 'beam[0]'`. */
function optionOf({ prop, place }: Omit<Said, 'text'>): string {
  return prop.startsWith('--') ? prop : `${at({ file: place.file, line: place.line })} '${prop}'`;
}
