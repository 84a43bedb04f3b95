import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { edit, type Manifest } from '../support/edit';
import { onceWhole } from '../support/whole';
import type { PodSettings } from './pod-settings';
import { makesPods, settlePods } from './settled-pods';

/** Gives all pods below a construct settings that they do not have themselves, whoever makes them, also later. */
export function settleBelow(scope: IConstruct, settings: PodSettings, owner = scope): void {
  eachObject(scope, owner, (object) => {
    if (makesPods(object)) settlePods(object, settings, 'object');
  });
}

/**
 * Gives them labels alone, and those of databases too, which have settings of their own: what is paid for is counted by pods.
 *
 * @see https://cloudnative-pg.io/documentation/current/labels_annotations/
 */
export function labelPodsBelow(scope: IConstruct, labels: Readonly<Record<string, string>>): void {
  if (Object.keys(labels).length === 0) return;
  settleBelow(scope, { labels });
  eachObject(scope, scope, (object) => {
    if (object.kind === 'Cluster' && object.apiVersion.startsWith('postgresql.cnpg.io/'))
      edit(object, (one) => inherited(one, labels));
  });
}

function eachObject(scope: IConstruct, owner: IConstruct, change: (object: ApiObject) => void): void {
  const told = new Set<IConstruct>();
  onceWhole(owner, () => {
    for (const object of scope.node.findAll()) {
      if (!ApiObject.isApiObject(object) || told.has(object)) continue;
      told.add(object);
      change(object);
    }
  });
}

/** Of a Cluster the operator copies these to all that it makes. */
function inherited({ spec, ...manifest }: Manifest, labels: Readonly<Record<string, string>>): Manifest {
  const { inheritedMetadata } = spec as { inheritedMetadata?: Manifest };
  return {
    ...manifest,
    spec: { ...spec, inheritedMetadata: { ...inheritedMetadata, labels: { ...labels, ...inheritedMetadata?.['labels'] } } },
  };
}
