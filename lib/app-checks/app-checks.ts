import type { IConstruct } from 'constructs';
import { declaredIn } from '../support/declare';
import type { Manifest } from '../support/edit';
import type { Operators } from '../support/operators';
import { completeWhenValidated } from '../support/whole';
import { constructOf } from './finished';
import { Reasons, type OptOutInForce } from './reasons';
import type { Rule } from '../checks/rule';
import type { World } from '../model/world';
import { rules } from '../checks/rules';
import { run, type Outcome } from './run';
import type { Scanner } from './scanners/scanner';
import { worldIn } from './world-in';

const attached = new WeakMap<IConstruct, AppChecks>();

const NOTHING: Outcome = { faults: [], written: [], objects: [], optOuts: [], printed: [] };

/** How one App is judged, and what came of it the last time. Its settings are those of `Checks`, by which people say them. */
export class AppChecks {
  /** Those of the App that a construct is in; the first call adds them. Unlike `Checks.of`, it does not ask for a chart to be judged. */
  static of({ node: { root } }: IConstruct): AppChecks {
    const known = attached.get(root) ?? new AppChecks(root);
    attached.set(root, known);
    return known;
  }

  cluster?: string;
  warnings: 'refuse' | 'print' = 'refuse';
  previous: readonly Manifest[] = [];
  operators: Operators = {};
  scanners: readonly Scanner[] = [];
  readonly rules: Rule[] = [...rules];
  /** What is written into objects, again and again. */
  readonly reasons = new Reasons();

  private last = NOTHING;
  private isAbandoned = false;

  private constructor(readonly root: IConstruct) {
    // The rules look at what is complete.
    completeWhenValidated(root);
    root.node.addValidation({ validate: () => this.run() });
  }

  /** What the rules saw at the last run. */
  get world(): World {
    // One and the same after a run, because what is read from it is remembered with it.
    return this.last.world ?? worldIn(this, this.last.objects, declaredIn(this.root));
  }

  /** The YAML of each object at the last run, as it is written. */
  get manifests(): ReadonlyMap<IConstruct, Manifest> {
    return new Map(this.last.written.map((object) => [constructOf(object), object.manifest]));
  }

  /** The opt-outs that the last run needed. */
  get optOuts(): readonly OptOutInForce[] {
    return this.last.optOuts;
  }

  /** The warnings of the last run that kept nothing from being written. */
  get printed(): readonly string[] {
    return this.last.printed;
  }

  /** Keeps the rules from an App that could not be built: they would speak of what is not there yet. */
  abandon(): void {
    this.isAbandoned = true;
  }

  private run(): string[] {
    this.last = { ...this.last, world: undefined };
    if (this.isAbandoned) return [];
    this.last = run(this);
    return [...this.last.faults];
  }
}
