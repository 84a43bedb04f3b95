import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFields, type Table } from '../../../lib/schema/grammar';
import { encoded, scalarOf, values } from './line';
import type { Schema } from './schema';

/** A schema of Kubernetes' OpenAPI document. */
interface OpenApiSchema extends Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly items?: OpenApiSchema;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

interface Release {
  readonly minor: number;
  readonly definitions: Readonly<Record<string, OpenApiSchema>>;
}

/** Types that are more than their schema says. */
const TYPES: Readonly<Record<string, string>> = {
  IntOrString: 'intOrString',
  Quantity: 'quantity',
  ObjectMeta: 'ObjectMeta',
  Time: 'any',
  MicroTime: 'any',
  RawExtension: 'any',
  FieldsV1: 'any',
  JSON: 'any',
};
const OLDEST = 27;

/**
 * Adds to the table what the OpenAPI documents of a folder have and it has not. What it says already stays: OpenAPI knows
 * neither the values of a text nor the stage of a field. Kinds are those that the table names.
 */
export function kubernetesTable(folder: string, before: Table): { readonly table: Table; readonly notes: readonly string[] } {
  const releases = readReleases(folder);
  const merge = new Merge(before, releases);
  for (const [kind, name] of Object.entries(before.kinds)) merge.addKind(kind, name);
  return { table: { ...before, definitions: merge.definitions() }, notes: merge.notes };
}

/** A release's document, as Kubernetes (`swagger.json`) and cdk8s (`_definitions.json`) publish it. */
function readReleases(folder: string): Release[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const releases = files.map((name) => {
    const document = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<Release> & {
      readonly info?: { readonly version?: string };
    };
    const [, minor] = /1\.(\d+)/.exec(document.info?.version ?? '') ?? /1\.(\d+)/.exec(name) ?? [];
    return { minor: Number(minor), definitions: document.definitions ?? {} };
  });
  return releases.filter(({ minor }) => minor >= OLDEST).sort((one, other) => one.minor - other.minor);
}

class Merge {
  readonly notes: string[] = [];
  private readonly lines = new Map<string, Map<string, string>>();
  private readonly fullNames = new Map<string, string>();

  constructor(
    private readonly before: Table,
    private readonly releases: readonly Release[],
  ) {
    for (const [name, line] of Object.entries(before.definitions)) {
      const tokens = line.split(' ').filter((token) => token !== '');
      this.lines.set(name, new Map(tokens.map((token) => [fieldOf(token), token])));
    }
  }

  definitions(): Record<string, string> {
    const sorted = [...this.lines].sort(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(
      sorted.map(([name, tokens]) => [
        name,
        [...tokens]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([, token]) => token)
          .join(' '),
      ]),
    );
  }

  addKind(key: string, name: string): void {
    const [kind = '', version = '', group = ''] = key.split('/').reverse();
    const full = this.releases.flatMap(({ definitions }) =>
      Object.entries(definitions).flatMap(([found, schema]) =>
        isOfKind(found, schema, { group, version, kind }) ? [found] : [],
      ),
    );
    const [last] = full.slice(-1);
    if (last === undefined) this.notes.push(`${key}: in none of the documents`);
    else this.addDefinition(last, name);
  }

  private addDefinition(full: string, name: string): void {
    const known = this.fullNames.get(name);
    if (known !== undefined) {
      if (known !== full) this.notes.push(`${name}: stands for ${known} and for ${full}`);
      return;
    }
    this.fullNames.set(name, full);
    const tokens = this.lines.get(name) ?? new Map<string, string>();
    this.lines.set(name, tokens);
    const newest = this.releases.at(-1)?.definitions[full];
    for (const field of tokens.keys())
      if (newest && !newest.properties?.[field]) this.notes.push(`${name}.${field}: is not in the newest document`);
    const { properties = {}, required = [] } = newest ?? {};
    for (const [field, schema] of Object.entries(properties)) {
      const first = this.releases.find(({ definitions }) => definitions[full]?.properties?.[field]);
      this.addField(name, tokens, { field, schema, minor: first?.minor ?? OLDEST, required });
    }
  }

  private addField(
    name: string,
    tokens: Map<string, string>,
    { field, schema, minor, required }: { field: string; schema: OpenApiSchema; minor: number; required: readonly string[] },
  ): void {
    const token = tokens.get(field);
    if (token !== undefined && this.typeIn(name, token, field) === 'any') return;
    // The status of a kind is the server's to write, and looked at where the table has it: templates of claims carry one.
    const isState = field === 'status' && Object.values(this.before.kinds).includes(name);
    const value = isState && token === undefined ? 'any' : this.value(schema);
    if (token !== undefined) return;
    const since = minor > OLDEST ? `@${minor}` : '';
    tokens.set(field, `${encoded(field)}${required.includes(field) ? '!' : ''}${since}=${value}`);
    this.notes.push(`${name}.${field}: new in 1.${minor}`);
  }

  private typeIn(name: string, token: string, field: string): string | undefined {
    const context = { table: this.before, resolve: () => undefined, custom: false };
    return parseFields(name, token, context).fields.get(field)?.type;
  }

  private value(schema: OpenApiSchema): string {
    const { $ref, items, additionalProperties } = schema;
    if ($ref !== undefined) {
      const full = $ref.replace('#/definitions/', '');
      const name = full.slice(full.lastIndexOf('.') + 1);
      const type = TYPES[name];
      if (type !== undefined) return type;
      this.addDefinition(full, name);
      return name;
    }
    if (items) return `[${(schema['x-kubernetes-list-map-keys'] ?? []).join(',')}]${this.value(items)}`;
    if (typeof additionalProperties === 'object') return `{}${this.value(additionalProperties)}`;
    if (schema.enum) return values(schema.enum);
    const scalar = scalarOf(schema);
    return scalar === undefined || scalar === 'time' ? 'any' : scalar === 'long' ? 'integer' : scalar;
  }
}

function fieldOf(token: string): string {
  return decodeURIComponent(/^[^!@=]+/.exec(token)?.[0] ?? token);
}

/** Whether a definition is that of a kind: those of options and of events of a watch say that they are of every group. */
function isOfKind(
  full: string,
  { 'x-kubernetes-group-version-kind': kinds }: OpenApiSchema,
  wanted: { readonly group: string; readonly version: string; readonly kind: string },
): boolean {
  return (
    full.endsWith(`.${wanted.version}.${wanted.kind}`) &&
    kinds?.some(({ group, version, kind }) => group === wanted.group && version === wanted.version && kind === wanted.kind) ===
      true
  );
}
