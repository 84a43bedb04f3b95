import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from '../../../lib/schema/grammar';
import { customTables, type CustomTable } from './custom-tables';
import { kubernetesTable } from './kubernetes';

// `npm run schemas -- --crds FOLDER --kubernetes FOLDER`: writes the tables of fields anew, see docs/contributing.md.

const SCHEMA = 'lib/schema';
const CUSTOM = `${SCHEMA}/custom`;

function main(given: readonly string[]): void {
  const crds = optionOf(given, '--crds');
  const kubernetes = optionOf(given, '--kubernetes');
  if (crds === undefined && kubernetes === undefined) {
    console.error('usage: npm run schemas -- [--crds FOLDER] [--kubernetes FOLDER]');
    process.exitCode = 1;
  }
  if (crds !== undefined) writeCustom(crds);
  if (kubernetes !== undefined) writeKubernetes(kubernetes);
}

function optionOf(given: readonly string[], name: string): string | undefined {
  const at = given.indexOf(name);
  return at < 0 ? undefined : given[at + 1];
}

/** Writes a table for each group that the folder has; those of other groups stay. */
function writeCustom(folder: string): void {
  mkdirSync(CUSTOM, { recursive: true });
  for (const made of customTables(folder, known)) {
    write(pathOf(made.group), made.table);
    report(made);
  }
  const groups = readdirSync(CUSTOM).map((file) => file.replace(/\.json$/, ''));
  const lines = groups.sort().map((group) => `  '${group}': () => require('./custom/${group}.json') as Table,`);
  writeFileSync(`${SCHEMA}/groups.ts`, `${HEADER}${lines.join('\n')}\n};\n`);
}

const HEADER = `/* eslint-disable @typescript-eslint/no-require-imports -- a table is read where an object of its group is there */
// Written by \`npm run schemas\`.
import type { Table } from './grammar';

/** The tables of custom kinds, by their API group. */
export const groups: Readonly<Record<string, () => Table>> = {
`;

function pathOf(group: string): string {
  return join(CUSTOM, `${group}.json`);
}

function known(group: string): Table | undefined {
  const path = pathOf(group);
  return statSync(path, { throwIfNoEntry: false }) ? (JSON.parse(readFileSync(path, 'utf8')) as Table) : undefined;
}

function write(path: string, table: object): void {
  writeFileSync(path, `${JSON.stringify(table, null, 2)}\n`);
}

function report({ group, table, left }: CustomTable): void {
  const conditions = Object.values(table.conditions ?? {}).flat().length;
  const kinds = Object.keys(table.kinds).length;
  console.log(`${group}: ${kinds} kinds, ${conditions} conditions, ${left.length} things left out`);
  for (const { where, what } of left) console.log(`  ${where}: ${what}`);
}

function writeKubernetes(folder: string): void {
  const path = `${SCHEMA}/fields.json`;
  const { table, notes } = kubernetesTable(folder, JSON.parse(readFileSync(path, 'utf8')) as Table);
  write(path, table);
  for (const note of notes) console.log(note);
}

main(process.argv.slice(2));
