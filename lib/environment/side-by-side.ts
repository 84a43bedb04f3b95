import type { EffectiveKnob } from './effective';

/** What environments come to, a line for each knob and a column for each environment, as a table of Markdown. */
export function sideBySide(environments: ReadonlyMap<string, readonly EffectiveKnob[]>): string {
  const columns = [...environments.values()].map((knobs) => new Map(knobs));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const rows = [['', ...environments.keys()], ...names.map((name) => [name, ...columns.map((column) => column.get(name) ?? '')])];
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return `${[line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join('\n')}\n`;
}
