/** An expression, as a tree. */
export type Node =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Node, Node])[] }
  | { readonly kind: 'field'; readonly of: Node; readonly name: string }
  | { readonly kind: 'index'; readonly of: Node; readonly at: Node }
  | { readonly kind: 'call'; readonly name: string; readonly on?: Node; readonly arguments: readonly Node[] }
  | { readonly kind: 'choice'; readonly if: Node; readonly then: Node; readonly else: Node };

/** Signs between two expressions; the later ones bind more. */
const SIGNS: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!=', '<', '<=', '>', '>=', 'in'], ['+', '-'], ['*', '%']];
const LEVELS: ReadonlyMap<string, number> = new Map(SIGNS.flatMap((signs, level) => signs.map((sign) => [sign, level] as const)));
const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** The tree of an expression; undefined where it has something that is not of the part that is known. */
export function parse(expression: string): Node | undefined {
  const found = tokens(expression);
  if (!found) return undefined;
  const parser = new Parser(found);
  const tree = parser.expression();
  return parser.wrong || parser.kind !== 'end' ? undefined : tree;
}

const NOTHING: Node = { kind: 'literal', value: null };

class Parser {
  wrong = false;
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get kind(): Token['kind'] {
    return this.tokens[this.at]?.kind ?? 'end';
  }

  expression(): Node {
    const condition = this.binary(0);
    if (!this.skip('?')) return condition;
    const then = this.binary(0);
    this.want(':');
    return { kind: 'choice', if: condition, then, else: this.expression() };
  }

  private binary(level: number): Node {
    let left = this.unary();
    for (;;) {
      const name = this.tokens[this.at]?.text ?? '';
      const own = LEVELS.get(name) ?? -1;
      if (own < level || !this.skip(name)) return left;
      left = { kind: 'call', name, arguments: [left, this.binary(own + 1)] };
    }
  }

  private unary(): Node {
    for (const sign of ['!', '-']) {
      if (this.skip(sign)) return { kind: 'call', name: sign === '!' ? 'not' : 'minus', arguments: [this.unary()] };
    }
    return this.member();
  }

  private member(): Node {
    let node = this.primary();
    for (;;) {
      if (this.skip('.')) {
        const name = this.take('name');
        node = this.skip('(')
          ? { kind: 'call', name, on: node, arguments: this.listed(')') }
          : { kind: 'field', of: node, name: unescaped(name) };
      } else if (this.skip('[')) {
        node = { kind: 'index', of: node, at: this.expression() };
        this.want(']');
      } else return node;
    }
  }

  private primary(): Node {
    if (this.skip('(')) {
      const inner = this.expression();
      this.want(')');
      return inner;
    }
    if (this.skip('[')) return { kind: 'list', items: this.listed(']') };
    if (this.skip('{')) return { kind: 'map', entries: this.entries() };
    const { kind } = this;
    if (kind === 'number') return { kind: 'literal', value: Number(this.take('number')) };
    if (kind === 'text') return { kind: 'literal', value: this.take('text') };
    const name = this.take('name');
    if (LITERALS.has(name)) return { kind: 'literal', value: LITERALS.get(name) };
    return this.skip('(') ? { kind: 'call', name, arguments: this.listed(')') } : { kind: 'name', name };
  }

  private listed(end: string): Node[] {
    const items: Node[] = [];
    while (!this.wrong && !this.skip(end)) {
      items.push(this.expression());
      if (!this.skip(',')) {
        this.want(end);
        break;
      }
    }
    return items;
  }

  private entries(): [Node, Node][] {
    const entries: [Node, Node][] = [];
    while (!this.wrong && !this.skip('}')) {
      const key = this.expression();
      this.want(':');
      entries.push([key, this.expression()]);
      if (!this.skip(',')) {
        this.want('}');
        break;
      }
    }
    return entries;
  }

  private skip(text: string): boolean {
    const token = this.tokens[this.at];
    const found = token?.text === text && (token.kind === 'sign' || text === 'in');
    if (found) this.at += 1;
    return found;
  }

  private want(text: string): void {
    this.wrong ||= !this.skip(text);
  }

  private take(kind: Token['kind']): string {
    const token = this.tokens[this.at];
    if (token?.kind !== kind) {
      this.wrong = true;
      return NOTHING.kind;
    }
    this.at += 1;
    return token.text;
  }
}

const ESCAPED: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' };

/** Names that the language keeps for itself, and signs, stand between underscores: `__namespace__`. */
function unescaped(name: string): string {
  if (!name.includes('__')) return name;
  const whole = /^__([a-z]+)__$/.exec(name)?.[1];
  if (whole !== undefined && ESCAPED[whole] === undefined) return whole;
  return name.replaceAll(/__(underscores|dot|dash|slash)__/g, (_, sign: string) => ESCAPED[sign] ?? '');
}

/** A piece of an expression: what it is, and its text or value. */
interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
}

const TOKEN =
  /\s*(?:(?<raw>[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\n]*"|'[^'\n]*'))|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<number>\d+(?:\.\d+)?)(?![\w.])|(?<name>[A-Za-z_]\w*)|(?<sign>&&|\|\||[=!<>]=|[-+*%!<>?:.,()[\]{}]))/y;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The tokens of an expression of the Common Expression Language; undefined where one is not of the part that is known. */
function tokens(expression: string): Token[] | undefined {
  const found: Token[] = [];
  const text = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) return undefined;
    const { raw, text: quoted, number, name, sign = '' } = groups;
    if (raw !== undefined) found.push({ kind: 'text', text: unquoted(raw.slice(1)) });
    else if (quoted !== undefined) {
      // Of the escapes only those of single characters are known.
      if (/\\[^nrt\\'"`?]/.test(quoted.replaceAll('\\\\', ''))) return undefined;
      found.push({ kind: 'text', text: unquoted(quoted).replaceAll(/\\(.)/g, (_, one: string) => ESCAPES[one] ?? one) });
    } else if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (name !== undefined) found.push({ kind: 'name', text: name });
    else found.push({ kind: 'sign', text: sign });
  }
  return [...found, { kind: 'end', text: '' }];
}

function unquoted(literal: string): string {
  const marks = /^(?:"""|''')/.test(literal) ? 3 : 1;
  return literal.slice(marks, -marks);
}
