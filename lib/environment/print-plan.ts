import type { App } from 'cdk8s';
import { RootConstruct } from 'constructs';
import { folderSides, Parsers } from '../plan/folder';
import { formatIn } from '../plan/format';
import type { Side } from '../plan/plan';
import { plansOf, type Sides } from '../plan/plans';
import { sideOf } from '../plan/side';
import { planText } from '../plan/text';
import { reject, rejections } from '../support/reject';
import { worldOf } from '../plan/world';
import { refused, synth, type Build } from '../synth';
import type { Stack, StackRun } from './stack';

/** Prints what the change from a previous output to the environments as they are now does, or every fault. */
export function printPlan(stack: Stack, run: StackRun, builds: readonly (readonly [name: string, build: Build])[]): boolean {
  const { previous = '' } = run;
  const root = new RootConstruct('plan');
  const format = formatIn(root, run.format ?? 'text', 'format');
  if (!format) return refused(rejections(root));
  const before = previousSides(root, previous);
  const sides = new Map<string, Side>();
  const keep = (name: string, app: App): readonly string[] => {
    sides.set(name, sideOf(app));
    return [];
  };
  // What the change rules find is a part of the plan: they are not asked here.
  if (!before) return refused(rejections(root));
  if (!synth('', builds, { dry: true, notes: keep })) return false;
  // The last in the order of promotion has the users.
  const names = [...sides.keys()].reverse();
  const others = Object.keys(stack.environments).filter((name) => !sides.has(name));
  const known: Sides = { ...before, names: before.names.filter((name) => !others.includes(name)) };
  const now: Sides = { names, read: (name) => sides.get(name) ?? before.read(name) };
  const reasons = Object.entries(stack.retired ?? {}).map(([name, { reason }]) => [name, reason] as const);
  const plans = plansOf(known, now, Object.fromEntries(reasons));
  const faults = rejections(root);
  if (faults.length > 0) return refused(faults);
  process.stdout.write(planText(plans, format));
  return true;
}

function previousSides(root: RootConstruct, previous: string): Sides | undefined {
  // Nothing was deployed yet: all of it is new.
  if (previous === 'none') return { names: [], read: () => ({ world: worldOf([]) }) };
  if (previous !== '') return folderSides(root, previous, new Parsers());
  const fix = 'name the folder with what is deployed: PREVIOUS=../main/dist npm run plan';
  reject(root, { prop: 'previous', must: 'be given for a plan', got: previous || undefined, fix });
  return undefined;
}
