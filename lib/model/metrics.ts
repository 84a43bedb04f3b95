import type { parser as Parser } from '@prometheus-io/lezer-promql';
import type { Manifest } from '../support/edit';
import type { FinishedObject, World } from './world';
import { namedPorts } from './fences';
import { inventoryOf } from './inventory';
import type { Pod } from './pods';
import { selectorMatches } from './selectors';
import { serviceTargets } from './services';
import { labelsOf, list, map, maps, namespaceOf, once, specOf, text } from './values';

/** A port of pods that a monitor has Prometheus ask. */
export interface Scraped {
  readonly monitor: FinishedObject;
  /** Where in it: `spec.podMetricsEndpoints[0]`. */
  readonly field: string;
  readonly endpoint: Manifest;
  readonly workload: Pod;
  readonly number: number;
}

/** All ports that monitors ask, of pods that are in the YAML. */
export const scrapedPorts = once((world: World): readonly Scraped[] => {
  const inventory = inventoryOf(world);
  const running = inventory.pods.filter(({ task }) => !task);
  const ofPods = inventory.ofKind('PodMonitor').flatMap((monitor) => {
    const { selector, podMetricsEndpoints } = specOf(monitor);
    const found = running.filter(({ namespace, labels }) => looksInto(monitor, namespace) && selectorMatches(selector, labels));
    return maps(podMetricsEndpoints).flatMap((endpoint, index) => {
      const field = `spec.podMetricsEndpoints[${index}]`;
      return found.flatMap((workload) => {
        const number = endpoint['portNumber'] ?? namedPorts(workload).get(`TCP/${endpoint['port']}`);
        return typeof number === 'number' ? [{ monitor, field, endpoint, workload, number }] : [];
      });
    });
  });
  const ofServices = inventory.ofKind('ServiceMonitor').flatMap((monitor) => {
    const { selector, endpoints } = specOf(monitor);
    const services = inventory
      .ofKind('Service')
      .filter(({ manifest }) => looksInto(monitor, namespaceOf(manifest)) && selectorMatches(selector, labelsOf(manifest)));
    const served = services.flatMap((service) => inventory.servedBy(service).map((workload) => [service, workload] as const));
    return maps(endpoints).flatMap((endpoint, index) =>
      served.flatMap(([{ manifest }, workload]) => {
        const targets = serviceTargets(manifest, workload, ({ name }) => name === endpoint['port']);
        return targets.map(({ number }) => ({ monitor, field: `spec.endpoints[${index}]`, endpoint, workload, number }));
      }),
    );
  });
  return [...ofPods, ...ofServices];
});

function looksInto(monitor: FinishedObject, namespace: string): boolean {
  const { any, matchNames } = map(specOf(monitor)['namespaceSelector']);
  if (any === true) return true;
  return list(matchNames).length > 0 ? list(matchNames).includes(namespace) : namespaceOf(monitor.manifest) === namespace;
}

/** What an expression of PromQL says. */
export interface Expression {
  /** What is wrong with it, as it continues after "must"; undefined where nothing is. */
  readonly fault?: string;
  /** The names of the series that it asks for. */
  readonly names: readonly string[];
}

let loaded: typeof Parser | undefined;

/** An expression as Prometheus' own grammar reads it. The grammar is loaded when there is one to be read. */
export function readExpression(text: string): Expression {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- most environments have no rules of Prometheus
  loaded ??= (require('@prometheus-io/lezer-promql') as { parser: typeof Parser }).parser;
  const names = new Set<string>();
  let fault: string | undefined;
  loaded.parse(text).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError && fault === undefined) {
        const rest = text.slice(from, Math.max(to, from + 20)).trim();
        fault = `be an expression of PromQL, which ends at character ${from}${rest === '' ? '' : `, before ${JSON.stringify(rest)}`}`;
      }
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') names.add(text.slice(from, to));
    },
  });
  if (text.trim() === '') return { fault: 'be an expression of PromQL', names: [] };
  return { ...(fault === undefined ? {} : { fault }), names: [...names] };
}

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
