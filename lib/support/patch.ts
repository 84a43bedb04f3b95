import { isDeepStrictEqual } from 'node:util';
import { ApiObject, JsonPatch } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { edit, type Manifest } from './edit';
import { reject, sentence, Unbuildable } from './reject';
import { requireSentence } from './values';

/**
 * Changes one object's YAML where no prop fits. Paths are those of the YAML, so any field of any Kubernetes
 * version can be named. A patch that is used twice should become a prop.
 *
 * @param target the object, or a construct around one
 * @param reason why, for the reviewer
 * @param operations JSON patch operations (RFC 6902); a path that does not exist is refused at synth
 * @example patch(release.web.deployment, 'support rolls back through many candidates',
 *   JsonPatch.replace('/spec/revisionHistoryLimit', 30));
 */
export function patch(target: IConstruct, reason: string, ...operations: JsonPatch[]): void {
  // There is nothing to report it at.
  // eslint-disable-next-line no-restricted-syntax
  if (!Construct.isConstruct(target)) throw new Unbuildable(`[app] ${sentence({ ...noObject, got: target })}`);
  const object = objectOf(target);
  if (!object) {
    reject(target, { ...noObject, got: target.constructor.name });
    return;
  }
  if (typeof reason === 'string') requireSentence(object, 'reason', reason);
  else reject(object, { prop: 'reason', must: 'be a text before the operations', got: shownOf(reason), fix: noReason });
  if (operations.length === 0 && typeof reason === 'string') reject(object, noOperation);
  for (const [index, operation] of operations.entries()) {
    if (!isPatch(operation)) {
      reject(object, { prop: `operations[${index}]`, must: 'be a JsonPatch', got: shownOf(operation), fix: asPatch(operation) });
      continue;
    }
    let fault: string | undefined;
    edit(object, (manifest) => {
      fault = faultOf(manifest, operation);
      return fault === undefined ? JsonPatch.apply(manifest, operation) : manifest;
    });
    object.node.addValidation({ validate: () => (isWritable(object) && fault !== undefined ? [fault] : []) });
  }
}

/** Whether an object can be finished, which applies its patches. What cannot is told once, by those who write it. */
function isWritable(object: ApiObject): boolean {
  try {
    object.toJson();
    return true;
  } catch {
    return false;
  }
}

/** The object itself, or the one that a construct is made around. */
function objectOf(target: IConstruct): ApiObject | undefined {
  if (ApiObject.isApiObject(target)) return target;
  const { defaultChild } = target.node;
  return defaultChild && objectOf(defaultChild);
}

/** Also one of another copy of cdk8s, which is no instance of this class. */
function isPatch(operation: unknown): operation is JsonPatch {
  return typeof operation === 'object' && operation !== null && '_toJson' in operation;
}

function shownOf(value: unknown): unknown {
  return isPatch(value) ? `JsonPatch of ${(value._toJson() as { path: string }).path}` : value;
}

/** The call that makes what was written out, as RFC 6902 has it. */
function asPatch(operation: unknown): string {
  if (Array.isArray(operation)) return 'pass the operations one by one, without the list';
  const { op, path } = Object(operation) as { op?: unknown; path?: unknown };
  const known = ['add', 'remove', 'replace', 'copy', 'move', 'test'].find((name) => name === op);
  const rest = known === 'remove' ? '' : ', ...';
  return `write JsonPatch.${known ?? 'replace'}('${typeof path === 'string' ? path : '/spec/...'}'${rest})`;
}

const noReason = "write why first: patch(target, 'the reason', JsonPatch.replace('/spec/...', ...))";
const noObject = { prop: 'patch', must: 'be given one object', fix: 'pass the object itself, such as release.web.deployment' };
const noOperation = { prop: 'patch', must: 'have an operation', got: 0, fix: 'pass at least one JsonPatch' };

/** Why `operation` cannot be applied. */
function faultOf(manifest: Manifest, operation: JsonPatch): string | undefined {
  const missing = missingPath(manifest, operation);
  if (missing !== undefined) {
    const fix = 'look the path up in the synthesized file; add the parent first where it is new';
    return sentence({ prop: 'patch', must: 'name a path that exists in the YAML', got: missing, fix });
  }
  const { op, path, value } = operation._toJson() as { op: string; path: string; value?: unknown };
  const found = find(manifest, path);
  if (op !== 'test' || isDeepStrictEqual(found, value)) return undefined;
  const fix = 'look at what the patch was written for, and change its operations';
  return sentence({ prop: 'patch', must: `find ${JSON.stringify(value)} at ${path}, which it tests`, got: found, fix });
}

/** The path of `operation` that `manifest` does not have; for an addition, its parent. */
function missingPath(manifest: Manifest, operation: JsonPatch): string | undefined {
  const { op, path, from } = operation._toJson() as { op: string; path: string; from?: string };
  const pathsRead = op === 'add' ? [parent(path)] : op === 'copy' || op === 'move' ? [from ?? '', parent(path)] : [path];
  const missing = pathsRead.find((pointer) => find(manifest, pointer) === undefined);
  return missing ?? (op === 'add' && beyondArray(manifest, path) ? path : undefined);
}

/** Whether an addition would leave a hole in an array. */
function beyondArray(manifest: Manifest, path: string): boolean {
  const array = find(manifest, parent(path));
  const index = path.slice(path.lastIndexOf('/') + 1);
  return Array.isArray(array) && index !== '-' && !(Number(index) <= array.length);
}

function parent(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'));
}

function find(manifest: Manifest, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, token) => (value as Record<string, unknown> | undefined)?.[token], manifest);
}
