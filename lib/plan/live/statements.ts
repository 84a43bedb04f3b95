import { isSecretAt } from '../hidden';
import { fieldName, changeText, imageText, referenceOf, titleOf } from '../shown';
import type { Statement } from '../statement';
import type { Cause, FieldDrift, ObjectDrift } from './drift';
import { ownerText } from './owners';
import { namedPathOf } from './steps';

/** An object that differs, and whether the API server refuses what an apply would make of it. */
export interface ToldDrift extends ObjectDrift {
  readonly isRefused: boolean;
}

/** What of an object came about in one of some ways, field by field, and what the next apply does about it. */
export function driftStatements(drift: ToldDrift, causes: readonly Cause[]): Statement[] {
  const fields = drift.fields.filter(({ cause }) => causes.includes(cause));
  const [first] = fields;
  if (!first) return [];
  const text = `${titleOf(drift.written)}: ${fateText(first, drift)}`;
  return [
    {
      kind: first.cause,
      text,
      details: fields.map((field) => fieldLine(field, drift)),
      objects: [referenceOf(drift.written)],
    },
  ];
}

function fateText({ fate, cause }: FieldDrift, { mode, fields, isRefused }: ToldDrift): string {
  const command = mode === 'client' ? 'kubectl apply' : 'a server-side apply';
  if (cause === 'restarted') return `restarted by hand; ${command} leaves that mark, and restarts nothing`;
  if (fate === 'stays') return `${command} leaves it`;
  if (isRefused) return `${command} is refused, and changes nothing of it`;
  if (fate === 'back') {
    if (cause === 'pending') return `${command} brings it`;
    return `${command} sets it back${cause === 'scaled' ? ', and the autoscaler sets it again' : ''}`;
  }
  const refused = `${command} is refused, and changes nothing of it`;
  const [ours, theirs] = [true, false].map((isOurs) =>
    fields.find((one) => one.fate === 'both' && isOurs === (one.written !== undefined)),
  );
  if (!ours || !theirs) return `${refused} without --force-conflicts`;
  return `${refused}: ${shortName(ours.path)} would stand beside ${shortName(theirs.path)}, which has to be removed first`;
}

function fieldLine(field: FieldDrift, { mode, written, live }: ObjectDrift): string {
  const who = whoText(field, mode);
  const where = namedPathOf(field.steps, [written, live]);
  return `${changeLine(
    field,
    [field.written, field.live].some((value) => isSecretAt(where, value)),
  )}${who === undefined ? '' : `, ${who}`}`;
}

function changeLine({ path, written, live, cause }: FieldDrift, isSecret: boolean): string {
  const name = shortName(path);
  if (cause === 'restarted') return name;
  // What is not applied yet is told as what will happen, the rest as what has happened.
  const [was, is] = cause === 'pending' ? [live, written] : [written, live];
  if (isSecret) return `${name} ${was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'}`;
  const isImage = path.endsWith('.image') && written !== undefined && live !== undefined;
  return `${name} ${isImage ? imageText(was, is) : changeText(path, was, is, false)}`;
}

/** Whoever it was, where somebody has kept that. */
function whoText({ cause, by, live }: FieldDrift, mode: ObjectDrift['mode']): string | undefined {
  if (by.length > 0) return `by ${by.map(ownerText).join(' and ')}`;
  // What is gone has no owner, and a server-side apply keeps no record of what it has written once.
  if (cause === 'pending') return mode === 'server' && live === undefined ? 'unless somebody has taken it away' : undefined;
  return live === undefined ? 'nobody has kept by whom' : 'by the API server or a webhook of it';
}

/** A field by a short name; one of the pods by its place in these. */
function shortName(path: string): string {
  const inPods = /(?:^|\.)template\.metadata\./.test(path) ? ' of the pods' : '';
  return `${fieldName(path).replace(/^(?:jobTemplate\.spec\.)?template\.(?:spec\.)?/, '')}${inPods}`;
}
