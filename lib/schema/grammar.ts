// The tables are OpenAPI documents in short: each definition is one line of `<field>[!][@<since>]=<value>`.
//
// `!`             the API server wants the field
// `@31`           the first minor release of Kubernetes that takes it without a feature gate (nothing: at least since 1.27);
//                 of a custom kind the first release of its project: `@1.8`, where an earlier one has what it is in
// `[]` `{}`       a list, a mapping of the value that follows
// `[name,port]`   a list whose items differ in these fields; `[=]` one whose items differ
// `A|B@31`        the values that the server knows; `#301|302` where they are numbers
// `(1..63,~ab12)` bounds of a number, or of how many characters, items or fields; a pattern of the table
// `.`             in place of a type: the definition that is called as this one with the field behind it
// `*`             in place of a field: others may stand beside it
//
// Signs of the grammar inside of names and values are written as `%7C`. Defaults and conditions stand beside the lines, by
// the definition's name, and with `#field` where they are a field's.

import type { Release } from '../support/operators';
import { type Scalar, scalars } from './scalars';

/** The tables as they are stored. */
export interface Table {
  /** Whose kinds they are, as the project is called in `operators`. @default - its releases are not told apart */
  readonly project?: string;
  /** The oldest and the newest of its releases that the table was made from. */
  readonly releases?: readonly string[];
  /** Names of definitions, by `version/kind`; of custom kinds with the release that brought them: `Backup@1.8`. */
  readonly kinds: Readonly<Record<string, string>>;
  /**
   * Other kinds and versions that the group serves, by `version/kind`: those are known by name alone. With the release that
   * brought them, and the one with which they were gone: `1.2`, `-1.4`, `1.2-1.4`.
   */
  readonly others?: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, string>>;
  /** Patterns by a short hash of them. */
  readonly patterns?: Readonly<Record<string, string>>;
  /** What the server fills in, by the definition. */
  readonly defaults?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Conditions in the Common Expression Language, by the definition, or its field. */
  readonly conditions?: Readonly<Record<string, readonly string[]>>;
}

/** What stands in a field, in an item of a list or under a key of a mapping. */
export interface Value {
  readonly shape: 'one' | 'list' | 'mapping';
  /** The fields in which the items of a list must differ; none where they need not. `=` where they must differ as a whole. */
  readonly keys: readonly string[];
  /** What the items of a list or a mapping are. */
  readonly items: Value | undefined;
  /** A scalar's name, or that of another definition; of lists and mappings that of what is in them. */
  readonly type: string;
  /** The scalar, of a single value. */
  readonly scalar: Scalar | undefined;
  /** Whether nothing is asked of it but to be that scalar. */
  readonly plain: boolean;
  /** The other definition. */
  readonly definition: () => Definition | undefined;
  /** The values that the server knows, and since which minor release. */
  readonly values: ReadonlyMap<string | number, number> | undefined;
  readonly least: number | undefined;
  readonly most: number | undefined;
  readonly patterns: readonly string[];
  readonly conditions: readonly string[];
}

/** A field of a kind. */
export interface Field extends Value {
  readonly required: boolean;
  /** The first minor release of Kubernetes in which the API server takes it without a feature gate; of custom kinds the oldest. */
  readonly since: number;
  /** The first release of its project that has it, where it is a custom kind's and not all supported ones have. */
  readonly release: Release | undefined;
}

/** The fields of one type of object. */
export interface Definition {
  readonly name: string;
  /** Whether it is of a custom kind: those need a field to be there, where Kubernetes' own need something in it. */
  readonly custom: boolean;
  readonly fields: ReadonlyMap<string, Field>;
  readonly required: readonly string[];
  /** Whether fields that are not named may stand there. */
  readonly open: boolean;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly conditions: readonly string[];
}

interface Context {
  readonly table: Table;
  readonly resolve: (name: string) => Definition | undefined;
  readonly custom: boolean;
}

const OLDEST = 27;
const FIELD = /^(?<name>[^!@=]+)(?<required>!?)(?:@(?<since>[\w.]+))?=(?<value>.+)$/;
const VALUE = /^(?:\[(?<list>[^\]]*)\]|(?<mapping>\{\}))?(?:\((?<bounds>[^)]*)\))?(?<rest>.*)$/;
const SINGLE = /^(?<type>[^(]+)(?:\((?<bounds>[^)]*)\))?$/;

