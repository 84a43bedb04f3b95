import type { App } from 'cdk8s';
import { requirePodSettings } from '../pod/pod-settings';
import { requireProps } from '../support/props';
import { requireClusterName } from '../support/cluster-name';
import { requireOwnLabels } from '../support/labels';
import { abort, refusalsOf, reject } from '../support/reject';
import { requireReason } from '../support/values';
import { isBefore } from '../support/versions';
import type { Environment } from './environment';
import { withoutMisplaced } from './misplaced';
import type { NamedEnvironment, Parts, StackFacts } from './parts';

/**
 * The environment without what stands at another level than its own, which is refused. Stops where a knob has a value of another
 * type or a name that nobody knows, at every level.
 */
export function requireEnvironment(app: App, given: NamedEnvironment): Parts['environment'] {
  const environment: Environment = withoutMisplaced(app, given);
  requireProps(app, environment, 'Environment');
  requirePodSettings(app, environment.pods ?? {});
  requireBackup(app, environment);
  requireCluster(app, environment);
  return { ...environment, ...labelled(app, environment), name: given.name, image: imageOf(app, given) };
}

/** In the place of an image that nobody has told, so that the rest is looked at all the same. It is never written. */
export const UNKNOWN_IMAGE = `unknown.invalid/image@sha256:${'0'.repeat(64)}`;

function imageOf(app: App, { image, name }: NamedEnvironment): string {
  if (image !== undefined) return image;
  const fix = `write it into the literal, or image: <image> into images/${name}.yaml`;
  reject(app, { prop: 'image', must: 'be given', got: undefined, fix });
  return UNKNOWN_IMAGE;
}

/** Labels of all objects are those of all pods too. Wrong ones are told once, and go. */
function labelled(app: App, { labels, pods }: Environment): Pick<Environment, 'labels' | 'pods'> {
  if (labels === undefined) return {};
  const known = refusalsOf(app).length;
  requireOwnLabels(app, 'labels', labels);
  if (refusalsOf(app).length > known) return { labels: undefined };
  return { labels, pods: { ...pods, labels: { ...labels, ...pods?.labels } } };
}

/** Stops where the facts of the application have a value of another type; a whole stack may be given for them. */
export function requireFacts(app: App, facts: StackFacts): void {
  const { application, secretKeys, database } = { ...facts };
  requireProps(app, { application, secretKeys, database }, 'StackFacts');
}

/** A guard is a policy in CEL, and the rights of those who deploy have a folder: that of the cluster. */
function requireCluster(app: App, { cluster, guard, deployers, imageDeployers, kubernetes = '1.27' }: Environment): void {
  requireReason(app, 'guard', guard);
  if (cluster === undefined) {
    const fix = "name the cluster that it is for: cluster: 'production-eu'";
    const given = Object.entries({ guard, deployers, imageDeployers }).filter(([, value]) => value !== undefined);
    for (const [prop] of given) reject(app, { prop, must: 'have a cluster', got: 'no cluster', fix });
    return;
  }
  if (requireClusterName(app, cluster) && guard === undefined && isBefore(kubernetes, '1.30')) {
    const fix = "name the version that the cluster has, or say why it has none: guard: OptOut.because('...')";
    reject(app, { prop: 'kubernetes', must: `be 1.30 or newer for the guard of the cluster ${cluster}`, got: kubernetes, fix });
  }
  if (imageDeployers !== undefined && imageDeployers.length > 0 && isBefore(kubernetes, '1.30')) {
    const fix = 'name the version that the cluster has, or leave them out: without a policy they could change everything';
    reject(app, { prop: 'kubernetes', must: 'be 1.30 or newer for the policy of imageDeployers', got: kubernetes, fix });
  }
}

/** Data in the cluster are kept, or left to be lost on purpose. */
function requireBackup(app: App, { backup, database, databases = {} }: Environment): void {
  const all = [
    { prop: 'backup', engine: database, backup },
    ...Object.entries(databases).map(([name, further]) => ({
      prop: `databases.${name}.backup`,
      engine: 'mysql' in further ? further.mysql : further.postgres,
      backup: further.backup,
    })),
  ];
  const lost = all.filter(({ engine, backup: own }) => own === undefined && 'single' in engine);
  if (lost.length === 0) return;
  const fix = "write what dumps it, or OptOut.because('...') where its data may be lost";
  const must = 'be given where the database is in the cluster';
  abort(
    app,
    lost.map(({ prop }) => ({ prop, must, got: undefined, fix })),
  );
}
