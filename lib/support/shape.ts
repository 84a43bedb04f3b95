import type { Class } from './classes';

/** A class, or the name of a type. `undefined` beside others makes a prop optional. */
export type PropType = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'function' | undefined | Class;

/** What a value may be. */
export type Shape = (
  | { readonly is: Exclude<PropType, undefined> | 'any' }
  /** An instance of a class that may not be loaded yet: then there are none. */
  | { readonly instanceOf: string }
  | { readonly word: string | boolean }
  | { readonly list: Shapes }
  | { readonly each: Shapes }
  | { readonly props: Props }
) & {
  /** What to write where it is one of several ways. */
  readonly write?: string;
};

/** All that a value may be: one of these. */
export type Shapes = readonly Shape[];

/** Props by their names. */
export type Props = ReadonlyMap<string, Prop>;

/** One prop: what it may be, and whether it may be left out. */
export interface Prop {
  readonly shapes: Shapes;
  readonly optional: boolean;
}

/** What a name in a type means: a class, another type, or a word of TypeScript. */
export type Meaning = (name: string) => Shapes;

/** Reads a type as TypeScript writes it: `'everyone' | Peer[] | { port?: number } | Record<string>`. */
export function shapesOf(type: string, meaning: Meaning): Shapes {
  const tokens = type.match(/'[^']*'|[\w$.-]+\??|[[\](){}<>|:,]/g) ?? [];
  return new Reader(tokens, meaning).union();
}

/** Props whose types are read when they are first asked for. */
export function propsOf(types: Readonly<Record<string, string>>, meaning: Meaning): Props {
  return new Map(Object.entries(types).map(([name, type]) => propOf(name, () => shapesOf(type, meaning))));
}

function propOf(written: string, read: () => Shapes): readonly [string, Prop] {
  const optional = written.endsWith('?');
  let shapes: Shapes | undefined;
  const prop = {
    optional,
    get shapes(): Shapes {
      return (shapes ??= read());
    },
  };
  return [optional ? written.slice(0, -1) : written, prop];
}

class Reader {
  private at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly meaning: Meaning,
  ) {}

  union(): Shapes {
    const shapes = [...this.one()];
    while (this.take('|')) shapes.push(...this.one());
    return shapes;
  }

  private one(): Shapes {
    let shapes = this.single();
    while (this.take('[')) {
      this.at += 1;
      shapes = [{ list: shapes }];
    }
    return shapes;
  }

  private single(): Shapes {
    if (this.take('(')) return this.until(')', () => this.union());
    if (this.take('{')) return [{ props: this.until('}', () => this.props()) }];
    const token = this.next();
    if (token.startsWith("'")) return [{ word: token.slice(1, -1) }];
    if (token === 'true' || token === 'false') return [{ word: token === 'true' }];
    if (token === 'Record' && this.take('<')) return [{ each: this.until('>', () => this.union()) }];
    return this.meaning(token);
  }

  private props(): Props {
    const props = new Map<string, Prop>();
    do {
      const name = this.next();
      this.at += 1;
      const shapes = this.union();
      props.set(...propOf(name, () => shapes));
    } while (this.take(','));
    return props;
  }

  private until<T>(end: string, read: () => T): T {
    const value = read();
    this.take(end);
    return value;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  private next(): string {
    this.at += 1;
    return this.tokens[this.at - 1] ?? '';
  }
}