/** Reads the line of a definition. */
export function parseFields(name: string, line: string, context: Context): Definition {
  const tokens = line.split(' ').filter((token) => token !== '');
  const fields = new Map(tokens.filter((token) => token !== '*').map((token) => parseField(name, token, context)));
  const { defaults = {} } = context.table;
  return {
    name,
    fields,
    custom: context.custom,
    open: tokens.includes('*'),
    required: [...fields].filter(([, { required }]) => required).map(([field]) => field),
    defaults: Object.hasOwn(defaults, name) ? (defaults[name] ?? {}) : {},
    conditions: conditionsAt(name, context),
  };
}

// A walk reads these a thousand times for each environment: all have the same keys in the same order, without which the engine
// has to look up each of them by its name.

function parseField(definition: string, token: string, context: Context): [string, Field] {
  const { name = token, required, since, value = 'any' } = FIELD.exec(token)?.groups ?? {};
  const field = decoded(name);
  const parsed = parseValue(value, `${definition}#${field}`, context);
  return [
    field,
    {
      ...parsed,
      plain: parsed.plain && since === undefined,
      required: required === '!',
      since: context.custom ? OLDEST : Number(since ?? OLDEST),
      release: context.custom ? (since as Release | undefined) : undefined,
    },
  ];
}

function parseValue(text: string, path: string, context: Context): Value {
  const { list, mapping, bounds, rest = text } = VALUE.exec(text)?.groups ?? {};
  if (list === undefined && mapping === undefined) return parseSingle(text, path, context);
  const items = parseValue(rest, `${path}${mapping ?? '[]'}`, context);
  return {
    shape: list === undefined ? 'mapping' : 'list',
    keys: (list ?? '').split(',').filter((key) => key !== ''),
    items,
    type: items.type,
    scalar: undefined,
    plain: false,
    definition: items.definition,
    values: items.values,
    ...parseBounds(bounds, context),
    conditions: conditionsAt(path, context),
  };
}

function parseSingle(text: string, path: string, context: Context): Value {
  const { type: short = text, bounds } = SINGLE.exec(text)?.groups ?? {};
  const type = short === '.' ? path.replace('#', '.').replaceAll(/\[\]|\{\}/g, '') : short;
  const values = type.startsWith('#') || type.includes('|') ? parseValues(type) : undefined;
  let resolved: Definition | undefined;
  const definition = (): Definition | undefined => (resolved ??= context.resolve(type));
  const scalar = scalars[type];
  const plain = scalar !== undefined && bounds === undefined;
  return {
    shape: 'one',
    keys: NONE,
    items: undefined,
    type,
    scalar,
    plain,
    definition,
    values,
    ...parseBounds(bounds, context),
    conditions: conditionsAt(path, context),
  };
}

function conditionsAt(path: string, { table: { conditions = {} } }: Context): readonly string[] {
  return Object.hasOwn(conditions, path) ? (conditions[path] ?? NONE) : NONE;
}

function parseBounds(bounds: string | undefined, { table }: Context): Pick<Value, 'least' | 'most' | 'patterns'> {
  if (bounds === undefined) return { least: undefined, most: undefined, patterns: NONE };
  const parts = bounds.split(',');
  const patterns = parts.filter((part) => part.startsWith('~')).map((part) => table.patterns?.[part.slice(1)] ?? '');
  const [least = '', most = ''] = parts.find((part) => part.includes('..'))?.split('..') ?? [];
  return { least: least === '' ? undefined : Number(least), most: most === '' ? undefined : Number(most), patterns };
}

/** One value alone has the sign all the same: `Service|`; the empty one comes first: `|Service`. */
function parseValues(type: string): ReadonlyMap<string | number, number> {
  const numeric = type.startsWith('#');
  const parts = type.replace(/^#/, '').replace(/\|$/, '').split('|');
  return new Map(
    parts.map((value) => {
      const [text = '', since] = value.split('@');
      return [numeric ? Number(text) : decoded(text), Number(since ?? OLDEST)];
    }),
  );
}

function decoded(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text;
}

const NONE: readonly never[] = [];
