import { yaml } from '../../support/yaml';
import { WRITTEN } from './chart-files';
import type { ReleaseFacts } from './release-facts';

/** A chart that a helmfile installs. */
export interface ChartRelease {
  /** Folder of the chart, from that of the helmfile. */
  readonly chart: string;
  /** The environment, by which one is selected: `helmfile -l environment=staging`. */
  readonly environment: string;
  readonly facts: ReleaseFacts;
}

/**
 * The text of a helmfile, a release for each chart. helmfile would make a namespace without labels, limits and quota, and takes two
 * words with a slash between them for a chart of a repository.
 */
export function helmfileText(releases: readonly ChartRelease[]): string {
  const sorted = [...releases].sort((one, other) => (one.chart < other.chart ? -1 : 1));
  const all = sorted.map(({ chart, environment, facts: { application, namespace, cluster, timeout } }) => ({
    name: application,
    namespace,
    ...(cluster === undefined ? {} : { kubeContext: cluster }),
    labels: { environment },
    chart: /^\.\.?\//.test(chart) ? chart : `./${chart}`,
    createNamespace: false,
    wait: true,
    timeout: timeout * 60,
  }));
  return `# ${WRITTEN}\n${yaml([{ releases: all }])}`;
}
