import { isBuiltIn } from '../schema/api-versions';
import { definitionOf } from '../schema/fields';
import { judge, type Found } from '../checks/judge';
import type { Rule } from '../checks/rule';
import type { MissingObject, Severity } from '../model/finding';
import type { FinishedObject, World } from '../model/world';
import { rules as all } from '../checks/rules';
import { worldOf } from '../checks/world-of';
import { beamContainers, type BeamContainer } from '../model/beam';
import { inventoryOf } from '../model/inventory';
import { keysOf, nameOf, namespaceOf, scalar } from '../model/values';
import type { Manifest } from '../support/edit';
import { nearest } from '../support/nearest';
import { display } from '../support/reject';
import { maskOf } from './masked';
import type { ReadObject } from './objects';
import type { Problem, ProblemPlace, Report } from './problem';
import type { LeaveOut, Settings } from './settings';
import { isOf, unusedIn } from './unused';

/** Rules about environments: several namespaces in one input are no fault, and an object without one takes what was said. */
const OF_ENVIRONMENTS: ReadonlySet<string> = new Set(['home-namespace']);

/** The rules that hold for objects which anybody has written. */
export const rules: readonly Rule[] = all.filter(({ name }) => !OF_ENVIRONMENTS.has(name));

/**
 * What is wrong with objects that were read.
 *
 * @param previous the same as they were before, for the rules about changes @default - nothing was before
 */
export function judged(objects: readonly ReadObject[], settings: Settings, previous: readonly Manifest[] = []): Report {
  const { kubernetes, provide, beam, leaveOut } = settings;
  const world = worldOf(objects, { kubernetes, externals: provide, releases: beam.map(({ text }) => text), previous });
  const quiet = new Map<LeaveOut, number>();
  const found = judge(world, rules, ({ name }, { object }) => {
    const excuse = leaveOut.find((one) => one.rule === name && isMeant(one, object));
    if (excuse) quiet.set(excuse, (quiet.get(excuse) ?? 0) + 1);
    return excuse !== undefined;
  });
  const names = objects.map(({ manifest }) => calledIn(manifest, true));
  return {
    problems: problemsOf(found, objects, world),
    objects: objects.length,
    releases: releasesIn(world),
    notes: [...unknownKinds(objects), ...unusedIn(settings, world, quiet, names)],
    rules: rules.map(({ name, sentence, why, source, severity = 'error' }) => ({ name, sentence, why, source, severity })),
  };
}

function isMeant({ objects }: LeaveOut, { manifest }: FinishedObject): boolean {
  const called = calledIn(manifest, true);
  return objects === undefined || objects.some((pattern) => isOf(pattern, called));
}

/** `Deployment/shop`, behind its namespace where that is to be said. */
function calledIn(manifest: Manifest, withNamespace: boolean): string {
  const { generateName } = Object(manifest['metadata']) as Manifest;
  const name = nameOf(manifest) ?? scalar(generateName) ?? '(no name)';
  const namespace = withNamespace ? namespaceOf(manifest) : '';
  return [...(namespace === '' ? [] : [namespace]), scalar(manifest['kind']) ?? 'object', name].join('/');
}

interface Group {
  readonly problem: Omit<Problem, 'places'>;
  /** Each with the index of its object. */
  readonly places: (ProblemPlace & { readonly index: number })[];
  /** Those places, as texts. */
  readonly known: Set<string>;
  /** The first object of the input that has it. */
  first: number;
}

function problemsOf(found: readonly Found[], objects: readonly ReadObject[], world: World): readonly Problem[] {
  const several = new Set(objects.map(({ manifest }) => namespaceOf(manifest)).filter(Boolean)).size > 1;
  const indices = new Map<FinishedObject, number>(objects.map((object, index) => [object, index]));
  const mask = maskOf(objects);
  const groups = new Map<string, Group>();
  for (const one of found) {
    const [, { object, field }] = one;
    const index = indices.get(object) ?? 0;
    const read = objects[index];
    if (!read) continue;
    const problem = problemOf(one, world, mask);
    const key = [problem.rule, problem.severity, lastStep(field), problem.must, problem.got, problem.fix].join('\n');
    const group = groups.get(key) ?? { problem, places: [], known: new Set(), first: index };
    groups.set(key, group);
    group.first = Math.min(group.first, index);
    const place = { ...placeOf(read, field, several), field: mask(field) };
    const where = [place.file, place.line, place.object, place.field].join('\n');
    if (!group.known.has(where)) group.places.push({ ...place, index });
    group.known.add(where);
  }
  const rank = ({ problem, first }: Group): number => (problem.severity === 'error' ? 0 : objects.length) + first;
  return [...groups.values()]
    .sort((one, other) => rank(one) - rank(other))
    .map(({ problem, places }) => ({ ...problem, places: inOrder(places) }));
}

