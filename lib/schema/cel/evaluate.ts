import { expressionOf, has, isMapping, NO_ANSWER, operations } from './functions';
import { parse, type Node } from './parse';

// The Common Expression Language, as far as conditions of custom kinds use it. What an expression needs and is not here is
// found out where the tables are made, and such a condition stays out of them.

type Names = Readonly<Record<string, unknown>>;

const trees = new Map<string, Node | undefined>();
const MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

/** Whether a condition holds for a value; one without an answer does not, as on the API server. */
export function holds(condition: string, self: unknown): boolean {
  const tree = treeOf(condition);
  return tree === undefined || value(tree, { self }) === true;
}

/** What keeps a condition from being evaluated; undefined where nothing does. */
export function unknownIn(condition: string): string | undefined {
  const tree = treeOf(condition);
  return tree === undefined ? 'its syntax' : missing(tree, ['self']);
}

function treeOf(condition: string): Node | undefined {
  const known = trees.get(condition);
  if (known) return known;
  const tree = parse(condition);
  trees.set(condition, tree);
  return tree;
}

function value(node: Node, names: Names): unknown {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'name':
      return node.name in names ? names[node.name] : NO_ANSWER;
    case 'list':
      return strict(node.items, names, (...items) => items);
    case 'map': {
      const keys = node.entries.map(([key]) => key);
      const values = node.entries.map(([, inner]) => inner);
      return strict([...keys, ...values], names, (...all) =>
        Object.fromEntries(all.slice(0, keys.length).map((key, index) => [String(key), all[keys.length + index]])),
      );
    }
    case 'field':
      return fieldOf(value(node.of, names), node.name);
    case 'index':
      return strict([node.of, node.at], names, indexed);
    case 'choice': {
      const condition = value(node.if, names);
      if (typeof condition !== 'boolean') return NO_ANSWER;
      return value(condition ? node.then : node.else, names);
    }
    case 'call':
      return called(node, names);
  }
}

function called({ name, on, arguments: given }: Node & { kind: 'call' }, names: Names): unknown {
  if (name === '&&' || name === '||') return joined(given, names, name === '||');
  if (name === 'has') return given[0]?.kind === 'field' ? hasField(given[0], names) : NO_ANSWER;
  if (on && MACROS.has(name)) return each(name, value(on, names), given, names);
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  return operation ? strict(on ? [on, ...given] : given, names, operation) : NO_ANSWER;
}

/** An operation on values all of which are there. */
function strict(nodes: readonly Node[], names: Names, operation: (...operands: unknown[]) => unknown): unknown {
  const operands: unknown[] = [];
  for (const node of nodes) {
    const found = value(node, names);
    if (found === NO_ANSWER) return NO_ANSWER;
    operands.push(found);
  }
  return operation(...operands);
}

/** `&&` and `||`: one side that settles it makes up for another without an answer, in either order. */
function joined(nodes: readonly Node[], names: Names, settles: boolean): unknown {
  let answer: unknown = !settles;
  for (const node of nodes) {
    const found = value(node, names);
    if (found === settles) return settles;
    if (typeof found !== 'boolean') answer = NO_ANSWER;
  }
  return answer;
}

function hasField({ of, name }: Node & { kind: 'field' }, names: Names): unknown {
  const parent = value(of, names);
  return isMapping(parent) ? has(parent, name) : NO_ANSWER;
}

function fieldOf(of: unknown, name: string): unknown {
  return (isMapping(of) && Object.hasOwn(of, name) ? of[name] : undefined) ?? NO_ANSWER;
}

function indexed(of: unknown, at: unknown): unknown {
  if (Array.isArray(of)) return typeof at === 'number' && at in of ? (of[at] as unknown) : NO_ANSWER;
  return isMapping(of) && has(of, at) ? of[String(at)] : NO_ANSWER;
}

/** Macros over the items of a list or the keys of a mapping. */
function each(macro: string, over: unknown, [variable, body]: readonly Node[], names: Names): unknown {
  const items = Array.isArray(over) ? (over as unknown[]) : isMapping(over) ? Object.keys(over) : undefined;
  if (!items || !body || variable?.kind !== 'name') return NO_ANSWER;
  const answers = items.map((item) => value(body, { ...names, [variable.name]: item }));
  if (macro === 'all' || macro === 'exists') {
    const settles = macro === 'exists';
    if (answers.includes(settles)) return settles;
    return answers.every((answer) => answer === !settles) ? !settles : NO_ANSWER;
  }
  if (answers.includes(NO_ANSWER)) return NO_ANSWER;
  if (macro === 'map') return answers;
  if (!answers.every((answer) => typeof answer === 'boolean')) return NO_ANSWER;
  const chosen = items.filter((_, index) => answers[index] === true);
  return macro === 'filter' ? chosen : chosen.length === 1;
}

function missing(node: Node, names: readonly string[]): string | undefined {
  const first = (nodes: readonly Node[], known = names): string | undefined =>
    nodes.map((inner) => missing(inner, known)).find((found) => found !== undefined);
  switch (node.kind) {
    case 'literal':
      return undefined;
    case 'name':
      return names.includes(node.name) ? undefined : node.name;
    case 'list':
      return first(node.items);
    case 'map':
      return first(node.entries.flat());
    case 'field':
      return missing(node.of, names);
    case 'index':
      return first([node.of, node.at]);
    case 'choice':
      return first([node.if, node.then, node.else]);
    case 'call':
      return missingInCall(node, names, first);
  }
}

function missingInCall(
  { name, on, arguments: given }: Node & { kind: 'call' },
  names: readonly string[],
  first: (nodes: readonly Node[], known?: readonly string[]) => string | undefined,
): string | undefined {
  if (name === 'has') return given[0]?.kind === 'field' ? missing(given[0].of, names) : name;
  if (on && MACROS.has(name)) {
    const [variable, body] = given;
    if (given.length !== 2 || variable?.kind !== 'name' || !body) return name;
    return missing(on, names) ?? first([body], [...names, variable.name]);
  }
  if (name === 'matches' && !(given[0]?.kind === 'literal' && expressionOf(String(given[0].value)))) return 'matches()';
  const known = ['&&', '||'].includes(name) || Object.hasOwn(operations, name);
  return known ? first(on ? [on, ...given] : given) : `${name}()`;
}
