import type { App } from 'cdk8s';
import { AppChecks } from '../app-checks/app-checks';
import { constructOf } from '../app-checks/finished';
import { needsOf, type ClusterNeeds } from '../needs/cluster-needs';
import { isBeside } from '../support/beside';
import { apartOf } from '../support/folder';

/**
 * What must be in the cluster for an environment, read from its finished objects: Secrets and ConfigMaps with the keys that are
 * read, Gateways, classes, issuers and stores, operators, and the kinds that are applied. Of an App with charts of others it is
 * what those need that are judged. The App is rendered before.
 *
 * @example const app = new App(); buildEnvironment(app, stack, staging); render(app); clusterNeeds(app);
 */
export function clusterNeeds(app: App): ClusterNeeds {
  const { world } = AppChecks.of(app);
  // Who administers the cluster has the rights to that.
  const objects = world.objects.filter((object) => !isBeside(apartOf(constructOf(object))?.folder ?? ''));
  return needsOf(objects.length === world.objects.length ? world : { ...world, objects });
}
