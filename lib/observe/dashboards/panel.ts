/** One query of a panel. */
export interface Query {
  readonly expr: string;
  /** How its series are called: `{{pod}}`. */
  readonly legend: string;
}

/** A panel, as a dashboard of ours has it. */
export interface Panel {
  readonly title: string;
  /** What it says, and when to worry. */
  readonly text: string;
  /** As Grafana calls it: `ms`, `bytes`, `reqps`, `percentunit`, `short`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Whether its series are laid upon each other. @default false */
  readonly stacked?: boolean;
}

/** A panel of one query, or of several. */
export function panel(title: string, text: string, unit: string, asked: string | readonly Query[], legend = '{{pod}}'): Panel {
  return { title, text, unit, queries: typeof asked === 'string' ? [{ expr: asked, legend }] : asked };
}

/** A dashboard before it is JSON. */
export interface Dashboard {
  /** Its part of the name: `beam`. */
  readonly part: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** What Grafana reads of the application that a dashboard is of. */
export interface DashboardPlace {
  readonly application: string;
  readonly namespace: string;
  readonly job?: string;
  /** Query of what is marked on all panels. @default - nothing is */
  readonly annotation?: string;
}

const SOURCE = { type: 'prometheus', uid: '${datasource}' };
/** Three panels side by side. */
const [WIDTH, HEIGHT, ROW] = [8, 8, 3];

/**
 * A dashboard as Grafana reads it from a file, of version 10 or newer. Its `uid` is that of the application and the namespace, so
 * that links to it stay; pods are chosen, all of them at first.
 *
 * @see https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function dashboardJson({ part, title, panels }: Dashboard, place: DashboardPlace): Record<string, unknown> {
  const { application, namespace, job } = place;
  return {
    uid: uidOf(`${namespace}-${part}`),
    title: `${application}: ${title} (${namespace})`,
    tags: ['phoenix', application, namespace],
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    templating: { list: [source(), ...(job !== undefined && choosesPods(panels) ? [pods(namespace, job)] : [])] },
    annotations: { list: place.annotation === undefined ? [] : [versions(place.annotation)] },
    links: [
      { type: 'dashboards', title: application, tags: ['phoenix', application, namespace], asDropdown: true, keepTime: true },
    ],
    panels: panels.map((panel, index) => panelJson(panel, index)),
  };
}

/** What is not about the pods of the application has none to choose. */
function choosesPods(panels: readonly Panel[]): boolean {
  return panels.some(({ queries }) => queries.some(({ expr }) => expr.includes('"$pod"')));
}

/** At most 40 characters: a long name keeps its end, where environments differ. */
function uidOf(name: string): string {
  return name.slice(-40).replace(/^-+/, '');
}

function source() {
  return { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', hide: 0 };
}

function pods(namespace: string, job: string) {
  const query = `label_values(up{namespace="${namespace}",job="${job}"}, pod)`;
  return {
    ...{ name: 'pod', label: 'Pod', type: 'query', datasource: SOURCE, query: { query, refId: 'pods' }, definition: query },
    ...{ refresh: 2, sort: 1, multi: true, includeAll: true, allValue: '.*', current: { text: ['All'], value: ['$__all'] } },
  };
}

function versions(expr: string) {
  return {
    ...{ name: 'Roll-outs', datasource: SOURCE, enable: true, iconColor: 'blue', expr, step: '60s' },
    ...{ titleFormat: 'another version', textFormat: '{{version}}', useValueForTime: false },
  };
}

function panelJson({ title, text, unit, queries, stacked = false }: Panel, index: number) {
  const [x, y] = [(index % ROW) * WIDTH, Math.floor(index / ROW) * HEIGHT];
  const custom = { fillOpacity: stacked ? 30 : 5, stacking: { mode: stacked ? 'normal' : 'none' } };
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    description: text,
    datasource: SOURCE,
    gridPos: { x, y, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0, custom }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queries.map(({ expr, legend }, at) => {
      return { refId: String.fromCharCode(65 + at), datasource: SOURCE, expr, legendFormat: legend, range: true };
    }),
  };
}
