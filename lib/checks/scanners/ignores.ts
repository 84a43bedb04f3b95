import type { IConstruct } from 'constructs';
import type { FinishedObject, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';
import type { Subject } from './failures';
import type { Question } from './question';
import { questions } from './questions';
import { ignoring, type Scanner } from './scanner';

/** The reasons that concern an object, each with the props and rules that it is for. */
export type ReasonsOfObject = ReadonlyMap<string, ReadonlySet<string>>;

/** The annotations by which scanners pass over what was decided, of each object whose reasons are asked for. */
export class Ignores {
  private readonly workloads: ReadonlyMap<IConstruct, Subject>;

  constructor(
    private readonly world: World,
    private readonly scanners: readonly Scanner[],
  ) {
    const inventory = inventoryOf(world);
    this.workloads = new Map(
      inventory.pods.map((workload) => [workload.object.construct, { object: workload.object, workload, inventory }]),
    );
  }

  /** Those of one object. What it fails without a reason has none. */
  of(object: FinishedObject, reasons: ReasonsOfObject = new Map()): Record<string, string> {
    const subject = this.workloads.get(object.construct) ?? { object, inventory: inventoryOf(this.world) };
    const ignored = new Map(this.scanners.map((scanner) => [scanner, new Map<string, string>()]));
    for (const question of questions) {
      const reason = answerOf(question, reasons) ?? question.decided;
      if (reason === undefined || question.fails?.(subject) === false) continue;
      for (const [scanner, own] of ignored) {
        for (const check of question.checks[scanner] ?? []) if (!own.has(check)) own.set(check, reason);
      }
    }
    const had = map(map(object.manifest['metadata'])['annotations']);
    return Object.fromEntries([...ignored].flatMap(([scanner, own]) => Object.entries(ignoring(scanner, own, had))));
  }
}

function answerOf({ optOuts = [] }: Question, reasons: ReasonsOfObject): string | undefined {
  const isMeant = (prop: string) => optOuts.some((end) => prop === end || prop.endsWith(`.${end}`));
  return [...reasons].find(([, props]) => [...props].some(isMeant))?.[0];
}
