import { ApiObject, type App, Chart } from 'cdk8s';
import { type Charts, type Manifest, type Rule } from '../../lib/index';
import { staging } from './alone';
import { faultsOf } from './environments';

/** What one rule says of staging after a change, or of another environment. */
export function said(rule: Rule, change: (charts: Charts, app: App) => void, environment = staging): string[] {
  return faultsOf(environment, change).filter((fault) => fault.endsWith(` (${rule.name})`));
}

/** What one rule says of staging with objects added by hand: `[30-phoenix/<kind>-<name>]`. */
export function saidOf(rule: Rule, ...objects: Manifest[]): string[] {
  return said(rule, (charts) => add(charts, ...objects));
}

/** Adds objects by hand, next to the release. */
export function add({ release }: Charts, ...objects: Manifest[]): void {
  for (const { apiVersion, kind, metadata, ...rest } of objects) {
    new ApiObject(Chart.of(release), `${kind}-${metadata.name}`, { apiVersion, kind, metadata, ...rest });
  }
}
