import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../../lib/index';
import { dashboardsIn } from '../queries';
import { tried, watched } from '../watched';
import { draw, type Line } from './draw';
import { END, openMetrics, START } from './sample';

// `sample FILE` writes what a Prometheus is given; `draw SERVER FOLDER` what the panels look like on one that has it.
const [what, first = '', second = ''] = process.argv.slice(2);
const STEP = 120;

async function ask(server: string, target: Manifest): Promise<Line[]> {
  const asked = String(target['expr']).replaceAll('$__rate_interval', '2m').replaceAll('"$pod"', '".*"');
  const query = new URLSearchParams({ query: asked, start: `${START + STEP}`, end: `${END}`, step: `${STEP}` });
  const answer = (await (await fetch(`${server}/api/v1/query_range?${query.toString()}`)).json()) as Manifest;
  if (answer['status'] !== 'success') throw new Error(`${String(answer['error'])}: ${asked}`);
  const result = answer['data'].result as { metric: Record<string, string>; values: [number, string][] }[];
  if (result.length === 0) throw new Error(`no data: ${asked}`);
  return result.map(({ metric, values }) => ({
    name: String(target['legendFormat']).replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''),
    points: values.map(([time, value]): [number, number] => [time, Number(value)]).filter(([, value]) => Number.isFinite(value)),
  }));
}

async function main(): Promise<void> {
  const { objects } = tried(watched);
  if (what === 'sample') {
    writeFileSync(first, openMetrics('kube_native_prom_ex', 'kube-native-staging'));
    return;
  }
  mkdirSync(second, { recursive: true });
  for (const [part, dashboard] of Object.entries(dashboardsIn(objects))) {
    if (part === 'mysql') continue; // like that of PostgreSQL
    const answers = new Map<number, Line[]>();
    for (const { id, targets } of dashboard['panels'] as Manifest[]) {
      const lines = await Promise.all((targets as Manifest[]).map((target) => ask(first, target)));
      answers.set(Number(id), lines.flat());
    }
    writeFileSync(join(second, `${part}.svg`), draw(dashboard, answers, START, END));
  }
}

void main();
