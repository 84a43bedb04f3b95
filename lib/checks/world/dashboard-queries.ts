import type { FinishedObject } from '../rule';
import { map, maps, text } from './values';

/** A query of a panel of a dashboard. */
export interface DashboardQuery {
  /** The field of the object that the dashboard stands in. */
  readonly field: string;
  readonly panel: string;
  readonly expr: string;
}

/** The queries of the dashboards in a ConfigMap or a GrafanaDashboard, as far as they say that Prometheus is asked. */
export function dashboardQueries(object: FinishedObject): DashboardQuery[] {
  return [...textsOf(object)].flatMap(([field, json]) =>
    panelsOf(read(json)).flatMap(({ title, targets, datasource }) =>
      maps(targets).flatMap((target): DashboardQuery[] => {
        const expr = text(target['expr']) ?? '';
        const source = text(map(target['datasource'] ?? datasource)['type']);
        const isAsked = source === 'prometheus' && expr.trim() !== '' && target['hide'] !== true;
        return isAsked ? [{ field, panel: text(title) ?? 'without a title', expr }] : [];
      }),
    ),
  );
}

/** What stands for a variable of a dashboard in a name. */
const VARIABLE = '__variable__';

/** A query as Prometheus gets it, as far as Grafana is not asked by variables of the dashboard's own: those may stand for anything. */
export function withoutVariables(expr: string): { readonly expr: string; readonly isWhole: boolean } {
  const known = expr.replace(/\$(?:__(?:rate_)?interval|__range)\b|\$\{__(?:rate_interval|interval|range)\}/g, '5m');
  const whole = known.replace(/\$\{[^}]+\}|\[\[[^\]]+\]\]|\$[a-zA-Z_]\w*/g, VARIABLE);
  return { expr: whole, isWhole: whole === known };
}

/** Whether a name is known without its variables. */
export function isWholeName(name: string): boolean {
  return !name.includes(VARIABLE);
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

/** Panels, also those inside of rows; there are no rows in rows. */
function panelsOf(dashboard: unknown): readonly Record<string, unknown>[] {
  const panels = maps(map(dashboard)['panels']);
  return [...panels, ...panels.flatMap((panel) => maps(panel['panels']))];
}
