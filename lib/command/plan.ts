import { rmSync } from 'node:fs';
import { RootConstruct } from 'constructs';
import { isFolder } from '../app-checks/previous-output';
import { outputSides, Parsers } from '../plan/folder';
import { formatIn } from '../plan/format';
import { openOutput, type Output } from '../plan/output';
import { plansOf } from '../plan/plans';
import { planText } from '../plan/text';
import { reject, rejections } from '../support/reject';
import { checkedOut, isRevision, rangeOf } from './revision';

/** What was said, or why nothing was. */
export interface Planned {
  readonly faults: readonly string[];
  readonly text: string;
}

/** What the command line says of a plan. */
export interface PlanOptions {
  /** In which form. */
  readonly format: string;
  /** The folder with the output, within a revision. */
  readonly dist: string;
}

/**
 * What a change from one output to another does, in words.
 *
 * @param before a folder with an output, or a revision of git, or a range of them
 * @param after the other one; that of the range @default - the output of this checkout
 */
export function plan(before: string, after: string | undefined, { format: form, dist }: PlanOptions): Planned {
  const root = new RootConstruct('plan');
  const scratch: string[] = [];
  const range = after === undefined && !isFolder(before) ? rangeOf(before) : undefined;
  const [from, to] = range ?? [before, after ?? dist];
  const open = (prop: string, where: string): Output | undefined => {
    if (isFolder(where)) return openOutput(root, { prop, folder: where, shown: where });
    const folder = isRevision(where) ? checkedOut(where, dist) : undefined;
    if (folder !== undefined) scratch.push(folder);
    if (folder !== undefined) return openOutput(root, { prop, folder, shown: `${where}:${dist}` });
    const fix = `name a folder with one folder for each environment, or a revision whose ${dist} is committed (--dist names another folder)`;
    reject(root, { prop, must: 'be what was synthesized', got: where, fix });
    return undefined;
  };
  try {
    const format = formatIn(root, form);
    if (!format) return { faults: rejections(root), text: '' };
    const [was, is] = [open('before', from), open('after', to)];
    const plans = was && is && areAlike(root, was, is) ? compared(root, was, is) : [];
    const faults = rejections(root);
    return { faults, text: faults.length === 0 ? planText(plans, format) : '' };
  } finally {
    for (const folder of scratch) rmSync(folder, { recursive: true });
  }
}

function compared(root: RootConstruct, was: Output, is: Output): ReturnType<typeof plansOf> {
  const parsers = new Parsers();
  // The folder of one environment may be called anything.
  const [name] = is.isOne ? is.names : [];
  return plansOf(outputSides(root, was, parsers, name), outputSides(root, is, parsers, name));
}

/** One environment on one side, and a folder of them on the other, would be all gone and all new. */
function areAlike(root: RootConstruct, was: Output, is: Output): boolean {
  if (was.isOne === is.isOne) return true;
  const texts = [was, is].map(({ shown, isOne, names }) => `${shown} with ${isOne ? 'one environment' : names.join(', ')}`);
  const fix = 'name the folder of one environment on both sides, or the folder above it on both';
  reject(root, { prop: 'before', must: "hold as many levels of folders as 'after'", got: texts.join(' and '), fix });
  return false;
}
