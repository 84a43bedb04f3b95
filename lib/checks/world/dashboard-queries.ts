import type { FinishedObject } from '../rule';
import { map, maps, text } from './values';

/** A query of a panel of a dashboard. */
export interface DashboardQuery {
  /** The field of the object that the dashboard stands in. */
  readonly field: string;
  readonly panel: string;
  readonly expr: string;
}

/** The queries of the dashboards in a ConfigMap or a GrafanaDashboard, for Prometheus. */
export function dashboardQueries(object: FinishedObject): DashboardQuery[] {
  return [...textsOf(object)].flatMap(([field, json]) =>
    panelsOf(read(json)).flatMap(({ title, targets }) =>
      maps(targets).flatMap((target): DashboardQuery[] => {
        const expr = text(target['expr']);
        return expr === undefined || isOther(target) ? [] : [{ field, panel: text(title) ?? 'without a title', expr }];
      }),
    ),
  );
}

/** A query as Prometheus gets it, as far as Grafana is not asked by variables of the dashboard's own: those may stand for anything. */
export function withoutVariables(expr: string): { readonly expr: string; readonly isWhole: boolean } {
  const known = expr.replace(/\$(?:__(?:rate_)?interval|__range)\b|\$\{__(?:rate_interval|interval|range)\}/g, '5m');
  const whole = known.replace(/\$\{\w+(?::\w+)?\}|\[\[\w+\]\]|\$[a-zA-Z_]\w*/g, 'x');
  return { expr: whole, isWhole: whole === known };
}

function* textsOf({ manifest }: FinishedObject): Iterable<[field: string, json: string]> {
  if (manifest['kind'] === 'GrafanaDashboard') {
    const json = text(map(manifest['spec'])['json']);
    if (json !== undefined) yield ['spec.json', json];
    return;
  }
  for (const [key, value] of Object.entries(map(manifest['data'])))
    if (key.endsWith('.json') && typeof value === 'string' && value.includes('"panels"')) yield [`data["${key}"]`, value];
}

/** What is no JSON is no dashboard: a ConfigMap may hold anything. */
function read(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Panels, also those inside of rows. */
function panelsOf(dashboard: unknown): readonly Record<string, unknown>[] {
  return maps(map(dashboard)['panels']).flatMap((panel) => [panel, ...panelsOf(panel)]);
}

/** Loki and others have an `expr` too. */
function isOther({ datasource }: Record<string, unknown>): boolean {
  const type = text(map(datasource)['type']);
  return type !== undefined && type !== 'prometheus';
}
