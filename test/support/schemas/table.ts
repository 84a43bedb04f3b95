import { expressionOf } from '../../../lib/schema/cel/functions';
import type { Table } from '../../../lib/schema/grammar';
import { conditionsOf } from './conditions';
import { explodes, steady } from './explodes';
import { bounds, encoded, hashOf, scalarOf, values } from './line';
import { KNOWN_FORMATS, KNOWN_KEYWORDS, type Schema } from './schema';

/** What of a schema the table does not say, and where. */
export interface LeftOut {
  readonly where: string;
  readonly what: string;
}

/** What the API server itself looks after. */
const OWN: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** Makes the table of one API group; schemas that are the same share a definition. */
export class TableWriter {
  readonly left: LeftOut[] = [];
  private readonly kinds: Record<string, string> = {};
  private readonly definitions: Record<string, string> = {};
  private readonly patterns: Record<string, string> = {};
  private readonly defaults: Record<string, Record<string, unknown>> = {};
  private readonly conditions: Record<string, readonly string[]> = {};
  private readonly byContent = new Map<string, string>();

  /**
   * @param since the release in which a field is new, by its definition; nothing for those that were always there
   * @param shared whether schemas that are the same share a definition
   */
  constructor(
    private readonly since: (definition: string, field: string) => string | undefined,
    private readonly shared = true,
  ) {}

  get table(): Table {
    const { kinds, definitions, patterns, defaults, conditions } = this;
    const named = <T>(found: Record<string, T>): Record<string, T> =>
      Object.fromEntries(Object.entries(found).sort(([one], [other]) => (one < other ? -1 : 1)));
    return {
      kinds: named(kinds),
      definitions: named(definitions),
      patterns: named(patterns),
      defaults: named(defaults),
      conditions: named(conditions),
    };
  }

  addKind(version: string, kind: string, { properties = {}, ...schema }: Schema, name = kind): void {
    const { status } = properties;
    const rest = Object.fromEntries(Object.entries(properties).filter(([field]) => !OWN.has(field)));
    const fields = ['apiVersion=string', 'kind=string', 'metadata=ObjectMeta', ...(status ? ['status=any'] : [])];
    this.kinds[`${version}/${kind}`] = this.definition({ ...schema, properties: rest }, name, fields);
  }

  /** Names the definition of an object with the schema, which may be an earlier one. */
  private definition(schema: Schema, path: string, more: readonly string[] = []): string {
    this.look(schema, path);
    const { properties = {}, required = [] } = schema;
    const own: Record<string, readonly string[]> = {};
    const defaults: Record<string, unknown> = {};
    const tokens = Object.entries(properties).map(([field, inner]) => {
      const filled = inner.default !== undefined;
      if (filled) defaults[field] = inner.default;
      const wanted = required.includes(field) && !filled && !inner.nullable ? '!' : '';
      const since = this.since(path, field);
      const value = this.value(inner, `${path}.${field}`, `#${field}`, own);
      return `${encoded(field)}${wanted}${since === undefined ? '' : `@${since}`}=${value}`;
    });
    const { kept } = conditionsOf(schema);
    const open = schema['x-kubernetes-preserve-unknown-fields'] ? ['*'] : [];
    const line = [...open, ...[...more, ...tokens].sort((one, other) => (one < other ? -1 : 1))].join(' ');
    const content = JSON.stringify([line, defaults, kept, own]);
    const known = this.byContent.get(content);
    if (known !== undefined && this.shared) return known;
    this.byContent.set(content, path);
    this.definitions[path] = shortened(line, path);
    if (Object.keys(defaults).length > 0) this.defaults[path] = defaults;
    if (kept.length > 0) this.conditions[path] = kept;
    for (const [field, rules] of Object.entries(own)) this.conditions[`${path}${field}`] = rules;
    return path;
  }

  private value(schema: Schema, path: string, at: string, own: Record<string, readonly string[]>): string {
    const { items, additionalProperties, type, properties } = schema;
    const conditions = conditionsOf(schema).kept;
    const isObject = type === 'object' && typeof additionalProperties !== 'object';
    if (!isObject && conditions.length > 0) own[at] = conditions;
    if (type === 'array') {
      this.look(schema, path);
      const keys = schema['x-kubernetes-list-type'] === 'set' ? '=' : (schema['x-kubernetes-list-map-keys'] ?? []).join(',');
      const inner = items ? this.value(items, path, `${at}[]`, own) : 'any';
      return `[${keys}]${bounds(schema.minItems, schema.maxItems)}${inner}`;
    }
    if (typeof additionalProperties === 'object') {
      this.look(schema, path);
      const inner = this.value(additionalProperties, path, `${at}{}`, own);
      return `{}${bounds(schema.minProperties, schema.maxProperties)}${inner}`;
    }
    const anything = schema['x-kubernetes-preserve-unknown-fields'] ?? schema['x-kubernetes-embedded-resource'];
    if (isObject) {
      if ((anything && !properties) || additionalProperties === true) return '{}any';
      return `${this.definition(schema, path)}${bounds(schema.minProperties, schema.maxProperties)}`;
    }
    return this.single(schema, path);
  }

  private single(schema: Schema, path: string): string {
    this.look(schema, path);
    const scalar = scalarOf(schema);
    if (scalar === undefined) return 'any';
    const all = [schema, ...(schema.allOf ?? [])];
    const [first, ...others] = all.flatMap((one) => (one.enum ? [one.enum] : []));
    if (first) return values([...new Set(first)].filter((value) => others.every((other) => other.includes(value))));
    const patterns = [...new Set(all.flatMap(({ pattern }) => (pattern ? [steady(pattern)] : [])))].filter((pattern) =>
      this.keep(pattern, path),
    );
    const least = schema.minimum ?? schema.minLength;
    return `${scalar}${bounds(least === 0 && scalar === 'string' ? undefined : least, schema.maximum ?? schema.maxLength, patterns)}`;
  }

  private keep(pattern: string, where: string): boolean {
    if (!expressionOf(pattern) || explodes(pattern)) {
      this.left.push({ where, what: `the pattern ${pattern}` });
      return false;
    }
    this.patterns[hashOf(pattern)] = pattern;
    return true;
  }

  /** Notes what will not be in the table. */
  private look(schema: Schema, where: string): void {
    for (const { rule, because } of conditionsOf(schema).left)
      this.left.push({ where, what: `the condition ${rule} (${because})` });
    for (const keyword of Object.keys(schema))
      if (!KNOWN_KEYWORDS.has(keyword)) this.left.push({ where, what: `the keyword ${keyword}` });
    const { format } = schema;
    if (format !== undefined && !KNOWN_FORMATS.has(format)) this.left.push({ where, what: `the format ${format}` });
  }
}

/** The line with a sign for each definition that is called as the field. */
function shortened(line: string, path: string): string {
  return line
    .split(' ')
    .map((token) => {
      const [, field = ''] = /^([^!@=]+)/.exec(token) ?? [];
      const own = `${path}.${decodeURIComponent(field)}`;
      const at = token.lastIndexOf(own);
      return at > 0 && /^(?:\(.*)?$/.test(token.slice(at + own.length))
        ? token.slice(0, at) + '.' + token.slice(at + own.length)
        : token;
    })
    .join(' ');
}
