import { OPERATORS, type OperatorName, type Operators, type Release } from '../../../support/operators';
import { isBefore } from '../../../support/versions';
import { originOf } from './fields';

/** What the objects ask of one operator. */
interface Asked {
  readonly release: Release;
  readonly because?: string;
}

/** Follows which releases of operators know the objects that a walk goes through. */
export class Releases {
  readonly needed = new Map<OperatorName, Asked>();
  private operator: OperatorName | undefined;

  constructor(private readonly declared: Operators) {}

  /** Begins with an object. Says since when its kind is there, where that is later than the release declared. */
  enter(apiVersion: unknown, kind: unknown): Release | undefined {
    const origin = originOf(apiVersion, kind);
    this.operator = origin?.operator;
    if (!origin) return undefined;
    const { operator, oldest, since } = origin;
    if (!this.needed.has(operator)) this.needed.set(operator, { release: oldest });
    return since !== undefined && this.lacks(since, () => `${apiVersion} ${kind}`) ? since : undefined;
  }

  /** Whether the release declared is earlier than the one that brought something. */
  lacks(since: Release, what: () => string): boolean {
    const { operator } = this;
    if (operator === undefined) return false;
    const before = this.needed.get(operator);
    if (!before || isBefore(before.release, since)) this.needed.set(operator, { release: since, because: what() });
    const declared = this.declared[operator];
    return declared !== undefined && isBefore(declared, since);
  }

  /** The operator of the object, and what to write, as a rule says it. */
  sentence(since: Release): { must: string; fix: string } {
    const { operator } = this;
    const title = operator === undefined ? 'its operator' : `${OPERATORS[operator]} ${this.declared[operator]}`;
    const fix = `it came with ${since}: take it out, or raise operators['${operator}'] of the environment`;
    return { must: `be known to ${title}`, fix };
  }
}
