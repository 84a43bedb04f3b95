import { labels } from '../../support/labels';

/** Port of PostgreSQL and of PgBouncer. */
export const PORT = 5432;
/** Port on which the operator and the other instances ask how an instance is. */
export const STATUS_PORT = 8000;
/** Ports of the metrics of PostgreSQL and of PgBouncer, each named `metrics`. */
export const METRICS_PORT = 9187;
/** Port of the metrics of a pooler's pod. */
export const POOLER_METRICS_PORT = 9127;

/** The plugin that archives, backs up and restores. */
export const PLUGIN = 'barman-cloud.cloudnative-pg.io';

/**
 * Labels of objects and pods. The pods of a pooler have the cluster's name as their `app.kubernetes.io/instance`: since
 * 1.28 the operator puts it there, whatever the template says.
 */
export function clusterLabels(instance: string, component = 'database'): Record<string, string> {
  return labels({ application: 'postgresql', instance, component });
}

/** What a cluster's objects are made in: its name, and where it is. */
export interface ClusterPlace {
  readonly name: string;
  readonly namespace: string;
  /** Domain of the cluster's names, such as `cluster.local`. */
  readonly clusterDomain: string;
}

/** Full name of a Service of a cluster. */
export function hostOf(service: string, { namespace, clusterDomain }: ClusterPlace): string {
  return `${service}.${namespace}.svc.${clusterDomain}`;
}
