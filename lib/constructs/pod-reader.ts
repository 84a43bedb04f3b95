import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';

/** The right to list the pods of a namespace, for nodes that find each other by the API. */
export function podReader(scope: Construct, metadata: { name: string; labels: Record<string, string> }): k8s.KubeRole {
  // The strategy lists them; it reads no Endpoints, so a pod that shuts down stays in the mesh until it is gone.
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
  return new k8s.KubeRole(scope, 'Role', { metadata, rules });
}
