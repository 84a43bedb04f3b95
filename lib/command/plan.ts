import { rmSync } from 'node:fs';
import { RootConstruct } from 'constructs';
import { isFolder } from '../checks/previous-output';
import { folderSides, Parsers } from '../plan/folder';
import { plansOf, type Sides } from '../plan/plans';
import { FORMATS, isFormat, planText } from '../plan/text';
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
export function plan(before: string, after: string | undefined, { format, dist }: PlanOptions): Planned {
  const root = new RootConstruct('plan');
  const scratch: string[] = [];
  const range = after === undefined && !isFolder(before) ? rangeOf(before) : undefined;
  const [from, to] = range ?? [before, after ?? dist];
  const parsers = new Parsers();
  const open = (prop: string, where: string): Sides | undefined => {
    const folder = isFolder(where) ? where : revision(where);
    if (folder !== undefined) return folderSides(root, folder, parsers);
    const fix = `name a folder with one folder for each environment, or a revision whose ${dist} is committed (--dist names another folder)`;
    reject(root, { prop, must: 'be what was synthesized', got: where, fix });
    return undefined;
  };
  const revision = (name: string): string | undefined => {
    const folder = isRevision(name) ? checkedOut(name, dist) : undefined;
    if (folder !== undefined) scratch.push(folder);
    return folder;
  };
  try {
    if (!isFormat(format)) {
      const fix = `write one of ${FORMATS.join(', ')}`;
      reject(root, { prop: '--format', must: 'be a form that is known', got: format, fix });
      return { faults: rejections(root), text: '' };
    }
    const sides = [open('before', from), open('after', to)] as const;
    const plans = sides[0] && sides[1] ? plansOf(sides[0], sides[1]) : [];
    const faults = rejections(root);
    return { faults, text: faults.length === 0 ? planText(plans, format) : '' };
  } finally {
    for (const folder of scratch) rmSync(folder, { recursive: true });
  }
}
