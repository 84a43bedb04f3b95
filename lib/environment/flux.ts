import { type App, Duration } from 'cdk8s';
import { EnvironmentChart, type EnvironmentChartProps } from '../charts/environment-chart';
import { FluxKustomizations } from '../constructs/flux-kustomizations';
import { MIGRATION_LIMIT } from '../release/migration-budget';
import { inFolder, standsApart } from '../support/folder';
import { OptOut } from '../support/opt-out';

/** Which folder each file goes to, in the order in which Flux applies them; what has none of its own is the base. */
const FOLDERS: Readonly<Record<string, string>> = {
  '20-migrate': 'migrate',
  '30-phoenix': 'release',
  '40-routes': 'release',
  '45-observe': 'release',
  '50-after': 'after',
};

interface FluxEnvironment {
  readonly name: string;
  readonly gate?: Duration | OptOut;
  readonly within: EnvironmentChartProps;
}

/** Puts each chart of an environment into the folder of its step, and adds a Kustomization for each. */
export function deliverByFlux(app: App, environment: FluxEnvironment): void {
  const { name, within, gate = MIGRATION_LIMIT } = environment;
  const charts = app.charts.filter((chart) => !standsApart(chart));
  for (const chart of charts) inFolder(chart, FOLDERS[chart.node.id] ?? 'base');
  // A little longer than the jobs may take, and than a roll-out whose pods wait for nothing any more.
  const jobs = Duration.seconds((gate instanceof OptOut ? MIGRATION_LIMIT : gate).toSeconds() + 60);
  const steps = [
    { folder: 'base' },
    { folder: 'migrate', timeout: jobs },
    { folder: 'release', timeout: Duration.minutes(30) },
    { folder: 'after', timeout: jobs },
  ];
  const used = new Set(charts.map(({ node }) => FOLDERS[node.id] ?? 'base'));
  const chart = inFolder(new EnvironmentChart(app, '90-flux', within), 'flux');
  new FluxKustomizations(chart, 'Flux', {
    name: `${within.partOf}-${name}`,
    path: `dist/${name}`,
    steps: steps.filter(({ folder }) => used.has(folder)),
  });
}
