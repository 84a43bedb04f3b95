import { CLUSTER_LABEL } from './cluster-label';
import type { IConstruct } from 'constructs';
import { reject } from './reject';
import { requireLabels } from './values';

/** Who an object belongs to. Becomes the `app.kubernetes.io/*` labels. */
export interface Identity {
  /** The program that runs, the same in all of its workloads: `app.kubernetes.io/name`. */
  readonly application: string;
  /** The name of the controller that owns the pods: `app.kubernetes.io/instance`. Selectors use this one alone. */
  readonly instance: string;
  /** The part that it plays, such as `web` or `database`: `app.kubernetes.io/component`. */
  readonly component: string;
  /** What version runs: `app.kubernetes.io/version`. Never in a selector: those cannot change. */
  readonly version?: string;
}

/** The labels of an object or a pod template. */
export function labels({ application, instance, component, version }: Identity): Record<string, string> {
  return {
    'app.kubernetes.io/name': application,
    'app.kubernetes.io/instance': instance,
    'app.kubernetes.io/component': component,
    ...(version === undefined ? {} : { 'app.kubernetes.io/version': version }),
  };
}

/** The selector that finds the pods of one controller and no others. It never changes for a given name. */
export function selector(instance: string): Record<string, string> {
  return { 'app.kubernetes.io/instance': instance };
}

/** The label of every pod in a mesh of BEAM nodes, and the selector that finds them all. */
export function meshSelector(mesh: string): Record<string, string> {
  return { 'cdk8s-phoenix/mesh': mesh };
}

/** The labels that every object of a chart carries, beside those of its own. */
export function chartLabels(partOf: string, own: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...own, 'app.kubernetes.io/part-of': partOf, 'app.kubernetes.io/managed-by': 'cdk8s' };
}

/** Refuses labels that the API server would, and those by which selectors, policies and budgets find pods. */
export function requireOwnLabels(scope: IConstruct, prop: string, own: Readonly<Record<string, string>>): void {
  requireLabels(scope, prop, own);
  for (const label of Object.keys(own)) {
    const must =
      label === CLUSTER_LABEL
        ? "leave this one to 'cluster' of the environment, which names the cluster"
        : 'leave app.kubernetes.io/ to the constructs, which find pods by them';
    if (label !== CLUSTER_LABEL && !label.startsWith('app.kubernetes.io/')) continue;
    reject(scope, { prop, must, got: label, fix: 'use a prefix of your own, such as example.com/' });
  }
}
