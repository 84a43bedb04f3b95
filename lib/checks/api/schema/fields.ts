import builtIn from './fields.json';
import { groups } from './groups';
import { parseFields, type Definition, type Table } from './grammar';

export type { Definition, Field, Value } from './grammar';

/** Definitions of one table; parsed when they are first used. */
class Definitions {
  private readonly parsed = new Map<string, Definition | undefined>();

  constructor(
    private readonly table: Table,
    private readonly beside?: Definitions,
  ) {}

  ofKind(key: string): Definition | undefined {
    const name = Object.hasOwn(this.table.kinds, key) ? this.table.kinds[key] : undefined;
    return name === undefined ? undefined : this.named(name);
  }

  named(name: string): Definition | undefined {
    if (this.parsed.has(name)) return this.parsed.get(name);
    const line = Object.hasOwn(this.table.definitions, name) ? this.table.definitions[name] : undefined;
    if (line === undefined) return this.beside?.named(name);
    const resolve = (other: string): Definition | undefined => this.named(other);
    const definition = parseFields(name, line, { table: this.table, resolve, custom: this.beside !== undefined });
    this.parsed.set(name, definition);
    return definition;
  }
}

const kubernetes = new Definitions(builtIn);
const custom = new Map<string, Definitions | undefined>();

/** What is known of a kind, built-in or custom; nothing of those that only a cluster knows. */
export function definitionOf(apiVersion: unknown, kind: unknown): Definition | undefined {
  const known = kubernetes.ofKind(`${apiVersion}/${kind}`);
  if (known || typeof apiVersion !== 'string' || !apiVersion.includes('/')) return known;
  const [group = '', version] = apiVersion.split('/');
  return customDefinitions(group)?.ofKind(`${version}/${kind}`);
}

/** The table of a group is loaded when an object of it is there: most environments have two or three of them. */
function customDefinitions(group: string): Definitions | undefined {
  if (custom.has(group)) return custom.get(group);
  const table = Object.hasOwn(groups, group) ? groups[group]?.() : undefined;
  const made = table && new Definitions(table, kubernetes);
  custom.set(group, made);
  return made;
}
