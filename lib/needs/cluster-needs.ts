import { isEverywhere } from '../checks/references/existing';
import { everyName } from '../checks/references/names';
import type { Reference } from '../checks/references/references';
import { oursOf, type World } from '../model/world';
import { inventoryOf, type Inventory } from '../model/inventory';
import { isClusterScoped, kindOf, resourceOf } from '../model/kinds';
import { madeBy } from '../model/made-objects';
import { map, nameIn, nameOf, namespaceOf, placesOf, text } from '../model/values';
import { CLUSTER_LABEL } from '../support/cluster-label';
import { placeOf } from '../support/image';
import { needsBeside } from './needs-beside';
import { needs, type Need } from './operators';

/** An object that objects of an environment name, and that somebody else makes. */
export interface NeededObject {
  readonly kind: string;
  readonly name: string;
  /** Where it must be. @default - it is in no namespace */
  readonly namespace?: string;
  /** The keys that are read of a Secret or ConfigMap, or the listeners that are used of a Gateway. */
  readonly keys: readonly string[];
  /** The registry that a Secret is the login to. @default - it is none */
  readonly registry?: string;
  /** Whether its values are known to somebody else, such as the provider of a database, so that none can be made up. @default false */
  readonly givenElsewhere?: boolean;
}

/** What a cluster must have before an environment is applied. */
export interface ClusterNeeds {
  /** The cluster, as the environment calls it. @default - it names none */
  readonly cluster?: string;
  /** The namespace of the environment. */
  readonly namespace: string;
  /** Objects that somebody else makes, Secrets first. */
  readonly objects: readonly NeededObject[];
  /** Operators, with the least release of each. */
  readonly operators: readonly Need[];
  /** What no object names, each in words: a role of the cloud that trusts its ServiceAccounts, DNS records, nodes. */
  readonly beside: readonly string[];
  /** Kinds that whoever applies must be allowed to create and patch, as kubectl names them: `deployment.apps`. */
  readonly kinds: readonly string[];
}

/** The key of a Secret that is the login to a registry. */
export const LOGIN = '.dockerconfigjson';

/** What must be in the cluster for some objects: what they name and do not make. */
export function needsOf(world: World): ClusterNeeds {
  const named = eachOnce(wantedBy(world));
  const all = eachOnce([...named, ...declared(world, named)]);
  const own = ownObjects(world);
  const objects = all.filter((one) => !own.has(keyOf(one)) && !one.name.startsWith('system-'));
  const served = serversSecrets(world);
  const told = (object: NeededObject): NeededObject => ({
    ...object,
    ...(object.keys.includes('password') && !served.has(object.name) ? { givenElsewhere: true } : {}),
  });
  const rank = ({ kind, name }: NeededObject): string => `${kind === 'Secret' ? 0 : 1} ${kind} ${name}`;
  const cluster = clusterOf(world);
  return {
    ...(cluster === undefined ? {} : { cluster }),
    namespace: homeOf(world),
    objects: objects.map(told).sort((one, other) => (rank(one) < rank(other) ? -1 : 1)),
    get operators() {
      return needs(world);
    },
    get beside() {
      return needsBeside(world.theirs === undefined ? world : { ...world, objects: oursOf(world) });
    },
    kinds: [...new Set(oursOf(world).map(({ manifest }) => resourceOf(manifest)))].sort(),
  };
}

/** Each object once, with the keys of all who read it. */
function eachOnce(wanted: readonly NeededObject[]): readonly NeededObject[] {
  const found = new Map<string, NeededObject>();
  for (const one of wanted) {
    const { namespace, ...wide } = one;
    const placed = isClusterScoped(one.kind) ? wide : { ...wide, namespace };
    const known = found.get(keyOf(placed));
    found.set(keyOf(placed), { ...known, ...placed, keys: [...new Set([...(known?.keys ?? []), ...one.keys])] });
  }
  return [...found.values()];
}

function keyOf({ kind, name, namespace = '' }: Pick<NeededObject, 'kind' | 'name' | 'namespace'>): string {
  return `${kind}/${namespace}/${name}`;
}

/** What objects name. */
function wantedBy(world: World): NeededObject[] {
  const inventory = inventoryOf(world);
  const named = everyName(inventory).filter(
    (one) => !one.optional && !isEverywhere(one) && world.theirs?.has(one.object.construct) !== true,
  );
  return named.map(({ kind, name, namespace, keys = [], section, ...reference }) => {
    const parts = section ? [...keys, section] : keys;
    return { kind, name, namespace, keys: parts.map(({ key }) => key), ...loginOf(reference, inventory) };
  });
}

/** Where a Secret is the login to, by the image of the first pod that pulls with it. */
function loginOf({ object, field }: Pick<Reference, 'object' | 'field'>, { pods }: Inventory): Partial<NeededObject> {
  if (!field.includes('.imagePullSecrets[')) return {};
  const [own] = pods.find((pod) => pod.object === object)?.containers.filter(({ init }) => !init) ?? [];
  const registry = placeOf(text(own?.spec['image']) ?? '')?.registry;
  return { keys: [LOGIN], ...(registry === undefined ? {} : { registry }) };
}

/** What was declared to be there, such as the Secrets of the application. */
function declared(world: World, named: readonly NeededObject[]): NeededObject[] {
  const home = homeOf(world);
  return world.externals.flatMap(({ kind, name, namespace, keys = [] }) => {
    // Who says no namespace means it wherever it is named.
    const used = named.filter((one) => one.kind === kind && one.name === name).map((one) => one.namespace);
    const homes = namespace !== undefined ? [namespace] : used.length > 0 ? used : [home];
    return homes.map((own): NeededObject => ({ kind, name, namespace: own, keys }));
  });
}

/** What is in the YAML, or comes to be because of it. */
function ownObjects({ objects }: World): ReadonlySet<string> {
  const made = objects.flatMap(({ manifest }) => {
    const all = [{ kind: kindOf(manifest), name: nameOf(manifest) }, ...madeBy(manifest)];
    const namespace = namespaceOf(manifest);
    return all.map(({ kind, name = '' }) => keyOf({ kind, name, namespace: isClusterScoped(kind) ? '' : namespace }));
  });
  return new Set(made);
}

/** Secrets of servers that the environment runs itself: they take any password. */
function serversSecrets(world: World): ReadonlySet<string> {
  const servers = inventoryOf(world).pods.filter(({ kind }) => kind === 'StatefulSet');
  const paths = ['env[].valueFrom.secretKeyRef.name', 'envFrom[].secretRef.name'];
  const named = servers.flatMap(({ containers, spec }) => [
    ...containers.flatMap(({ spec: container }) => paths.flatMap((path) => placesOf(container, path))),
    ...placesOf(spec, 'volumes[].secret.secretName'),
    ...placesOf(spec, 'volumes[].projected.sources[].secret.name'),
  ]);
  return new Set(named.flatMap(({ value }) => nameIn(value) ?? []));
}

/** The cluster that the objects are for. */
function clusterOf({ objects }: World): string | undefined {
  return objects.flatMap(({ manifest }) => text(map(map(manifest['metadata'])['labels'])[CLUSTER_LABEL]) ?? [])[0];
}

/** The namespace that the environment makes, or else that of its first object. */
function homeOf(world: World): string {
  const ours = oursOf(world);
  const namespace = ours.find(({ manifest }) => kindOf(manifest) === 'Namespace');
  const [first] = ours;
  return (namespace ? nameOf(namespace.manifest) : first && namespaceOf(first.manifest)) ?? '';
}
