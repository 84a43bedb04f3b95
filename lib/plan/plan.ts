import { changeRules } from '../checks/changes/rules';
import type { World } from '../model/world';
import { isOfCluster } from '../support/beside';
import { accessOf } from './access';
import { pair, Told, type Comparison, type RuleFinding } from './comparison';
import { costsOf } from './costs';
import { dangersOf } from './dangers';
import { eventsOf } from './events';
import { neededBy } from './needed';
import { restOf } from './rest';
import { saying, type Sections } from './statement';
import { withdrawn } from './withdrawn';

/** An environment on one side of a change. */
export interface Side {
  readonly world: World;
  /** The Kubernetes cluster that it is in, by any name. @default - the one of all that say nothing */
  readonly cluster?: string;
  /** Rules that are left out for the whole environment, with the reasons. @default {} */
  readonly leftOut?: Readonly<Record<string, string>>;
}

/** What a change does to one environment. */
export interface EnvironmentPlan {
  readonly name: string;
  /** Whether anything changes at all. */
  readonly changes: boolean;
  readonly sections: Sections;
}

/** Rules whose finding is what the API server, or the webhook of an operator, says no to. */
const REFUSING: ReadonlySet<string> = new Set(['immutable-fields', 'storage-shrinks', 'image-and-settings-apart']);

/** What a change from one side to the other does. */
export function planOf(name: string, before: Side, now: Side): EnvironmentPlan {
  if (before.world === now.world) return { name, changes: false, sections: saying({}) };
  const { leftOut = {} } = now;
  // One and the same for all that reads it, because what is read is remembered with it.
  const world = { ...now.world, previous: before.world.objects.map(({ manifest }) => manifest) };
  const pairs = pair(world);
  const changes =
    pairs.added.length > 0 || pairs.gone.length > 0 || pairs.compared.some(({ differences }) => differences.length > 0);
  if (!changes) return { name, changes, sections: saying({}) };
  const comparison = { ...pairs, ...judged(world, leftOut), before: before.world, now: world, told: new Told() };
  const there = applied(comparison);
  // Told in this order: the last one has what nobody told.
  const sections = {
    dangers: isOfCluster(name)
      ? [...dangersOf(comparison).filter(({ kind }) => kind !== 'left-behind'), ...withdrawn(comparison.gone)]
      : dangersOf(comparison),
    events: eventsOf(comparison),
    needs: neededBy(comparison.before, comparison.now),
    access: accessOf({ ...comparison, now: there }),
    costs: costsOf(comparison.before, there, comparison.now),
  };
  return { name, changes, sections: { ...sections, rest: restOf(comparison) } };
}

/** What there is once the change is applied: what is refused stays what it was. */
function applied({ now, compared, refused }: Comparison): World {
  if (refused.size === 0) return now;
  const kept = new Map(compared.flatMap((one) => (refused.has(one.now) ? [[one.now, one.before]] : [])));
  return { ...now, objects: now.objects.map((one) => ({ ...one, manifest: kept.get(one.manifest) ?? one.manifest })) };
}

function isRefusal({ rule, field, got }: RuleFinding): boolean {
  // An address that is no longer written stays what it is, without a word.
  return REFUSING.has(rule) && (field !== 'spec.clusterIP' || got !== undefined);
}

/** What the change rules say. */
function judged(now: World, leftOut: Readonly<Record<string, string>>): Pick<Comparison, 'findings' | 'refused'> {
  const findings = changeRules.flatMap((rule) =>
    [...rule.find(now)].map((finding): RuleFinding => ({ ...finding, rule: rule.name, reason: leftOut[rule.name] })),
  );
  const refused = new Set(findings.filter(isRefusal).map(({ object }) => object.manifest));
  return { findings, refused };
}
