import { join, relative } from 'node:path';
import ts from 'typescript';

/** What props are. */
export interface PropsTable {
  /** Types by their names: the type of each prop as it is written in TypeScript, or of all of them together. */
  readonly types: Readonly<Record<string, Type>>;
  /** What to write where one of several ways is to be chosen, by the names of types: their `@write`. */
  readonly write: Readonly<Record<string, string>>;
}

type Type = string | Readonly<Record<string, string>>;

const ROOT = process.cwd();

let compiled: ts.Program | undefined;

/** The library as the compiler sees it. */
export function program(): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'lib/tsconfig.json'), (file) => ts.sys.readFile(file)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(ROOT, 'lib'));
  return (compiled ??= ts.createProgram([join(ROOT, 'lib/index.ts'), join(ROOT, 'lib/command/main.ts')], {
    ...options,
    noEmit: true,
  }));
}

/**
 * What `requireProps` asks at run time, read from the interfaces: every type whose name it is called with, and every one that
 * those lead to.
 */
export function propsTable(library: ts.Program): PropsTable {
  return new Reader(library).read();
}

/** The table as its file has it. */
export function propsText(): string {
  return `${JSON.stringify(propsTable(program()), null, 2)}\n`;
}

class Reader {
  private readonly checker: ts.TypeChecker;
  private readonly entries = new Map<string, Type>();
  private readonly write = new Map<string, string>();
  private readonly types = new Map<string, ts.Type>();

  constructor(private readonly library: ts.Program) {
    this.checker = library.getTypeChecker();
  }

  read(): PropsTable {
    for (const source of this.library.getSourceFiles()) {
      if (isOurs(source)) this.calls(source);
    }
    return { types: sorted(this.entries), write: sorted(this.write) };
  }

