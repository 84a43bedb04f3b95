import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { LABEL } from './forms';
import { reject } from './reject';

const folders = new WeakMap<Chart, string>();
const apart = new WeakMap<Chart, Apart>();

/**
 * Puts the file of a chart into a folder of its own below that of the environment: `dist/staging/migrate/20-migrate.k8s.yaml`.
 * `kubectl apply -f dist/staging` leaves folders out, and Flux applies one folder a step.
 *
 * @returns the chart
 */
export function inFolder<C extends Chart>(chart: C, folder: string): C {
  if (typeof folder !== 'string' || !LABEL.test(folder)) {
    const fix = 'write one word, such as "migrate"';
    reject(chart, { prop: 'folder', must: "be lower-case letters, digits and '-'", got: folder, fix });
  }
  folders.set(chart, folder);
  return chart;
}

/** The folder of the file that a construct is written to; undefined where it is that of the environment. */
export function folderOf(construct: IConstruct): string | undefined {
  return folders.get(Chart.of(construct));
}

/** Where a file goes that is no part of an environment. */
export interface Apart {
  /** Folder beside those of the environments: `livebook`. */
  readonly folder: string;
  /** Name of the file without its ending. @default - that of the environment */
  readonly file?: string;
  /** What to do with it, as its first line goes on after `No part of the environment:`. */
  readonly use: string;
  /** Whether it is applied to another cluster than the environment. @default false */
  readonly elsewhere?: boolean;
}

/**
 * Keeps the file of a chart out of the folder of the environment: `dist/livebook/staging.yaml`. What is pointed at that folder
 * applies all that is in it, and what is below it too: Flux, `kubectl apply -R`, Argo CD with `recurse`, a chart of Helm.
 */
export function standApart(chart: Chart, where: Apart): void {
  apart.set(chart, where);
}

/** Where the file of a construct goes that is no part of the environment; undefined where it is one. */
export function apartOf(construct: IConstruct): Apart | undefined {
  return apart.get(Chart.of(construct));
}

/** Whether a construct is written to a file that is no part of the environment. */
export function standsApart(construct: IConstruct): boolean {
  return apart.has(Chart.of(construct));
}
