import type { Finding, FinishedObject, Rule, World } from '../rule';
import { isDecrypted } from '../../model/declared';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { annotationsOf, scalar } from '../../model/values';
import type { Pod } from '../../model/pods';
import { hostsOfServer } from '../../model/services';
import { everyName } from './names';
import type { Reference } from './references';
import { either, remedy } from '../../model/remedy';

/** Helm makes the hooks of an install before all else, and waits for them. */
export const hookNeeds: Rule = {
  name: 'hook-needs',
  sentence: 'What Helm runs before an install needs nothing that the same install makes.',
  why: 'The first install hangs at the hook until its time is over: the Secret, or the database, that it waits for comes after it.',
  source: 'https://helm.sh/docs/topics/charts_hooks/#hooks-and-the-release-lifecycle',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const pod of inventory.pods) {
      const weight = weightBefore(pod.object);
      if (weight === undefined) continue;
      const wanted = everyName(inventory).filter(({ object, optional }) => object === pod.object && !optional);
      // Containers of one pod share what they need, and one sentence about it is enough.
      const once = new Map(wanted.map((reference) => [`${reference.kind} ${reference.name} ${keysOf(reference)}`, reference]));
      for (const { object, field, kind, name, namespace } of once.values()) {
        if (!isMadeLater({ kind, name, namespace }, weight, world, inventory)) continue;
        const other = either('make it a hook of a lower weight', "deliver by 'argo' or 'flux'");
        const way = remedy`make the ${kind} before, outside of the chart, or ${other}`;
        yield { object, field, must: `name a ${kind} that is there before the install`, got: name, ...way };
      }
      yield* databases(pod, weight, world, inventory);
    }
  },
};

/** The weight of a hook before an install; undefined for what is none. */
function weightBefore({ manifest }: FinishedObject): number | undefined {
  const annotations = annotationsOf(manifest);
  const hooks = scalar(annotations['helm.sh/hook'])?.split(',') ?? [];
  return hooks.some((hook) => hook.trim() === 'pre-install') ? Number(annotations['helm.sh/hook-weight'] ?? 0) : undefined;
}

function keysOf({ keys = [] }: Pick<Reference, 'keys'>): string {
  return keys.map(({ key }) => key).join(' ');
}

interface Wanted {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** What the YAML makes, itself or by a controller, unless it is a hook that comes first. */
function isMadeLater({ kind, name, namespace }: Wanted, weight: number, world: World, inventory: Inventory): boolean {
  if (world.externals.some((external) => external.kind === kind && external.name === name)) return false;
  const known = inventory.find(kind, name, namespace);
  // What is decrypted is no part of the chart.
  if (!known || (known.object && isDecrypted(known.object, world))) return false;
  const before = known.object && weightBefore(known.object);
  return before === undefined || before >= weight;
}

function* databases(pod: Pod, weight: number, world: World, inventory: Inventory): Iterable<Finding> {
  for (const { host } of world.databases) {
    const [name = '', namespace = '', svc] = host.split('.');
    if (svc !== 'svc' || !isMadeLater({ kind: 'Service', name, namespace }, weight, world, inventory)) continue;
    const hosts = hostsOfServer(host, inventory);
    const variable = pod.containers
      .flatMap(({ variables }) => [...variables.byName.values()])
      .find(({ value }) => hosts.some((one) => value?.includes(one)));
    if (variable) {
      const other = either('run this after the install', "deliver by 'argo' or 'flux'");
      const must = 'lead to a database that is there before the install';
      yield {
        object: variable.object,
        field: variable.field,
        must,
        got: host,
        ...remedy`run the database outside of the chart, or ${other}`,
      };
    }
  }
}
