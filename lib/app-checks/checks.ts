import { Construct, type IConstruct } from 'constructs';
import type { Manifest } from '../support/edit';
import { declare } from '../support/declare';
import type { External, HeldConnections } from '../support/facts';
import { kubernetesOf, sayKubernetes } from '../support/kubernetes';
import { didYouMean } from '../support/nearest';
import type { Operators } from '../support/operators';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { askFor, judgeOnly } from '../support/scope';
import { requireTypes, type PropTypes } from '../support/types';
import { requireSentence } from '../support/values';
import type { KubernetesVersion } from '../support/kubernetes-versions';
import { apartRules } from '../checks/apart/rules';
import { AppChecks } from './app-checks';
import { requireOperators } from './require-operators';
import type { OptOutInForce } from './reasons';
import type { Rule } from '../checks/rule';
import type { World } from '../model/world';
import { requireScanners, type Scanner } from './scanners/scanner';

/**
 * The rules over the finished objects of one App. They run whenever it is synthesized, together with the faults that
 * constructs recorded.
 *
 * They judge every object of the charts that a construct of this library was put into, also those added by hand or changed by a
 * patch, and of the charts that `of` was called with. Charts of others in the same App are read, so that theirs may be named;
 * nothing is said of them, and nothing written into them. An App without a construct of ours is judged as a whole, and so is an
 * environment. {@link Checks.only} says it otherwise.
 *
 * @example Checks.of(app).leaveOut('image-digest', OptOut.because('built on this laptop'));
 */
export class Checks {
  /**
   * The checks of the App that `scope` is in; the first call adds them. Settings are those of the App, whichever scope they are said at.
   *
   * @param scope the App, or a construct in it: then its chart is judged too
   */
  static of(scope: IConstruct): Checks {
    askFor(scope);
    return new Checks(AppChecks.of(scope), scope);
  }

  private constructor(
    private readonly checks: AppChecks,
    private readonly scope: IConstruct,
  ) {}

  /** The App. */
  get root(): IConstruct {
    return this.checks.root;
  }

  /**
   * The oldest Kubernetes that the App's objects are applied to, said once for all constructs and rules, before or after they
   * are made: what newer ones have is used, what they took away is not. One that is not known is refused. @default '1.27'
   */
  get kubernetes(): KubernetesVersion {
    return kubernetesOf(this.root);
  }

  set kubernetes(version: KubernetesVersion) {
    sayKubernetes(this.root, version);
  }

  /**
   * The Kubernetes cluster that the App's objects are applied to, by any name: environments of different ones may have the same
   * namespaces and hosts. It is the label `cdk8s-phoenix/cluster` of every object that is judged, by which a {@link ClusterGuard}
   * knows those of others. @default - the same one as all that say nothing
   */
  get cluster(): string | undefined {
    return this.checks.cluster;
  }

  set cluster(cluster: string | undefined) {
    this.checks.cluster = cluster;
  }

  /**
   * The oldest release of each operator whose objects the App has: `{ 'envoy-gateway': '1.7' }`. Names that are not known, and releases
   * older than those that are, are refused. @default {} - the newest that is known of each
   */
  get operators(): Operators {
    return this.checks.operators;
  }

  set operators(operators: Operators) {
    this.checks.operators = requireOperators(this.root, operators);
  }

  /**
   * Public scanners that are told, by their own annotations, what was decided: the reasons of opt-outs, and what this library does
   * otherwise on purpose. What an object fails without a reason is left for them to find. Others than those of {@link Scanner} are refused.
   * @default []
   */
  get scanners(): readonly Scanner[] {
    return this.checks.scanners;
  }

  set scanners(scanners: readonly Scanner[]) {
    this.checks.scanners = requireScanners(this.root, scanners);
  }

  /**
   * What becomes of findings that hurt under load, or are a matter of policy: `refuse` has synth fail as it does for errors, `print`
   * has it tell them and write the files. docs/checks.md says which rules warn. Any other word is refused. @default 'refuse'
   */
  get warnings(): 'refuse' | 'print' {
    return this.checks.warnings;
  }

  set warnings(warnings: 'refuse' | 'print') {
    const names = ['refuse', 'print'];
    const word: unknown = warnings;
    const fix = didYouMean(String(word), names, 'leave it out: warnings are refused then');
    if (!names.includes(warnings)) reject(this.root, { prop: 'warnings', must: `be ${names.join(' or ')}`, got: warnings, fix });
    this.checks.warnings = warnings;
  }

  /** The objects of the App as they were synthesized before: changes to them are looked at too. @default [] */
  get previous(): readonly Manifest[] {
    return this.checks.previous;
  }

  set previous(previous: readonly Manifest[]) {
    this.checks.previous = previous;
  }

  /** What the rules saw at the last run. */
  get world(): World {
    return this.checks.world;
  }

  /** The YAML of each object at the last run, as it is written. */
  get manifests(): ReadonlyMap<IConstruct, Manifest> {
    return this.checks.manifests;
  }

  /** The opt-outs that the last run needed. */
  get optOuts(): readonly OptOutInForce[] {
    return this.checks.optOuts;
  }

  /** The warnings of the last run that kept nothing from being written. */
  get printed(): readonly string[] {
    return this.checks.printed;
  }

  /**
   * Judges what is below some constructs alone, whoever made it: one of the charts that hold ours, or the whole App with the charts of
   * others. Each chart may have a namespace of its own.
   *
   * @param scopes charts, or anything in them; the App is all of it; those of another App are refused @default - the charts that a construct of ours was put into
   * @example Checks.of(app).only(app);
   */
  only(...scopes: IConstruct[]): this {
    judgeOnly(
      this.root,
      scopes.filter((scope) => this.isWithin('only', scope)),
    );
    return this;
  }

  /** Adds rules of your own. */
  add(...added: Rule[]): this {
    this.checks.rules.push(...added);
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
   * @param target the objects below which it does not hold @default - what {@link Checks.of} was called with
   */
  leaveOut(rule: string, optOut: OptOut, target: IConstruct = this.scope): this {
    const reason: PropTypes<Record<string, OptOut>> = { [rule]: [OptOut] };
    if (!this.isWithin('leaveOut', target)) return this;
    requireTypes(target, { [rule]: optOut }, reason, 'optOuts.');
    if (optOut instanceof OptOut) requireSentence(target, `optOuts.${rule}`, optOut.reason);
    const names = [...this.checks.rules, ...apartRules].map(({ name }) => name);
    if (!names.includes(rule)) {
      const fix = didYouMean(rule, names, `use one of ${names.join(', ')}`);
      reject(target, { prop: 'optOuts', must: 'name a rule', got: rule, fix });
    }
    declare(this.root, { leftOut: [{ rule, optOut, target }] });
    return this;
  }

  /** Whether a construct is one of the App; of another one nothing would be judged, or left out, and nobody would hear of it. */
  private isWithin(prop: string, scope: unknown): boolean {
    if (Construct.isConstruct(scope) && scope.node.root === this.root) return true;
    const got = Construct.isConstruct(scope) ? `${scope.node.path || 'the App itself'} of another App` : scope;
    const fix = 'pass the App, one of its charts, or anything in them';
    reject(this.root, { prop, must: 'be given constructs of this App', got, fix });
    return false;
  }

  /** Keeps the rules from an App that could not be built: they would speak of what is not there yet. */
  abandon(): void {
    this.checks.abandon();
  }
}
