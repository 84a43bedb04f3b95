import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { isOfLibrary } from './ours';

/** What was said about the part of an App that is ours. */
interface Said {
  /** Whether the App is one environment, and so all of it. */
  isEnvironment: boolean;
  /** Whether somebody asked for the checks of the App itself. */
  isAsked: boolean;
  /** Charts whose checks somebody asked for. */
  readonly charts: Set<IConstruct>;
  /** What alone is judged. */
  readonly only: Set<IConstruct>;
}

const said = new WeakMap<IConstruct, Said>();

function saidOf({ node: { root } }: IConstruct): Said {
  const known = said.get(root) ?? { isEnvironment: false, isAsked: false, charts: new Set(), only: new Set() };
  said.set(root, known);
  return known;
}

/** Says that an App is one environment, with all that anybody adds to it. */
export function sayEnvironment(app: IConstruct): void {
  saidOf(app).isEnvironment = true;
}

/** Says whose checks are asked for: those of the App, or of the chart that a construct is in. */
export function askFor(scope: IConstruct): void {
  const chart = chartAround(scope);
  if (chart) saidOf(scope).charts.add(chart);
  else saidOf(scope).isAsked = true;
}

/** Says what alone is judged, beside what was said so before. */
export function judgeOnly(app: IConstruct, scopes: readonly IConstruct[]): void {
  for (const scope of scopes) saidOf(app).only.add(scope);
}

/** The part of an App that is judged: nothing is written to the objects of the rest, and nothing is said of them. */
export interface Scope {
  /** Whether a construct is in it. */
  readonly has: (construct: IConstruct) => boolean;
  /** Whether there is no rest. */
  readonly isWhole: boolean;
  /** Whether the charts of the App may each have a namespace of its own. */
  readonly hasNamespaces: boolean;
  /** Charts of the rest that hold objects, where nobody has said that they are left out. */
  readonly passedOver: () => readonly Chart[];
}

/**
 * The part of an App that is judged, as it is now: the charts that a construct of this library was put into, and those whose checks
 * somebody asked for. Where there is none of ours, an App whose checks are asked for is all of it; so is an environment.
 */
export function scopeOf({ node: { root } }: IConstruct): Scope {
  const { isEnvironment, isAsked, charts, only } = saidOf(root);
  const hasNamespaces = !isEnvironment || only.size > 0;
  if (only.size > 0) return { ...within(root, only), hasNamespaces, passedOver: () => [] };
  const ours = isEnvironment ? [] : root.node.findAll().filter(isOfLibrary).flatMap(holderOf);
  const isAll = isEnvironment || (ours.length === 0 && (isAsked || charts.size === 0));
  const part = within(root, new Set(isAll ? [root] : [...ours, ...charts]));
  return { ...part, hasNamespaces, passedOver: () => (part.isWhole ? [] : chartsBeside(root, part)) };
}

/** What is below some constructs. */
function within(root: IConstruct, scopes: ReadonlySet<IConstruct>): Pick<Scope, 'has' | 'isWhole'> {
  if (scopes.has(root)) return { has: () => true, isWhole: true };
  return { has: ({ node }) => node.scopes.some((scope) => scopes.has(scope)), isWhole: false };
}

/** The chart that a construct was put into; a chart that was put into no other one is its own. */
function holderOf(construct: IConstruct): readonly Chart[] {
  const { scope } = construct.node;
  const chart = (scope && chartAround(scope)) ?? chartAround(construct);
  return chart ? [chart] : [];
}

function chartAround({ node }: IConstruct): Chart | undefined {
  return node.scopes.findLast((scope): scope is Chart => Chart.isChart(scope));
}

function chartsBeside(root: IConstruct, { has }: Pick<Scope, 'has'>): readonly Chart[] {
  const rest = root.node.findAll().filter((one) => ApiObject.isApiObject(one) && !has(one));
  return [...new Set(rest.flatMap((object) => chartAround(object) ?? []))];
}
