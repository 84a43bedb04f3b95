import type { Manifest } from '../../lib/index';

/** The dashboards of an environment by the part that each is about. */
export function dashboardsIn(objects: readonly Manifest[]): Readonly<Record<string, Manifest>> {
  const found = objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && String(metadata.name).includes('-dashboard-'));
  return Object.fromEntries(
    found.map(({ metadata, data }) => {
      const [text = '{}'] = Object.values(data as Record<string, string>);
      return [String(metadata.name).replace(/^.*-dashboard-/, ''), JSON.parse(text) as Manifest];
    }),
  );
}

/** What its panels and its annotation ask, as Grafana sends it: all pods, over a few minutes. */
export function queriesOf(dashboard: Manifest): string[] {
  const panels = (dashboard['panels'] as Manifest[]).flatMap(({ targets }) =>
    (targets as Manifest[]).map(({ expr }) => String(expr)),
  );
  const annotations = (dashboard['annotations'].list as Manifest[]).map(({ expr }) => String(expr));
  return [...panels, ...annotations].map((expr) => expr.replaceAll('$__rate_interval', '1m').replaceAll('"$pod"', '".*"'));
}
