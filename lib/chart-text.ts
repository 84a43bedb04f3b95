import { join } from 'node:path';
import { ApiObject, App, Chart, DependencyGraph } from 'cdk8s';
import type { AppChecks } from './app-checks/app-checks';
import type { ApartFile } from './output';
import { apartOf, folderOf } from './support/folder';
import { sentence } from './support/reject';
import { yaml } from './support/yaml';

/** The file of a chart. */
export interface ChartText {
  readonly chart: Chart;
  /** Below the folder of the environment. */
  readonly path: string;
  /** Empty where it has no objects. */
  readonly text: string;
  /** Why there is none. */
  readonly fault?: string;
}

/** The objects of a chart as they were checked. */
export function textOf(chart: Chart, { manifests }: AppChecks): ChartText {
  const objects = new DependencyGraph(chart.node).topology().filter((c) => ApiObject.isApiObject(c) && Chart.of(c) === chart);
  const path = join(folderOf(chart) ?? '', `${chart.node.id}${App.of(chart).outputFileExtension}`);
  try {
    return { chart, path, text: yaml(objects.map((object) => manifests.get(object as ApiObject))) };
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    const fix = 'look at the values that were passed for it';
    const fault = `[${chart.node.path}] ${sentence({ prop: path, must: 'hold plain data', got, fix })}`;
    return { chart, path, text: '', fault };
  }
}

/** What is no part of the environment, a file for each place. */
export function apartFiles(written: readonly ChartText[]): ApartFile[] {
  const files = new Map<string, ApartFile>();
  for (const { chart, text } of written) {
    const where = apartOf(chart);
    if (!where) continue;
    const key = `${where.folder}/${where.file ?? ''}`;
    const known = files.get(key);
    files.set(key, { ...where, text: known ? `${known.text}---\n${text}` : text });
  }
  return [...files.values()];
}
