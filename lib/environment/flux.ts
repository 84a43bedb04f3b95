import { Duration } from 'cdk8s';
import { EnvironmentChart } from '../charts/environment-chart';
import { FluxKustomizations, type FluxKustomizationsProps } from '../constructs/flux-kustomizations';
import { FluxArtifact } from '../delivery/flux-artifact';
import { MIGRATION_LIMIT } from '../release/migration-budget';
import { inFolder, standsApart } from '../support/folder';
import { OptOut } from '../support/opt-out';
import { reject, writtenAs } from '../support/reject';
import type { Flux } from './environment';
import { inLiteral } from './in-literal';
import { migrationsIn, within, type Parts } from './parts';

/** Which folder each file goes to, in the order in which Flux applies them; what has none of its own is the base. */
const FOLDERS: Readonly<Record<string, string>> = {
  '20-migrate': 'migrate',
  '30-phoenix': 'release',
  '40-routes': 'release',
  '45-observe': 'release',
  '50-after': 'after',
};

/** Puts each chart of an environment into the folder of its step, and adds a Kustomization for each. */
export function deliverByFlux(parts: Parts): void {
  const { app, environment, facts } = parts;
  const { name, flux = {} } = environment;
  const { gate = MIGRATION_LIMIT } = migrationsIn(environment);
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
  const chart = inFolder(new EnvironmentChart(app, '90-flux', within(parts)), 'flux');
  const { namespace, interval } = flux;
  writtenAs(chart, 'Flux', inLiteral('flux', 'Flux', flux));
  writtenAs(chart, 'Artifact', (prop) => (prop === 'namespace' ? 'flux.namespace' : `flux.artifact.${prop}`));
  new FluxKustomizations(chart, 'Flux', {
    name: `${facts.application.name}-${name}`,
    ...filesOf(chart, parts, flux),
    steps: steps.filter(({ folder }) => used.has(folder)),
    ...(namespace === undefined ? {} : { namespace }),
    ...(interval === undefined ? {} : { interval }),
  });
}

/** Where the files are: in Git, as Flux was installed, or in an artifact that is fetched from here. */
function filesOf(
  chart: EnvironmentChart,
  { facts, environment: { name } }: Parts,
  { artifact, source, path, namespace }: Flux,
): Pick<FluxKustomizationsProps, 'source' | 'path'> {
  if (!artifact) return { ...(source ? { source } : {}), path: path ?? `dist/${name}` };
  if (source) {
    const fix = 'leave one of the two out';
    reject(chart, { prop: 'flux.source', must: 'be left out beside an artifact', got: source.name, fix });
  }
  const { reference = { tag: name }, ...others } = artifact;
  const made = new FluxArtifact(chart, 'Artifact', {
    name: `${facts.application.name}-${name}`,
    reference,
    ...(namespace === undefined ? {} : { namespace }),
    ...others,
  });
  return { source: made.source, path: path ?? '.' };
}

/** What Flux reads is said only where Flux applies it. */
export function requireFlux(parts: Parts): void {
  const { flux, delivery = 'apply' } = parts.environment;
  if (flux === undefined || delivery === 'flux') return;
  const fix = "write delivery: 'flux', or leave it out";
  reject(parts.app, { prop: 'flux', must: "be left out where delivery is not 'flux'", got: delivery, fix });
}
