import { build } from '../support/stack';
import { Checks, render, rules, type Manifest } from '../../lib/index';
import { changesOf, type Change } from '../support/changes';
import { variants } from '../support/variants';
import { vary } from '../support/vary';
import { isClusterScoped, kindOf } from '../../lib/model/kinds';
import { collectionOf, send } from './server';

const NAMESPACE = 'compare-rules';
const AT_ONCE = 16;
/** Refusals that come from what else there is in the cluster. */
const OF_THE_CLUSTER = /not found|exceeded quota|not in the valid range|not configured (?:on|for)/;

type World = Checks['world'];

/** Kinds whose pods are refused one by one when they are made, while the object with their template is taken. */
const WITH_PODS: ReadonlySet<unknown> = new Set(['Deployment', 'Job']);

async function refusal(manifest: Manifest, path: string): Promise<string | undefined> {
  const { refused, said } = await send('POST', `${path}?dryRun=All&fieldValidation=Strict`, manifest);
  if (refused) return said;
  const { metadata, spec } = (manifest['spec']?.template ?? {}) as Manifest;
  if (!spec || !WITH_PODS.has(manifest['kind'])) return undefined;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'pod', namespace: NAMESPACE }, spec };
  const made = await send('POST', `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All`, pod);
  return made.refused ? made.said : undefined;
}

/** What the rules say of an environment, by the rule and the object. */
function found(world: World): Set<string> {
  return new Set(
    rules.flatMap((rule) => [...rule.find(world)].map(({ object }) => `${rule.name} ${object.construct.node.path}`)),
  );
}

/** Whether the rules find more when one of the objects is changed. */
function finds(world: World, index: number, changed: Manifest, before: ReadonlySet<string>): boolean {
  const objects = world.objects.map((object, place) => (place === index ? { ...object, manifest: changed } : object));
  return [...found({ ...world, objects })].some((finding) => !before.has(finding));
}

/** The object in the namespace that we play in: some belong into another one, which may be in use. */
function here(manifest: Manifest): Manifest {
  return { ...manifest, metadata: { ...(manifest['metadata'] as object), namespace: NAMESPACE } };
}

async function prepare(objects: World['objects']): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } };
  await send('POST', '/api/v1/namespaces', namespace);
  for (const { manifest } of objects)
    if (manifest['kind'] === 'ServiceAccount') await send('POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, manifest);
}

async function compare(name: string, seen: Set<string>): Promise<{ tried: number; holes: number }> {
  const environment = variants[name];
  let [tried, holes] = [0, 0];
  if (!environment) return { tried, holes };
  const app = build(vary(environment, { namespace: NAMESPACE }));
  render(app);
  const { world } = Checks.of(app);
  const before = found(world);
  await prepare(world.objects);
  for (const [index, { manifest }] of world.objects.entries()) {
    const which = `${manifest['kind']} ${manifest['metadata'].labels?.['app.kubernetes.io/component']}`;
    if (seen.has(which) || manifest['kind'] === 'Namespace') continue;
    seen.add(which);
    const path = isClusterScoped(kindOf(manifest)) ? undefined : await collectionOf(manifest, NAMESPACE);
    if (path === undefined) {
      console.log(`${which}: the server does not have ${manifest['apiVersion']}, or not in a namespace`);
      continue;
    }
    const judge = async ({ what, changed }: Change): Promise<void> => {
      if (changed['metadata']?.namespace !== manifest['metadata'].namespace) return;
      const said = await refusal(here(changed), path);
      if (said === undefined || OF_THE_CLUSTER.test(said) || finds(world, index, changed, before)) return;
      holes += 1;
      console.log(`${which} ${what}: ${said.slice(0, 200)}`);
    };
    const changes = [...changesOf(manifest)];
    if (changes.length === 0) continue;
    // Were it refused as it is written, its changes would tell nothing.
    const asWritten = await refusal(here(manifest), path);
    if (asWritten !== undefined) console.log(`${which} as it is written: ${asWritten}`);
    holes += asWritten === undefined ? 0 : 1;
    tried += changes.length;
    for (let start = 0; start < changes.length; start += AT_ONCE)
      await Promise.all(changes.slice(start, start + AT_ONCE).map(judge));
  }
  return { tried, holes };
}

/**
 * Compares the rules with an API server: changes every field of every object that we write, sends each change as a dry
 * run, and prints what the server refuses while no rule does.
 */
export async function compareRules(): Promise<void> {
  const seen = new Set<string>();
  let [tried, holes] = [0, 0];
  for (const name of Object.keys(variants)) {
    const compared = await compare(name, seen);
    tried += compared.tried;
    holes += compared.holes;
  }
  await send('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
  console.log(`${tried} changes, ${holes} of them refused by the server and by no rule`);
  if (holes > 0) process.exitCode = 1;
}
