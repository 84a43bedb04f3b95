import { PodAccess } from '../constructs/pod-access';
import { Deployer } from '../delivery/deployer';
import { standApart } from '../support/folder';
import { writtenAs } from '../support/reject';
import { chartOf, type Parts } from './parts';

/** Who looks into pods: a file of its own, only where somebody has rights. */
export function accessOf(parts: Parts): void {
  const { podAccess: subjects = [] } = parts.environment;
  if (subjects.length === 0) return;
  const chart = chartOf(parts, '06-access');
  writtenAs(chart, 'PodAccess', (prop) => prop.replace(/^subjects\b/, 'podAccess'));
  new PodAccess(chart, 'PodAccess', { name: parts.facts.application.name, subjects });
}

/** Who deploys: applied by who administers the cluster: nobody gives rights to themselves. */
export function deployersOf(parts: Parts): void {
  const { cluster, deployers: subjects = [], name } = parts.environment;
  if (cluster === undefined || subjects.length === 0) return;
  const chart = chartOf(parts, '90-deployers');
  standApart(chart, {
    folder: `cluster/${cluster}`,
    file: name,
    use: 'who administers the cluster applies it whenever it changes.',
  });
  writtenAs(chart, 'Deployer', (prop) => prop.replace(/^subjects\b/, 'deployers'));
  new Deployer(chart, 'Deployer', { name: parts.facts.application.name, subjects });
}
