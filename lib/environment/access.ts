import type { EnvironmentChart } from '../charts/environment-chart';
import { subjectOf } from '../constructs/access-subject';
import { PodAccess } from '../constructs/pod-access';
import { ArgoApplication, isArtifact } from '../delivery/argo-application';
import { Deployer } from '../delivery/deployer';
import { ImageDeployer } from '../delivery/image-deployer';
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
  const { deployers: subjects = [] } = parts.environment;
  const chart = rightsChart(parts, 'deployers');
  if (!chart) return;
  writtenAs(chart, 'Deployer', (prop) => prop.replace(/^subjects\b/, 'deployers'));
  new Deployer(chart, 'Deployer', { name: parts.facts.application.name, subjects });
}

/** Who rolls out images: held to it by a policy, which would hold those who deploy the rest to it, too. */
export function imageDeployersOf(parts: Parts): void {
  const { imageDeployers: subjects = [], deployers = [], image } = parts.environment;
  const chart = rightsChart(parts, 'imageDeployers');
  if (!chart) return;
  const others = new Set(deployers.map((one) => JSON.stringify(subjectOf(one))));
  for (const [index, subject] of subjects.entries()) {
    const got = JSON.stringify(subjectOf(subject));
    const fix = 'remove one of the two: who deploys the environment rolls out images by its YAML';
    const prop = `imageDeployers[${index}]`;
    if (others.has(got)) reject(chart, { prop, must: 'not be one of the deployers, who change more than images', got, fix });
  }
  writtenAs(chart, 'ImageDeployer', (prop) => prop.replace(/^subjects\b/, 'imageDeployers'));
  new ImageDeployer(chart, 'ImageDeployer', { name: parts.facts.application.name, subjects, image });
}

/** The files of those who deploy, by the prop that names them. */
const RIGHTS = { deployers: '90-deployers', imageDeployers: '90-image-deployers' } as const;

/** The chart of those whom a prop names; none where it names nobody, or where others apply. */
function rightsChart(parts: Parts, prop: keyof typeof RIGHTS): EnvironmentChart | undefined {
  const { cluster, [prop]: subjects = [], name, delivery = 'apply' } = parts.environment;
  if (cluster === undefined || subjects.length === 0) return undefined;
  const chart = chartOf(parts, RIGHTS[prop]);
  standApart(chart, {
    folder: `${CLUSTERS}/${cluster}`,
    file: RIGHTS[prop].replace('90', name),
    use: 'who administers the cluster applies it whenever it changes.',
  });
  if (delivery === 'apply') return chart;
  const fix = 'leave them out: what Argo CD, Flux and Helm apply, they apply by rights of their own';
  reject(chart, { prop, must: "be left out where delivery is not 'apply'", got: delivery, fix });
  return undefined;
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
