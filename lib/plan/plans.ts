import { Claimants, type Meeting } from '../checks/apart/claimants';
import { inventoryOf } from '../model/inventory';
import { nameOf } from '../model/values';
import { isBeside, isOfCluster } from '../support/beside';
import { display } from '../support/reject';
import { costsOf } from './costs';
import { neededBy } from './needed';
import { planOf, type EnvironmentPlan, type Side } from './plan';
import { podsText } from './roll-out';
import { titleOf } from './shown';
import { saying, type Statement } from './statement';
import { withdrawn } from './withdrawn';

/** The environments of one side, read one after another. */
export interface Sides {
  readonly names: readonly string[];
  /** One of them; `other` is what it is on the other side, whose declarations hold for it too where it has none of its own. */
  readonly read: (name: string, other?: Side) => Side;
}

/**
 * What a change does to each environment, in the order of the names, and what two of them share from then on.
 *
 * @param retired environments that are gone on purpose, with the reasons
 */
export function plansOf(before: Sides, now: Sides, retired: Readonly<Record<string, string>> = {}): readonly EnvironmentPlan[] {
  const claimants = [new Claimants(), new Claimants()] as const;
  const gone = new Map(before.names.filter((name) => !now.names.includes(name)).map((name) => [name, before.read(name)]));
  const plans = now.names.map((name) => {
    const is = now.read(name);
    const former = before.names.includes(name) ? name : formerName(is, gone);
    const was = former === undefined ? undefined : (gone.get(former) ?? before.read(former, is));
    if (former !== undefined) gone.delete(former);
    const shared = sharedBy(name, [was, is], claimants);
    const plan = was ? planOf(name, was, is) : fresh(name, is);
    return warned(plan, [...shared, ...(former === undefined || former === name ? [] : [renamed(former)])]);
  });
  return [...plans, ...[...gone].map(([name, was]) => goneFrom(name, was, retired[name]))];
}

function warned(plan: EnvironmentPlan, first: readonly Statement[]): EnvironmentPlan {
  const { sections } = plan;
  return first.length === 0
    ? plan
    : { ...plan, changes: true, sections: { ...sections, dangers: [...first, ...sections.dangers] } };
}

/** What an environment was called that makes a namespace of one that is gone: it is the same. */
function formerName({ world }: Side, gone: ReadonlyMap<string, Side>): string | undefined {
  const own = namespacesOf(world);
  return [...gone].find(([, was]) => namespacesOf(was.world).some((name) => own.includes(name)))?.[0];
}

function namespacesOf(world: Side['world']): readonly (string | undefined)[] {
  return inventoryOf(world)
    .ofKind('Namespace')
    .map(({ manifest }) => nameOf(manifest));
}

function renamed(former: string): Statement {
  return {
    kind: 'environment-renamed',
    text: `was called ${former}, and has its namespace`,
    details: [`point what applies the folder ${former} to this one first, or it may delete all of it`],
  };
}

/** What an environment shares with those before it, and did not share before. */
function sharedBy(name: string, sides: readonly (Side | undefined)[], claimants: readonly Claimants[]): Statement[] {
  // Who administers a cluster applies it beside them.
  if (isBeside(name)) return [];
  const [was = [], is = []] = sides.map((side, index) =>
    side ? (claimants[index]?.add({ name, cluster: side.cluster }, side.world) ?? []) : [],
  );
  const known = new Set(was.map(meetingText));
  return is
    .filter((meeting) => !known.has(meetingText(meeting)))
    .map((meeting) => ({ kind: 'shared', text: meetingText(meeting), details: [meeting.rule.fix] }));
}

function meetingText({ rule, claim: { object, field, got }, first }: Meeting): string {
  return `${titleOf(object.manifest)}: ${field} must ${rule.must(first.environment)}, got ${display(got)}`;
}

/** An environment that was not there. */
function fresh(name: string, { world }: Side): EnvironmentPlan {
  const workloads = inventoryOf(world).pods.map((workload) => {
    const title = titleOf(workload.object.manifest);
    return workload.task ? title : `${title} (${podsText(workload)})`;
  });
  const running = workloads.length === 0 ? '' : `, with ${workloads.join(', ')}`;
  const text = `all of it is new: ${world.objects.length} objects${running}`;
  const sections = {
    events: [{ kind: 'environment-new', text }],
    needs: neededBy(undefined, world),
    costs: costsOf(undefined, world),
  };
  return { name, changes: true, sections: saying(sections) };
}

/** One that is gone from the output: nothing deletes it. */
function goneFrom(name: string, was: Side, reason: string | undefined): EnvironmentPlan {
  if (isOfCluster(name)) {
    const all = was.world.objects.map(({ manifest }) => manifest);
    return { name, changes: true, sections: saying({ dangers: withdrawn(all) }) };
  }
  const namespaces = namespacesOf(was.world);
  const command = `once nobody needs it: kubectl delete namespace ${namespaces.join(' ')}, which deletes its volumes too`;
  const left = {
    kind: 'left-behind',
    text: 'is gone from the output: kubectl apply leaves all of it, and it runs on',
    details: [...(reason === undefined ? [] : [`retired: ${reason}`]), ...(namespaces.length > 0 ? [command] : [])],
  };
  return { name, changes: true, sections: saying({ dangers: [left] }) };
}
