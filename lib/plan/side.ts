import type { App } from 'cdk8s';
import { AppChecks } from '../app-checks/app-checks';
import { opened } from '../app-checks/finished';
import { declaredIn } from '../support/declare';
import { standsApart } from '../support/folder';
import type { Side } from './plan';

/** An environment that was built and rendered, as it is written, with all that its constructs declare. */
export function sideOf(app: App): Side {
  const { world, cluster, root, manifests } = AppChecks.of(app);
  const part = [...manifests].filter(([construct]) => !standsApart(construct));
  const objects = part.flatMap(([construct, manifest]) => opened({ construct, manifest }));
  const everywhere = declaredIn(root).leftOut.filter(({ target }) => target === root);
  const leftOut = Object.fromEntries(everywhere.map(({ rule, optOut }) => [rule, optOut.reason]));
  return { world: { ...world, objects }, cluster, leftOut };
}
