import { App, Chart } from 'cdk8s';
import { Checks } from '../app-checks/checks';
import { ClusterGuard } from '../delivery/cluster-guard';
import type { ApartFile } from '../output';
import { CLUSTERS } from '../support/beside';
import { render } from '../synth';
import type { Environment } from './environment';
import type { Stack } from './stack';

/** The guards of the clusters that environments are for. A preview has that of a permanent environment. */
export class StackGuards {
  private readonly clusters = new Set<string>();
  private readonly environments: ReadonlyMap<string, Environment>;

  constructor(environments: Stack['environments']) {
    this.environments = new Map(Object.entries(environments).map(([key, one]) => [one.name ?? key, one]));
  }

  /** Looks at an environment that has no faults. */
  look(name: string): void {
    const environment = this.environments.get(name);
    if (environment?.cluster !== undefined && environment.guard === undefined) this.clusters.add(environment.cluster);
  }

  /** Whether there is any. */
  get isMade(): boolean {
    return this.clusters.size > 0;
  }

  /** A file for each cluster, once all environments were looked at. */
  files(): ApartFile[] {
    return [...this.clusters].sort().map((cluster) => {
      const use = 'who administers the cluster applies it, once.';
      return { folder: `${CLUSTERS}/${cluster}`, file: 'guard', use, text: textOf(cluster) };
    });
  }
}

function textOf(cluster: string): string {
  const app = new App();
  Checks.of(app).kubernetes = '1.30';
  new ClusterGuard(new Chart(app, 'guard'), 'Guard', { cluster });
  return [...render(app).files.values()].join('---\n');
}
