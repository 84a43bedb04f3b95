import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Resources } from '../../pod/resources';
import type { Manifest } from '../../support/edit';
import { map, maps } from '../../support/is-map';

/** An object that makes pods, which are to have a sidecar. */
export interface Member {
  readonly object: ApiObject;
  /** Name of the controller, by which facts speak of the pods. */
  readonly controller: string;
  /** Labels of the pods. */
  readonly labels: Manifest;
  readonly serviceAccount: string;
  readonly containers: readonly Manifest[];
}

/** Where an object has the template of its pods. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  Rollout: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** An object and its YAML. */
export interface Standing {
  readonly object: ApiObject;
  readonly manifest: Manifest;
}

/** What a mesh looks at: who makes pods, how they are called, and what scales them. */
const KINDS = new Set([...Object.keys(TEMPLATES), 'Service', 'HorizontalPodAutoscaler']);

/** The objects of a namespace as they stand now, whoever made them. */
export function objectsIn(root: IConstruct, namespace: string): Standing[] {
  const objects = root.node.findAll().filter((construct): construct is ApiObject => ApiObject.isApiObject(construct));
  return objects
    .filter(({ kind }) => KINDS.has(kind))
    .map((object) => ({ object, manifest: map(object.toJson()) }))
    .filter(({ manifest }) => map(manifest['metadata'])['namespace'] === namespace);
}

const INJECT = 'sidecar.istio.io/inject';

/** The makers of pods among some objects, but for those whose pods say that they have no sidecar. In the order of their paths. */
export function membersOf(objects: readonly Standing[]): Member[] {
  const members = objects.flatMap(({ object, manifest }): Member[] => {
    const path = TEMPLATES[String(manifest['kind'])];
    const template = path?.reduce((inner, key) => map(inner[key]), manifest);
    if (!template) return [];
    const { serviceAccountName = 'default', containers } = map(template['spec']);
    const labels = map(map(template['metadata'])['labels']);
    if (labels[INJECT] === 'false') return [];
    const controller = String(labels['app.kubernetes.io/instance'] ?? map(manifest['metadata'])['name']);
    return [{ object, controller, labels, serviceAccount: String(serviceAccountName), containers: maps(containers) }];
  });
  return members.sort(({ object: one }, { object: other }) => (one.node.path < other.node.path ? -1 : 1));
}

/** What the pods of a member are told about their sidecar. */
export interface SidecarSettings {
  readonly resources: Resources;
  /** Ports that go past it, in both directions. */
  readonly excluded: readonly number[];
  readonly revision: string | undefined;
}

/**
 * Asks the injector for a sidecar in the pods that an object makes: one that Kubernetes starts before all else and stops after
 * all else, so that jobs end, init containers reach the network, and a drain is seen through. What the pods say themselves stays.
 *
 * @see https://istio.io/latest/docs/reference/config/annotations/
 */
export function withSidecar(manifest: Manifest, { resources, excluded, revision }: SidecarSettings): Manifest {
  const labels = { [INJECT]: 'true', ...(revision === undefined ? {} : { 'istio.io/rev': revision }) };
  const ports = excluded.join(',');
  const annotations = {
    'sidecar.istio.io/nativeSidecar': 'true',
    ...asked(resources),
    // The kubelet has no certificate of the mesh.
    'sidecar.istio.io/rewriteAppHTTPProbers': 'true',
    // The application is gone by then; this is what its grace period leaves.
    'proxy.istio.io/config': 'terminationDrainDuration: 5s',
    ...(ports === ''
      ? {}
      : { 'traffic.sidecar.istio.io/excludeInboundPorts': ports, 'traffic.sidecar.istio.io/excludeOutboundPorts': ports }),
  };
  return marked(manifest, TEMPLATES[String(manifest['kind'])] ?? [], { labels, annotations });
}

/** The resources of a sidecar, by annotations: it stands in no template of ours. */
function asked(resources: Resources): Record<string, string> {
  const { requests = {}, limits = {} } = resources.requirements();
  const named = {
    'sidecar.istio.io/proxyCPU': requests['cpu'],
    'sidecar.istio.io/proxyCPULimit': limits['cpu'],
    'sidecar.istio.io/proxyMemory': requests['memory'],
    'sidecar.istio.io/proxyMemoryLimit': limits['memory'],
  };
  return Object.fromEntries(Object.entries(named).flatMap(([name, quantity]) => (quantity ? [[name, `${quantity.value}`]] : [])));
}

/** A manifest with more labels and annotations in the metadata at a path. */
function marked(manifest: Manifest, path: readonly string[], added: { labels: Manifest; annotations: Manifest }): Manifest {
  const [key, ...rest] = path;
  if (key !== undefined) return { ...manifest, [key]: marked(map(manifest[key]), rest, added) };
  const metadata = map(manifest['metadata']);
  const labels = { ...added.labels, ...map(metadata['labels']) };
  const annotations = { ...added.annotations, ...map(metadata['annotations']) };
  return { ...manifest, metadata: { ...metadata, labels, annotations } };
}

/** Whether Kubernetes gives pods with these containers the class that it evicts last. */
export function isGuaranteed({ containers }: Member): boolean {
  return containers.every(({ resources }) => {
    const { requests, limits } = map(resources);
    return ['cpu', 'memory'].every((name) => {
      const limit: unknown = map(limits)[name];
      return limit !== undefined && (map(requests)[name] ?? limit) === limit;
    });
  });
}

/** The container of the application that an autoscaler scales, where it is in the mesh. */
export function scaledContainer({ manifest }: Standing, members: readonly Member[]): string | undefined {
  const { kind, name } = map(map(manifest['spec'])['scaleTargetRef']);
  const target = members.find(({ object: one }) => one.kind === kind && one.name === name);
  const container: unknown = target?.containers[0]?.['name'];
  return manifest['kind'] === 'HorizontalPodAutoscaler' && typeof container === 'string' ? container : undefined;
}

/** Lets an autoscaler look at the application alone: what its sidecar uses is no sign of its load. */
export function followingApplication(scaler: Manifest, container: string): Manifest {
  const metrics = maps(map(scaler['spec'])['metrics']).map((metric) =>
    metric['type'] === 'Resource'
      ? { type: 'ContainerResource', containerResource: { ...map(metric['resource']), container } }
      : metric,
  );
  return { ...scaler, spec: { ...map(scaler['spec']), metrics } };
}
