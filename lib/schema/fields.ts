import type { OperatorName, Release } from '../support/operators';
import { isBefore } from '../support/versions';
import { builtInKinds } from './api-versions';
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
    const name = this.entry(key)[0];
    return name === undefined ? undefined : this.named(name);
  }

  originOf(key: string): Origin | undefined {
    const { project, releases } = this.table;
    const [name, since] = this.entry(key);
    if (name === undefined || project === undefined || releases === undefined) return undefined;
    return { operator: project as OperatorName, oldest: releases[0] as Release, since: since as Release | undefined };
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

  /** The name of a kind's definition, and the release that brought the kind. */
  private entry(key: string): readonly string[] {
    return (Object.hasOwn(this.table.kinds, key) ? this.table.kinds[key] : undefined)?.split('@') ?? [];
  }
}

/** Whose kind it is. */
export interface Origin {
  readonly operator: OperatorName;
  /** The oldest release of the operator that is known. */
  readonly oldest: Release;
  /** The one that brought the kind, where it is a later one. */
  readonly since?: Release;
}

const kubernetes = new Definitions(builtIn);
const custom = new Map<string, Definitions | undefined>();

/** What is known of a kind, built-in or custom; nothing of those that only a cluster knows. */
export function definitionOf(apiVersion: unknown, kind: unknown): Definition | undefined {
  return kubernetes.ofKind(`${apiVersion}/${kind}`) ?? customOf(apiVersion)?.ofKind(`${versionOf(apiVersion)}/${kind}`);
}

/** The names of all kinds of which something is known, whoever serves them. */
export function allKinds(): ReadonlySet<string> {
  const tables: readonly Table[] = [builtIn, ...Object.values(groups).map((table) => table())];
  const keys = tables.flatMap(({ kinds, others = {} }) => [...Object.keys(kinds), ...Object.keys(others)]);
  return new Set([...builtInKinds, ...keys.map((key) => key.slice(key.lastIndexOf('/') + 1))]);
}

/** A type of Kubernetes itself: `PodSpec`. */
export function typeNamed(name: string): Definition | undefined {
  return kubernetes.named(name);
}

/** Who serves a custom kind, where its releases are known. */
export function originOf(apiVersion: unknown, kind: unknown): Origin | undefined {
  return customOf(apiVersion)?.originOf(`${versionOf(apiVersion)}/${kind}`);
}

/** The oldest release of each project from which on all of its tables know it. */
export function oldestReleases(): ReadonlyMap<string, Release> {
  const oldest = new Map<string, Release>();
  for (const table of Object.values(groups)) {
    const { project, releases } = table();
    const before = project === undefined ? undefined : oldest.get(project);
    const [first] = releases ?? [];
    if (project !== undefined && first !== undefined && (!before || isBefore(before, first)))
      oldest.set(project, first as Release);
  }
  return oldest;
}

function customOf(apiVersion: unknown): Definitions | undefined {
  if (typeof apiVersion !== 'string' || !apiVersion.includes('/')) return undefined;
  return customDefinitions(apiVersion.slice(0, apiVersion.indexOf('/')));
}

function versionOf(apiVersion: unknown): string | undefined {
  return String(apiVersion).split('/')[1];
}

/** The table of a group is loaded when an object of it is there: most environments have two or three of them. */
function customDefinitions(group: string): Definitions | undefined {
  if (custom.has(group)) return custom.get(group);
  const table = Object.hasOwn(groups, group) ? groups[group]?.() : undefined;
  const made = table && new Definitions(table, kubernetes);
  custom.set(group, made);
  return made;
}
