import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { together, type Manifest } from '../support/edit';
import { declare, declaredIn } from '../support/declare';
import type { External, HeldConnections, LeftOut } from '../support/facts';
import { apartOf } from '../support/folder';
import { kubernetesOf, sayKubernetes } from '../support/kubernetes';
import { CLUSTER_LABEL } from '../support/cluster-label';
import { didYouMean } from '../support/nearest';
import type { Operators } from '../support/operators';
import { OptOut } from '../support/opt-out';
import { display, reject } from '../support/reject';
import { isFixed } from '../support/sops';
import { requireTypes, type PropTypes } from '../support/types';
import { completeWhenValidated } from '../support/whole';
import { requireSentence } from '../support/values';
import { nearestKubernetes, type KubernetesVersion } from '../support/kubernetes-versions';
import { apartRules } from './apart/rules';
import { constructOf, finish, opened } from './finished';
import { FollowUps } from './follow-ups';
import { judge } from './judge';
import { faultsOf, type Told } from './one-fault';
import { requireOperators } from './operators';
import { originOf } from './origins';
import { settingOriginOf } from './origins';
import { optOutsIn, Reasons, reasonsOf, type OptOutInForce } from './reasons';
import type { Finding, FinishedObject, Rule, World } from './rule';
import { rules } from './rules';
import { requireScanners, type Scanner } from './scanners/scanner';

const attached = new WeakMap<IConstruct, Checks>();

/**
 * The rules over the finished objects of one App. They run whenever it is synthesized, together with the faults that
 * constructs recorded, and see every object, also those added by hand or changed by a patch.
 *
 * @example Checks.of(app).leaveOut('image-digest', OptOut.because('built on this laptop'));
 */
export class Checks {
  /** The checks of the App that `scope` is in; the first call adds them. */
  static of(scope: IConstruct): Checks {
    const root = scope.node.root;
    const known = attached.get(root) ?? new Checks(root);
    attached.set(root, known);
    return known;
  }

  /**
   * The oldest Kubernetes that the App's objects are applied to, said once for all constructs and rules, before or after they
   * are made: what newer ones have is used, what they took away is not. @default '1.27'
   */
  get kubernetes(): KubernetesVersion {
    return kubernetesOf(this.root);
  }

  set kubernetes(version: KubernetesVersion) {
    sayKubernetes(this.root, version);
  }

  /**
   * The Kubernetes cluster that the App's objects are applied to, by any name: environments of different ones may have the same
   * namespaces and hosts. It is the label `cdk8s-phoenix/cluster` of every object, by which a {@link ClusterGuard} knows those of
   * others. @default - the same one as all that say nothing
   */
  cluster?: string;

  /** The oldest release of each operator whose objects the App has: `{ 'envoy-gateway': '1.7' }`. Of others it is the newest. */
  get operators(): Operators {
    return this.releases;
  }

  set operators(operators: Operators) {
    this.releases = requireOperators(this.root, operators);
  }

  /**
   * Public scanners that are told, by their own annotations, what was decided: the reasons of opt-outs, and what this library does
   * otherwise on purpose. What an object fails without a reason is left for them to find. @default []
   */
  get scanners(): readonly Scanner[] {
    return this.told;
  }

  set scanners(scanners: readonly Scanner[]) {
    this.told = requireScanners(this.root, scanners);
  }

  /**
   * What becomes of findings that hurt under load, or are a matter of policy: `refuse` has synth fail as it does for errors, `print`
   * has it tell them and write the files. docs/checks.md says which rules warn. @default 'refuse'
   */
  warnings: 'refuse' | 'print' = 'refuse';

  /** The objects of the App as they were synthesized before: changes to them are looked at too. */
  previous: readonly Manifest[] = [];

  private readonly rules = [...rules];
  private written: FinishedObject[] = [];
  private releases: Operators = {};
  private told: readonly Scanner[] = [];
  private objects: FinishedObject[] = [];
  private inForce: OptOutInForce[] = [];
  private readonly reasons = new Reasons();
  private abandoned = false;
  private judged: readonly IConstruct[] = [];
  private warned: readonly string[] = [];
  private seen: World | undefined;

  private constructor(
    /** The App. */
    readonly root: IConstruct,
  ) {
    // The rules look at what is complete.
    completeWhenValidated(root);
    root.node.addValidation({ validate: () => this.run() });
  }

  /** What the rules saw at the last run. */
  get world(): World {
    // One and the same after a run, because what is read from it is remembered with it.
    if (this.seen) return this.seen;
    const { objects, operators, previous } = this;
    // One that is not known is refused where it was given.
    const declared = declaredIn(this.root);
    const homes = this.judged.length === 0 ? [] : namespacesIn(this.root);
    const externals = [...declared.externals, ...homes.map((name) => ({ kind: 'Namespace', name }))];
    return { ...declared, externals, objects, kubernetes: nearestKubernetes(this.kubernetes), operators, previous };
  }

  /** The YAML of each object at the last run, as it is written. */
  get manifests(): ReadonlyMap<IConstruct, Manifest> {
    return new Map(this.written.map((object) => [constructOf(object), object.manifest]));
  }

  /** The opt-outs that the last run needed. */
  get optOuts(): readonly OptOutInForce[] {
    return this.inForce;
  }

