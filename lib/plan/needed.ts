import { needsOf, type ClusterNeeds, type NeededObject } from '../needs/cluster-needs';
import { commandFor, keyCommandFor } from '../needs/needs-text';
import type { World } from '../model/world';
import { isBuiltIn } from '../model/kinds';
import type { Statement } from './statement';

/** What must be in the cluster first that need not be there before, and what may go. */
export function neededBy(before: World | undefined, now: World): Statement[] {
  const [was, is] = [before && needsIn(before), needsIn(now)];
  const operators = !before || customText(before) !== customText(now);
  const [old, present] = [was ? linesOf(was, operators) : [], linesOf(is, operators)];
  const rights = is.kinds.filter((kind) => was?.kinds.includes(kind) !== true);
  return [
    ...versionStep(before, now),
    ...objectsNeeded(was, is),
    ...beside(present, old).map((text) => ({ kind: 'needed', text })),
    ...(rights.length > 0 ? [{ kind: 'needed', text: `the right to get, create and patch ${rights.join(', ')}` }] : []),
    ...objectsGone(was, is),
    ...beside(old, present).map(noLonger),
  ];
}

/** What the YAML alone shows: what was declared is known of one side only. */
function needsIn(world: World): ClusterNeeds {
  return needsOf({ ...world, externals: [] });
}

function versionStep(before: World | undefined, { kubernetes }: World): Statement[] {
  if (before?.kubernetes === kubernetes) return [];
  return [{ kind: 'needed', text: `Kubernetes ${kubernetes} or newer${before ? `, before it was ${before.kubernetes}` : ''}` }];
}

/** Objects that somebody else makes, or keys of them, with the command where there is one. */
function objectsNeeded(was: ClusterNeeds | undefined, is: ClusterNeeds): Statement[] {
  return is.objects.flatMap((object): Statement[] => {
    const known = was && twinOf(object, was);
    const keys = object.keys.filter((key) => known?.keys.includes(key) !== true);
    if (known && keys.length === 0) return [];
    const fresh = { ...object, keys };
    const details = known ? keyCommandFor(fresh, is.namespace, is.cluster) : commandFor(fresh, is.namespace, is.cluster);
    return [{ kind: 'needed', text: objectText(fresh, is.namespace), details: details.map((line) => line.trim()) }];
  });
}

function objectsGone(was: ClusterNeeds | undefined, is: ClusterNeeds): Statement[] {
  return (was?.objects ?? []).flatMap((object) => {
    const known = twinOf(object, is);
    const keys = object.keys.filter((key) => known?.keys.includes(key) !== true);
    return known && keys.length === 0 ? [] : [noLonger(objectText({ ...object, keys }, is.namespace))];
  });
}

function twinOf({ kind, name, namespace }: NeededObject, { objects }: ClusterNeeds): NeededObject | undefined {
  return objects.find((other) => other.kind === kind && other.name === name && other.namespace === namespace);
}

function noLonger(what: string): Statement {
  return { kind: 'no-longer-needed', text: `no longer: ${what}` };
}

function objectText({ kind, name, namespace, keys }: NeededObject, home: string): string {
  const place = namespace === undefined || namespace === home ? '' : ` in the namespace ${namespace}`;
  const parts = kind === 'Gateway' ? 'the listener' : 'the key';
  return `${kind} ${name}${place}${keys.length === 0 ? '' : ` with ${parts}${keys.length > 1 ? 's' : ''} ${keys.join(', ')}`}`;
}

/** Operators, and what no object names, in a line each. */
function linesOf(needs: ClusterNeeds, withOperators: boolean): readonly string[] {
  const operators = withOperators ? needs.operators : [];
  return [
    ...operators.map(
      ({ title, release, because }) => `${title}${because === undefined ? '' : ` ${release} or newer, for ${because}`}`,
    ),
    ...needs.beside,
  ];
}

/** Lines that are not among others; of those that list things, such as hosts, with what is not listed there. */
function beside(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others.map(subjectOf));
  const lists = new Map(others.flatMap((line) => listIn(line) ?? []).map(({ head, items }) => [head, items]));
  return lines.flatMap((line) => {
    const { head = '', items = [] } = listIn(line) ?? {};
    const listed = lists.get(head);
    const fresh = items.filter((item) => listed?.includes(item) !== true);
    if (listed) return fresh.length === 0 ? [] : [`${head}${fresh.join(', ')}`];
    return known.has(subjectOf(line)) ? [] : [line];
  });
}

/** A line that ends with several things of one kind. */
function listIn(line: string): { readonly head: string; readonly items: readonly string[] } | undefined {
  const [, head, items] = /^(DNS records for |.*, which trusts the ServiceAccounts )(.*)$/.exec(line) ?? [];
  return head === undefined || items === undefined ? undefined : { head, items: items.split(', ') };
}

/** What a line is about, without what it is for. */
function subjectOf(line: string): string {
  return line.replace(/, for the (?:volumes|autoscaler)s? of .*$/, '');
}

/** The objects of custom kinds: where they are the same, so are the operators that they need. */
function customText({ objects }: World): string {
  return JSON.stringify(objects.flatMap(({ manifest }) => (isBuiltIn(manifest) ? [] : [manifest])));
}
