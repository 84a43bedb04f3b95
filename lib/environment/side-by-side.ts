import { table } from '../support/table';
import type { EffectiveKnob } from './effective';

/** What environments come to, a line for each knob and a column for each environment, as a table of Markdown. */
export function sideBySide(environments: ReadonlyMap<string, readonly EffectiveKnob[]>): string {
  const columns = [...environments.values()].map((knobs) => new Map(knobs));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const rows = names.map((name) => [name, ...columns.map((column) => column.get(name) ?? '')]);
  return `${table([['', ...environments.keys()], ...rows])}\n`;
}