  /** The warnings of the last run that kept nothing from being written. */
  get printed(): readonly string[] {
    return this.warned;
  }

  /**
   * Judges what is below some constructs alone, in an App that others have charts in too: theirs may be named, and nothing is said of
   * them. Each of the charts may have a namespace of its own.
   *
   * @param scopes charts, or anything in them @default - the whole App
   * @example Checks.of(app).only(shop);
   */
  only(...scopes: IConstruct[]): this {
    this.judged = [...this.judged, ...scopes];
    return this;
  }

  /** Adds rules of your own. */
  add(...added: Rule[]): this {
    this.rules.push(...added);
    return this;
  }

  /** Declares objects that are in the cluster without being in the YAML. This is the one place to name them. */
  provide(...externals: External[]): this {
    declare(this.root, { externals });
    return this;
  }

  /** Declares connections to a database that no variable of a container shows, such as those of an exporter of its own. */
  hold(...held: HeldConnections[]): this {
    declare(this.root, { connections: held });
    return this;
  }

  /**
   * Leaves a rule out.
   *
   * @param rule its name; one that does not exist is refused
   * @param optOut why
   * @param target the objects below which it does not hold @default - the whole App
   */
  leaveOut(rule: string, optOut: OptOut, target: IConstruct = this.root): this {
    const reason: PropTypes<Record<string, OptOut>> = { [rule]: [OptOut] };
    requireTypes(target, { [rule]: optOut }, reason, 'optOuts.');
    if (optOut instanceof OptOut) requireSentence(target, `optOuts.${rule}`, optOut.reason);
    const names = [...this.rules, ...apartRules].map(({ name }) => name);
    if (!names.includes(rule)) {
      const fix = didYouMean(rule, names, `use one of ${names.join(', ')}`);
      reject(target, { prop: 'optOuts', must: 'name a rule', got: rule, fix });
    }
    declare(this.root, { leftOut: [{ rule, optOut, target }] });
    return this;
  }

  /** Keeps the rules from an App that could not be built: they would speak of what is not there yet. */
  abandon(): void {
    this.abandoned = true;
  }

  private run(): string[] {
    this.seen = undefined;
    if (this.abandoned) return [];
    this.reasons.forget();
    const constructs = this.root.node.findAll();
    // What a construct refused already is not reported a second time by a rule.
    const refused = new Set(constructs.filter((c) => c !== this.root && c.node.validate().length > 0));
    const objects = constructs.filter((one): one is ApiObject => ApiObject.isApiObject(one));
    if (this.cluster !== undefined)
      for (const one of objects) if (!staysAsItIs(one)) one.metadata.addLabel(CLUSTER_LABEL, this.cluster);
    const finished = together(() => objects.map(finish));
    this.written = finished.flatMap(({ object }) => object ?? []);
    this.objects = this.written.flatMap(opened);
    // Rules would miss what could not be finished.
    if (this.written.length < finished.length) {
      return finished.flatMap(({ fault, construct }) =>
        fault === undefined || construct.node.scopes.some((scope) => refused.has(scope)) ? [] : [fault],
      );
    }
    const { world } = this;
    this.seen = world;
    const { leftOut, reasons } = declaredIn(this.root);
    const quiet = new Map<LeftOut, Set<IConstruct>>();
    const followUps = new FollowUps(constructs);
    const isQuiet = (rule: Rule, finding: Finding): boolean => {
      const construct = constructOf(finding.object);
      const { scopes } = construct.node;
      if (this.judged.length > 0 && !this.judged.some((one) => scopes.includes(one))) return true;
      const excuse = leftOut.find(({ rule: name, target }) => name === rule.name && scopes.includes(target));
      if (excuse) quiet.set(excuse, (quiet.get(excuse) ?? new Set()).add(construct));
      return excuse !== undefined || followUps.has(rule, finding);
    };
    const told = new Map(judge(world, this.rules, isQuiet).map((found) => this.report(...found)));
    const mild = [...told.values()].filter(({ severity }) => severity === 'warning' && this.warnings === 'print');
    this.warned = faultsOf(mild);
    this.inForce = optOutsIn(quiet);
    this.written = this.reasons.write(this.written, [...reasons, ...reasonsOf(quiet)], world, this.told);
    return faultsOf([...told.values()].filter((one) => !mild.includes(one)));
  }

  /** What to print, by what it is about: the prop that a value came from where a construct has told, else the object and its field. */
  private report(rule: Rule, { object, field, must, got, fix, severity = rule.severity ?? 'error' }: Finding): [string, Told] {
    const { origins, podSettings } = declaredIn(this.root);
    const origin = originOf(object.manifest, field, origins) ?? settingOriginOf(object, field, podSettings);
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
}

/** The namespaces of the charts of an App. */
function namespacesIn(root: IConstruct): readonly string[] {
  const charts = root.node.findAll().filter((one) => Chart.isChart(one));
  return [...new Set(charts.flatMap(({ namespace }) => namespace ?? []))];
}

/** Whether an object is for another cluster, or nothing may be added to it without a key. */
function staysAsItIs(object: ApiObject): boolean {
  return apartOf(object)?.elsewhere === true || (object.kind === 'Secret' && isFixed(object.toJson() as Manifest));
}
