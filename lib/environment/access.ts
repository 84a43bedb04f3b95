import { PodAccess } from '../constructs/pod-access';
import { ArgoApplication, isArtifact } from '../delivery/argo-application';
import { Deployer } from '../delivery/deployer';
import { ARGO, CLUSTERS } from '../support/beside';
import { standApart } from '../support/folder';
import { reject, writtenAs } from '../support/reject';
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
  const { cluster, deployers: subjects = [], name, delivery = 'apply' } = parts.environment;
  if (cluster === undefined || subjects.length === 0) return;
  const chart = chartOf(parts, '90-deployers');
  standApart(chart, {
    folder: `${CLUSTERS}/${cluster}`,
    file: `${name}-deployers`,
    use: 'who administers the cluster applies it whenever it changes.',
  });
  if (delivery !== 'apply') {
    const fix = 'leave them out: what Argo CD, Flux and Helm apply, they apply by rights of their own';
    reject(chart, { prop: 'deployers', must: "be left out where delivery is not 'apply'", got: delivery, fix });
    return;
  }
  writtenAs(chart, 'Deployer', (prop) => prop.replace(/^subjects\b/, 'deployers'));
  new Deployer(chart, 'Deployer', { name: parts.facts.application.name, subjects });
}

/** What Argo CD is told, in the cluster that it runs in. */
export function argoOf(parts: Parts): void {
  const { argo, delivery, name } = parts.environment;
  if (argo === undefined) return;
  const { repository, path = isArtifact(argo.repository) ? '.' : `dist/${name}`, revision, ...others } = argo;
  const chart = chartOf(parts, '91-argo');
  if (delivery !== 'argo') {
    const fix = "write delivery: 'argo', by which migrations are hooks of a sync, or leave it out";
    reject(chart, { prop: 'argo', must: "be left out where delivery is not 'argo'", got: delivery ?? 'apply', fix });
    return;
  }
  const use = 'who administers Argo CD applies it whenever it changes.';
  standApart(chart, { folder: ARGO, use, elsewhere: true });
  writtenAs(chart, 'Argo', (prop) => `argo.${prop.replace(/^source\./, '')}`);
  new ArgoApplication(chart, 'Argo', {
    name: `${parts.facts.application.name}-${name}`,
    source: { repository, path, revision },
    ...others,
  });
}
