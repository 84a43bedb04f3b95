import type { Manifest } from '../../support/edit';
import { didYouMean } from '../../support/nearest';
import { reject } from '../../support/reject';
import type { FinishedObject, Maker, World } from '../../model/world';
import { inventoryOf } from '../../model/inventory';
import { map } from '../../model/values';
import type { Subject } from './failures';
import { type Question, questions } from './questions';
import type { IConstruct } from 'constructs';

/** A public scanner of manifests that takes exceptions from annotations of an object. */
export type Scanner = 'checkov' | 'kube-linter' | 'kube-score' | 'polaris';

/** The checks of one scanner that are left out of an object, each with the reason. */
export type Ignored = ReadonlyMap<string, string>;

/**
 * How each scanner is told, beside what an object has already. All of them read the annotations of the object itself, also for what
 * they find in its pods: those of a template would roll them.
 */
const WRITERS: Readonly<Record<Scanner, (ignored: Ignored, had: Manifest) => Record<string, string>>> = {
  // One key for each, `checkov.io/skip1`, whose numbers say nothing. It breaks off at a second `=`.
  checkov: (ignored, had) => {
    const known = Object.entries(had).filter(([key]) => key.startsWith('checkov.io/skip'));
    const skipped = known.map(([, value]) => String(value).split('=')[0]);
    const wanted = [...ignored].filter(([check]) => !skipped.includes(check));
    const free = wanted.map((_, index) => index + 1 + highest(known.map(([key]) => key)));
    return Object.fromEntries(
      wanted.map(([check, reason], index) => [`checkov.io/skip${free[index]}`, `${check}=${reason.replaceAll('=', ' ')}`]),
    );
  },
  'kube-linter': (ignored) =>
    Object.fromEntries([...ignored].map(([check, reason]) => [`ignore-check.kube-linter.io/${check}`, reason])),
  // It has no room for reasons.
  'kube-score': (ignored, had) => {
    const before = String(had['kube-score/ignore'] ?? '').split(',');
    const checks = new Set([...before.map((check) => check.trim()).filter((check) => check !== ''), ...ignored.keys()]);
    return { 'kube-score/ignore': [...checks].join(', ') };
  },
  // Nor has this one.
  polaris: (ignored) => Object.fromEntries([...ignored.keys()].map((check) => [`polaris.fairwinds.com/${check}-exempt`, 'true'])),
};

/** The annotations that have a scanner pass over some checks of an object. */
export function ignoring(scanner: Scanner, ignored: Ignored, had: Manifest): Record<string, string> {
  return ignored.size === 0 ? {} : WRITERS[scanner](ignored, had);
}

function highest(keys: readonly string[]): number {
  return Math.max(0, ...keys.map((key) => Number(/\d+$/.exec(key)?.[0] ?? 0)));
}

/** Those of some scanners that are known; refuses the others. */
export function requireScanners(scope: IConstruct, scanners: readonly Scanner[]): readonly Scanner[] {
  const names = Object.keys(WRITERS);
  return [...new Set(scanners)].filter((name) => {
    if (names.includes(name)) return true;
    const fix = didYouMean(name, names, `write ${names.join(', ')}`);
    reject(scope, { prop: 'scanners', must: 'name scanners that are known', got: name, fix });
    return false;
  });
}

/** The reasons that concern an object, each with the props and rules that it is for. */
export type ReasonsOfObject = ReadonlyMap<string, ReadonlySet<string>>;

/** The annotations by which scanners pass over what was decided, of each object whose reasons are asked for. */
export class Ignores {
  private readonly workloads: ReadonlyMap<Maker, Subject>;

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