/** Places in the order of the input, those of init containers last. */
function inOrder(places: Group['places']): ProblemPlace[] {
  const sorted = places.sort((one, other) => one.index - other.index).sort(beforeInit);
  return sorted.map(({ index: _, ...place }) => place);
}

function problemOf([rule, finding]: Found, world: World, mask: (text: string) => string): Omit<Problem, 'places'> {
  const { must, got, fix, missing, policy = rule.policy ?? false } = finding;
  const shown = typeof got === 'string' ? display(mask(got)) : mask(display(got));
  const meant = missing && nameMeant(world, missing);
  const corrected = meant === undefined ? fix : `did you mean '${meant}'? ${fix}`;
  return {
    rule: rule.name,
    severity: severityOf([rule, finding], meant !== undefined),
    policy,
    must: mask(must),
    got: shown,
    fix: mask(corrected),
    why: rule.why,
    source: rule.source,
  };
}

/** What is not in the input may be in the cluster all the same, unless something of nearly the same name is there. */
function severityOf([rule, { severity, missing }]: Found, isMisspelt: boolean): Severity {
  if (missing && BESIDE.has(missing.kind)) return isMisspelt ? 'error' : 'warning';
  return severity ?? rule.severity ?? 'error';
}

/** Kinds that are often made by somebody else, or by hand. */
const BESIDE: ReadonlySet<string> = new Set([
  ...['ClusterIssuer', 'ClusterRole', 'ClusterSecretStore', 'ConfigMap', 'Gateway', 'Issuer', 'PersistentVolumeClaim'],
  ...['PriorityClass', 'Role', 'Secret', 'SecretStore', 'ServiceAccount', 'StorageClass'],
]);

function nameMeant(world: World, { kind, name, namespace }: MissingObject): string | undefined {
  const there = inventoryOf(world)
    .ofKind(kind)
    .filter(({ manifest }) => ['', namespace].includes(namespaceOf(manifest)));
  const names = there.flatMap(({ manifest }) => nameOf(manifest) ?? []);
  // Two objects of one application have most of their names in common: one letter, or an ending.
  return nearest(name, names, 1) ?? names.find((one) => one === `${name}s` || name === `${one}s`);
}

function placeOf(read: ReadObject, field: string, withNamespace: boolean): ProblemPlace {
  const place = read.document.placeOf([...read.within, ...keysOf(field)]);
  return { file: read.document.file, ...place, object: calledIn(read.manifest, withNamespace), field };
}

/** What runs for good is what people look at: it comes before what is for its start. */
function beforeInit(one: ProblemPlace, other: ProblemPlace): number {
  return Number(one.field.includes('initContainers')) - Number(other.field.includes('initContainers'));
}

function lastStep(field: string): string {
  return keysOf(field).findLast((step) => !/^\d+$/.test(step)) ?? field;
}

function releasesIn(world: World): readonly string[] {
  const called = ({ workload, spec }: BeamContainer): string =>
    `${calledIn(workload.object.manifest, false).replace(/^[^/]*\//, '')}/${scalar(spec['name']) ?? '(no name)'}`;
  return [...new Set(beamContainers(world).map(called))];
}

/** Kinds of which no fields are known: their names, labels and references are looked at, and nothing else. */
function unknownKinds(objects: readonly ReadObject[]): string[] {
  const unknown = objects.flatMap(({ manifest }) => {
    const [apiVersion, kind] = [scalar(manifest['apiVersion']), scalar(manifest['kind'])];
    if (apiVersion === undefined || kind === undefined) return [];
    const known = isBuiltIn(apiVersion) || definitionOf(apiVersion, kind) !== undefined;
    return known ? [] : [`${kind} (${apiVersion})`];
  });
  return unknown.length === 0 ? [] : [`kinds whose fields are not known here: ${[...new Set(unknown)].join(', ')}`];
}
