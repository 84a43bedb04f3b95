import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseFields, type Table } from '../../../lib/checks/api/schema/grammar';
import { readCustomKinds, type CustomKind } from './crds';
import { TableWriter, type LeftOut } from './table';

/** The table of a group, and what of its schemas is not in it. */
export interface CustomTable {
  readonly group: string;
  readonly table: Table;
  readonly left: readonly LeftOut[];
}

/**
 * Makes the tables of the CustomResourceDefinitions of a folder. Its own files are the newest release; folders in it hold
 * those of earlier ones and are called as them, `envoy-gateway/1.7.0`: fields that an earlier one does not have get the
 * release that they came with. What a table of before says of that stays.
 */
export function customTables(folder: string, before: (group: string) => Table | undefined): CustomTable[] {
  const releases = releasesOf(folder);
  const newest = byGroup(readCustomKinds(folder));
  for (const { kinds } of releases.values())
    for (const [group, found] of byGroup(kinds.at(-1)?.found ?? [])) newest.set(group, found);
  return [...newest].map(([group, kinds]) => {
    const since = sinceOf(group, releases, before(group));
    const writer = new TableWriter(since);
    for (const { version, kind, schema } of kinds) {
      const twice = kinds.some((other) => other.kind === kind && other.version !== version);
      writer.addKind(version, kind, schema, twice ? `${kind}.${version}` : kind);
    }
    return { group, table: writer.table, left: writer.left };
  });
}

interface Release {
  readonly name: string;
  readonly found: readonly CustomKind[];
}

/** The releases of each project, from the oldest to the newest: `FOLDER/<project>/<release>/*.yaml`. */
function releasesOf(folder: string): Map<string, { readonly kinds: readonly Release[] }> {
  const folders = (of: string): string[] => readdirSync(of).filter((name) => statSync(join(of, name)).isDirectory());
  return new Map(
    folders(folder).map((project) => {
      const names = folders(join(folder, project)).sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
      return [project, { kinds: names.map((name) => ({ name, found: readCustomKinds(join(folder, project, name)) })) }];
    }),
  );
}

function byGroup(kinds: readonly CustomKind[]): Map<string, CustomKind[]> {
  const groups = new Map<string, CustomKind[]>();
  for (const kind of kinds) groups.set(kind.group, [...(groups.get(kind.group) ?? []), kind]);
  return groups;
}

/** In which release a field came, where earlier ones are known that do not have it. */
function sinceOf(
  group: string,
  releases: ReturnType<typeof releasesOf>,
  before: Table | undefined,
): (definition: string, field: string) => string | undefined {
  const series = [...releases.values()]
    .map(({ kinds }) => kinds)
    .find((kinds) => kinds.some(({ found }) => found.some((kind) => kind.group === group)));
  const fields = series?.map(({ name, found }) => {
    const writer = new TableWriter(() => undefined, false);
    for (const { version, kind, schema } of found.filter((one) => one.group === group)) writer.addKind(version, kind, schema);
    return { name, table: writer.table };
  });
  return (definition, field) => {
    const first = fields?.findIndex(({ table }) => hasField(table, definition, field)) ?? 0;
    if (fields && first > 0) return fields[first]?.name;
    return before && fieldIn(before, definition, field)?.release;
  };
}

function hasField(table: Table, definition: string, field: string): boolean {
  return fieldIn(table, definition, field) !== undefined;
}

function fieldIn(table: Table, name: string, field: string): { readonly release?: string } | undefined {
  const line = table.definitions[name];
  if (line === undefined) return undefined;
  return parseFields(name, line, { table, resolve: () => undefined, custom: true }).fields.get(field);
}
