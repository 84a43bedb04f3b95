import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { CLUSTER_LABEL } from '../support/cluster-label';
import { declaredIn } from '../support/declare';
import { together } from '../support/edit';
import type { Declared, LeftOut } from '../support/facts';
import { apartOf } from '../support/folder';
import type { FinishedObject, World } from '../model/world';
import type { Finding } from '../model/finding';
import { display } from '../support/reject';
import { scopeOf, type Scope } from '../support/scope';
import { isFixed } from '../support/sops';
import type { AppChecks } from './app-checks';
import { constructOf, finish, opened, type Finish } from './finished';
import { FollowUps } from './follow-ups';
import { judge } from '../checks/judge';
import { faultsOf, type Told } from './one-fault';
import { fieldOriginOf, originOf, settingOriginOf } from './origins';
import { optOutsIn, reasonsOf, type OptOutInForce } from './reasons';
import type { Rule } from '../checks/rule';
import { worldIn } from './world-in';

/** What comes of looking at an App. */
export interface Outcome {
  readonly faults: readonly string[];
  /** Each object as it is written, in the order of the tree. */
  readonly written: readonly FinishedObject[];
  /** The same, with those of lists one by one. */
  readonly objects: readonly FinishedObject[];
  /** What the rules saw. @default - they did not run: some objects could not be finished */
  readonly world?: World;
  readonly optOuts: readonly OptOutInForce[];
  /** Warnings that keep nothing from being written. */
  readonly printed: readonly string[];
}

/** Looks at an App as it is now, and writes what was decided into the objects that are judged. */
export function run(checks: AppChecks): Outcome {
  const { root, cluster, reasons } = checks;
  reasons.forget();
  const constructs = root.node.findAll();
  // What a construct refused already is not reported a second time by a rule.
  const refused = new Set(constructs.filter((c) => c !== root && c.node.validate().length > 0));
  const scope = scopeOf(root);
  const objects = constructs.filter((one): one is ApiObject => ApiObject.isApiObject(one));
  if (cluster !== undefined)
    for (const one of objects) if (scope.has(one) && !staysAsItIs(one)) one.metadata.addLabel(CLUSTER_LABEL, cluster);
  const finished = together(() => objects.map(finish));
  const written = finished.flatMap(({ object }) => object ?? []);
  const seen = { written, objects: written.flatMap(opened), optOuts: [], printed: [] };
  // Rules would miss what could not be finished.
  if (written.length < finished.length) return { ...seen, faults: unfinished(finished, refused) };
  return { ...seen, ...judged(checks, { ...seen, constructs, scope }) };
}

/** Whether an object is for another cluster, or nothing may be added to it without a key. */
function staysAsItIs(object: ApiObject): boolean {
  if (apartOf(object)?.elsewhere === true) return true;
  return object.kind === 'Secret' && isFixed(finish(object).object?.manifest ?? {});
}

function unfinished(finished: readonly Finish[], refused: ReadonlySet<IConstruct>): string[] {
  return finished.flatMap(({ fault, construct }) =>
    fault === undefined || construct.node.scopes.some((scope) => refused.has(scope)) ? [] : [fault],
  );
}

/** What is looked at. */
interface Seen extends Pick<Outcome, 'written' | 'objects'> {
  readonly constructs: readonly IConstruct[];
  readonly scope: Scope;
}

function judged(checks: AppChecks, { written, objects, constructs, scope }: Seen) {
  const declared = declaredIn(checks.root);
  const { leftOut, reasons } = declared;
  const world = worldIn(checks, objects, declared);
  const quiet = new Map<LeftOut, Set<IConstruct>>();
  const followUps = new FollowUps(constructs);
  const isQuiet = (rule: Rule, finding: Finding): boolean => {
    const construct = constructOf(finding.object);
    const { scopes } = construct.node;
    const excuse = leftOut.find(({ rule: name, target }) => name === rule.name && scopes.includes(target));
    if (excuse) quiet.set(excuse, (quiet.get(excuse) ?? new Set()).add(construct));
    return excuse !== undefined || followUps.has(rule, finding);
  };
  const told = new Map(judge(world, checks.rules, isQuiet).map(([rule, finding]) => report(rule, finding, declared)));
  const mild = [...told.values()].filter(({ severity }) => severity === 'warning' && checks.warnings === 'print');
  const ours = written.filter((object) => scope.has(constructOf(object)));
  const noted = checks.reasons.write(ours, [...reasons, ...reasonsOf(quiet)], world, checks.scanners);
  const after = new Map(ours.map((object, index) => [object, noted[index]]));
  return {
    faults: faultsOf([...told.values()].filter((one) => !mild.includes(one))),
    written: written.map((object) => after.get(object) ?? object),
    world,
    optOuts: optOutsIn(quiet),
    printed: faultsOf(mild),
  };
}

/** What to print, by what it is about: the prop that a value came from where a construct has told, else the object and its field. */
function report(rule: Rule, finding: Finding, { origins, fields, podSettings }: Declared): [string, Told] {
  const { object, field, must, got, inLiteral: fix = finding.fix, severity = rule.severity ?? 'error' } = finding;
  const origin =
    fieldOriginOf(object, field, fields) ??
    originOf(object.manifest, field, origins) ??
    settingOriginOf(object, field, podSettings);
  const { path } = (origin?.construct ?? object.construct).node;
  const whole = object.at === undefined ? field : `${object.at}.${field}`;
  const told = {
    path: path || 'app',
    prop: origin?.prop ?? whole,
    isProp: origin !== undefined,
    rule: rule.name,
    severity,
    must,
    got,
    fix,
  };
  return [`${path} ${told.prop} ${must} ${rule.name} ${origin ? '' : `${display(got)} ${fix}`}`, told];
}
