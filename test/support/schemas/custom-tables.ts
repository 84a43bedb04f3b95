import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseFields, type Table } from '../../../lib/schema/grammar';
import { isDescribed, readCustomKinds, type CustomKind } from './crds';
import { othersOf } from './others';
import { TableWriter, type LeftOut } from './table';

/** The table of a group, and what of its schemas is not in it. */
export interface CustomTable {
  readonly group: string;
  readonly table: Table;
  readonly left: readonly LeftOut[];
}

/**
 * Makes the tables of the CustomResourceDefinitions of a folder. Its own files are the newest release; folders in it hold
 * those of earlier ones and are called as them, `envoy-gateway/1.7`: kinds, and fields of them, that an earlier one does not
 * have get the release that they came with. What a table of before says of that stays. Definitions without a schema are named only.
 */
export function customTables(folder: string, before: (group: string) => Table | undefined): CustomTable[] {
  const releases = releasesOf(folder);
  const newest = byGroup(readCustomKinds(folder));
  for (const { kinds } of releases.values())
    for (const [group, found] of byGroup(kinds.at(-1)?.found ?? [])) {
      const named = newest.get(group)?.filter((kind) => !isDescribed(kind)) ?? [];
      newest.set(group, [...named, ...found]);
    }
  return [...newest].map(([group, all]) => {
    const known = before(group);
    const history = historyOf(group, releases, known);
    const writer = new TableWriter(history.ofField);
    const kinds = all.filter(isDescribed);
    for (const { version, kind, schema } of kinds) {
      const twice = kinds.some((other) => other.kind === kind && other.version !== version);
      writer.addKind(version, kind, schema, twice ? `${kind}.${version}` : kind);
    }
    const { kinds: names, ...rest } = writer.table;
    const marked = Object.entries(names).map(([key, name]) => [key, withRelease(name, history.ofKind(key))]);
    const described = kinds.length === 0 && known ? known.kinds : names;
    const others = othersOf(group, { newest: all, releases: history.releases, described, before: known?.others });
    if (known && kinds.length === 0) return { group, table: { ...known, others }, left: [] };
    return { group, table: { ...history.range, kinds: Object.fromEntries(marked), others, ...rest }, left: writer.left };
  });
}

/** What one release of a project has. */
export interface Release {
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

/** What is known of the releases of a group's project. */
interface History {
  /** Those of which the folder has definitions, from the oldest to the newest. */
  readonly releases: readonly Release[];
  readonly range: Pick<Table, 'project' | 'releases'>;
  /** In which release a kind came, where an earlier one does not have it: by `version/kind`. */
  readonly ofKind: (key: string) => string | undefined;
  /** In which release a field came, where an earlier one has what it is in, and not the field. */
  readonly ofField: (definition: string, field: string) => string | undefined;
}

function historyOf(group: string, releases: ReturnType<typeof releasesOf>, before: Table | undefined): History {
  const [project, { kinds: series }] = [...releases].find(([, { kinds }]) =>
    kinds.some(({ found }) => found.some((kind) => kind.group === group)),
  ) ?? [undefined, { kinds: [] }];
  const tables = series.map(({ name, found }) => {
    const writer = new TableWriter(() => undefined, false);
    const described = found.filter((one) => one.group === group).filter(isDescribed);
    for (const { version, kind, schema } of described) writer.addKind(version, kind, schema);
    return { name, table: writer.table };
  });
  const [first, last] = [tables[0], tables.at(-1)];
  const cameIn = (has: (table: Table) => boolean): number => tables.findIndex(({ table }) => has(table));
  return {
    releases: series,
    range: first && last ? { project, releases: [first.name, last.name] } : rangeOf(before),
    ofKind: (key) => {
      const came = cameIn(({ kinds }) => Object.hasOwn(kinds, key));
      return came > 0 ? tables[came]?.name : /@(.+)/.exec(before?.kinds[key] ?? '')?.[1];
    },
    ofField: (definition, field) => {
      const came = cameIn((table) => fieldIn(table, definition, field) !== undefined);
      const around = cameIn(({ definitions }) => Object.hasOwn(definitions, definition));
      return came > around ? tables[came]?.name : before && fieldIn(before, definition, field)?.release;
    },
  };
}

function rangeOf(table: Table | undefined): History['range'] {
  return table?.releases ? { project: table.project, releases: table.releases } : {};
}

function withRelease(name: string, release: string | undefined): string {
  return release === undefined ? name : `${name}@${release}`;
}

function fieldIn(table: Table, name: string, field: string): { readonly release?: string } | undefined {
  const line = table.definitions[name];
  if (line === undefined) return undefined;
  return parseFields(name, line, { table, resolve: () => undefined, custom: true }).fields.get(field);
}