  /** Reads the types that one file requires. */
  private calls(node: ts.Node): void {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && CALLS.has(node.expression.text)) {
      const [value, name] = node.expression.text === 'requireProps' ? node.arguments.slice(1) : node.arguments;
      if (value && name && ts.isStringLiteral(name)) this.root(this.checker.getTypeAtLocation(value), name.text);
    }
    ts.forEachChild(node, (child) => this.calls(child));
  }

  private root(type: ts.Type, name: string): void {
    const written = this.written(type, name);
    if (written !== name) throw new Error(`${name} is required of a value of the type ${written}`);
  }

  /** A type as the table has it. What is long and has no name is called by where it is. */
  private written(given: ts.Type, place: string, source = ''): string {
    const type = this.checker.getBaseConstraintOfType(given) ?? given;
    if (type.flags & ts.TypeFlags.StringLike) return type.isStringLiteral() ? `'${type.value}'` : 'string';
    if (type.flags & ts.TypeFlags.NumberLike) return 'number';
    if (type.flags & ts.TypeFlags.BooleanLike) {
      return type.flags & ts.TypeFlags.BooleanLiteral ? this.checker.typeToString(type) : 'boolean';
    }
    const name = this.nameOf(given) ?? this.nameOf(type);
    if (name !== undefined) return this.named(name, type);
    return this.ofKubernetes(type) ?? this.spelt(type, place, source);
  }

  private spelt(type: ts.Type, place: string, source: string): string {
    if (type.isUnion()) return this.union(type, place, source);
    if (this.checker.isArrayType(type) || this.checker.isTupleType(type)) return this.list(type as ts.TypeReference, place);
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return 'any';
    if (type.getCallSignatures().length > 0) return 'function';
    const symbol = type.getSymbol();
    const declared = symbol?.declarations?.[0];
    if (symbol && declared && ts.isClassDeclaration(declared)) return symbol.name;
    if (declared && isForeign(declared.getSourceFile(), this.library)) return 'object';
    const each = type.getStringIndexType();
    if (each) return `Record<${this.written(each, place)}>`;
    const props = this.props(type, place);
    const line = `{ ${Object.entries(props)
      .map((prop) => prop.join(': '))
      .join(', ')} }`;
    if (line.length <= ONE_LINE) return line;
    return this.placed(place, props);
  }

  /** Of several kinds of objects that stand in one place, all but the first have a number. */
  private placed(place: string, props: Readonly<Record<string, string>>): string {
    let at = place;
    for (let number = 1; this.entries.has(at) || this.types.has(at); number += 1) at = `${place}.${number}`;
    this.entries.set(at, props);
    return at;
  }

  /**
   * An interface of the Kubernetes API, as `k8s.Volume`: what makes YAML of it drops a name that it does not know. Its values are
   * for the rules about the API.
   */
  private ofKubernetes(type: ts.Type): string | undefined {
    const symbol = type.flags & ts.TypeFlags.Object ? type.symbol : undefined;
    const declared = symbol?.declarations?.[0];
    if (
      !symbol ||
      !declared ||
      !ts.isInterfaceDeclaration(declared) ||
      !declared.getSourceFile().fileName.endsWith('imports/k8s.d.ts')
    )
      return undefined;
    if (LAID_OVER.has(symbol.name)) return undefined;
    const name = `k8s.${symbol.name}`;
    if (this.types.has(name)) return name;
    this.types.set(name, type);
    const inner = (of: ts.Type): string => {
      const value = this.checker.getNonNullableType(of);
      if (this.checker.isArrayType(value)) {
        const [one] = this.checker.getTypeArguments(value as ts.TypeReference);
        return one && inner(one) !== 'any' ? `${inner(one)}[]` : 'any';
      }
      return this.ofKubernetes(value) ?? 'any';
    };
    const props = this.checker.getPropertiesOfType(type);
    this.entries.set(name, Object.fromEntries(props.map((prop) => [`${prop.name}?`, inner(this.checker.getTypeOfSymbol(prop))])));
    return name;
  }

  /** An interface, or an alias. */
  private named(name: string, type: ts.Type): string {
    const known = this.types.get(name);
    if (known === undefined) {
      this.types.set(name, type);
      const alias = type.aliasSymbol?.declarations?.find(ts.isTypeAliasDeclaration);
      this.entries.set(name, this.meaning(type, name, alias?.type.getText() ?? ''));
      const symbol = type.aliasSymbol ?? type.getSymbol();
      const [write] = symbol?.getJsDocTags(this.checker).filter((tag) => tag.name === 'write') ?? [];
      if (write) this.write.set(name, ts.displayPartsToString(write.text).replaceAll(/\s+/g, ' '));
    } else if (known !== type) throw new Error(`two types are called ${name}`);
    return name;
  }

  private meaning(type: ts.Type, name: string, source: string): Type {
    const whole = (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 && !this.checker.isArrayType(type);
    return whole && !type.getStringIndexType() && type.getCallSignatures().length === 0
      ? this.props(type, name)
      : this.spelt(type, name, source);
  }

  private union(type: ts.UnionType, place: string, source: string): string {
    const parts = type.types.filter((part) => !isUndefined(part));
    if (parts.length > MOST_WORDS && parts.every((part) => part.isStringLiteral())) return 'string';
    const words = inOrder([...new Set(parts.map((part) => this.written(part, place)))], source);
    const both = words.includes('true') && words.includes('false');
    return [...words.filter((word) => !both || (word !== 'true' && word !== 'false')), ...(both ? ['boolean'] : [])].join(' | ');
  }

  private list(type: ts.TypeReference, place: string): string {
    const [of] = this.checker.getTypeArguments(type);
    const written = of ? this.written(of, place) : 'any';
    return written.includes(' | ') ? `(${written})[]` : `${written}[]`;
  }

  private props(type: ts.Type, place: string): Readonly<Record<string, string>> {
    const props = this.checker.getPropertiesOfType(type).map((prop) => {
      const of = this.typeOf(prop);
      const optional = (prop.flags & ts.SymbolFlags.Optional) !== 0 || (of.isUnion() && of.types.some(isUndefined));
      const declared = prop.valueDeclaration;
      const source = declared && ts.isPropertySignature(declared) ? (declared.type?.getText() ?? '') : '';
      const told = prop.getJsDocTags(this.checker).some((tag) => tag.name === 'told');
      const written = this.written(of, `${place}.${prop.name}`, source);
      return [`${prop.name}${optional ? '?' : ''}`, told ? anyOf(written) : written] as const;
    });
    return Object.fromEntries(props);
  }

  /** As it is declared where that is the same: the compiler forgets the name of `Peer` in `Peer | undefined`. */
  private typeOf(prop: ts.Symbol): ts.Type {
    const type = this.checker.getTypeOfSymbol(prop);
    const declared = prop.valueDeclaration;
    if (!declared || !ts.isPropertySignature(declared) || !declared.type) return type;
    const named = this.checker.getTypeFromTypeNode(declared.type);
    return this.checker.getNonNullableType(type) === this.checker.getNonNullableType(named) ? named : type;
  }

  /** The name of an interface or of an alias of ours, which means the same wherever it stands. */
  private nameOf(type: ts.Type): string | undefined {
    const symbol =
      type.aliasSymbol ??
      (type.flags & ts.TypeFlags.Object && type.symbol?.flags & ts.SymbolFlags.Interface ? type.symbol : undefined);
    const declared = symbol?.declarations?.[0];
    if (!symbol || !declared || !isOurs(declared.getSourceFile())) return undefined;
    const options = type.aliasSymbol ? (type.aliasTypeArguments ?? []) : this.checker.getTypeArguments(type as ts.TypeReference);
    return options.every((option) => option.flags & ts.TypeFlags.String) ? symbol.name : undefined;
  }
}

/** What has no name of its own and fits into this stands where it is used. */
const ONE_LINE = 100;

/** A list of more words is no sentence: who asks for such a word says in its own what is meant. */
const MOST_WORDS = 8;

/** What is laid over YAML as it is written, whole: of its names the rules about the API know more, those of newer versions too. */
const LAID_OVER = new Set(['Affinity', 'HostAlias', 'PodDnsConfig', 'Toleration', 'TopologySpreadConstraint']);

const CALLS = new Set(['requireProps', 'wrongProps']);

/** What a check of its own says better, as its `@told` tells: what each value of a mapping may be, or else the whole. */
function anyOf(written: string): string {
  return /^(?:Record<|\{)/.test(written) ? 'Record<any>' : 'any';
}

/** As the source has them, where it does: the compiler puts them in the order in which it has met them. */
function inOrder(words: readonly string[], source: string): readonly string[] {
  const at = (word: string): number => source.indexOf(/'[^']*'|[\w.]+/.exec(word)?.[0] ?? word);
  return words.every((word) => at(word) >= 0) ? [...words].sort((one, other) => at(one) - at(other)) : words;
}

function sorted<T>(entries: ReadonlyMap<string, T>): Readonly<Record<string, T>> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isUndefined(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Undefined) !== 0;
}

function isForeign(source: ts.SourceFile, library: ts.Program): boolean {
  return !isOurs(source) && !library.isSourceFileDefaultLibrary(source);
}

function isOurs(source: ts.SourceFile): boolean {
  return relative(ROOT, source.fileName).startsWith('lib/');
}
