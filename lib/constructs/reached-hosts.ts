import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { serviceOf } from '../support/addresses';
import { namespaceOf } from '../support/declare';
import { readable, type Manifest } from '../support/edit';
import type { Opening, Reach } from '../support/network';

/** What a fence must open for pods to reach some hosts, each once. Services of the environment are looked up among all objects. */
export function openingsTo(scope: IConstruct, reaches: readonly Reach[]): Opening[] {
  const openings = reaches.flatMap((reach) => openingTo(scope, reach));
  return [...new Map(openings.map((opening) => [JSON.stringify(opening), opening])).values()];
}

function openingTo(scope: IConstruct, { host, port, targetPort, cidrs }: Reach): Opening[] {
  if (cidrs === 'everyone') return [{ port }];
  if (cidrs) return cidrs.map((cidr) => ({ port, peer: { cidr } }));
  const own = Chart.of(scope).namespace ?? 'default';
  const { name = host, namespace = own } = serviceOf(host, own) ?? {};
  const behind = namespace === own ? podsBehind(scope, name, port) : undefined;
  if (!behind) return [{ port: targetPort ?? port, peer: { namespace } }];
  return [{ port: targetPort ?? behind.port, peer: { pods: behind.pods } }];
}

/** The controller whose pods answer at a Service of the environment, and their port. */
function podsBehind(scope: IConstruct, name: string, port: number): { pods: string; port: number } | undefined {
  const home = namespaceOf(scope);
  const all = scope.node.root.node.findAll().filter((one) => ApiObject.isApiObject(one));
  const objects = all.filter(({ metadata }) => metadata.namespace === home);
  const service = objects.find((one) => one.kind === 'Service' && one.name === name);
  const { selector, ports, clusterIP } = specOf(service);
  const pods: unknown = selector?.[INSTANCE];
  if (typeof pods !== 'string') return undefined;
  const { targetPort = port } = (ports as Manifest[] | undefined)?.find((one) => one['port'] === port) ?? {};
  if (clusterIP === 'None') return { pods, port };
  const target = typeof targetPort === 'string' ? namedPort(objects, pods, targetPort) : Number(targetPort);
  return { pods, port: target ?? port };
}

function namedPort(objects: readonly ApiObject[], pods: string, wanted: string): number | undefined {
  for (const object of objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind))) {
    const { metadata, spec } = (specOf(object)['template'] ?? {}) as Manifest;
    if (metadata?.labels?.[INSTANCE] !== pods) continue;
    const ports = (spec?.containers as Manifest[] | undefined)?.flatMap((one) => (one['ports'] ?? []) as Manifest[]);
    const found: unknown = ports?.find(({ name }) => name === wanted)?.['containerPort'];
    if (typeof found === 'number') return found;
  }
  return undefined;
}

const INSTANCE = 'app.kubernetes.io/instance';

function specOf(object: ApiObject | undefined): Manifest {
  return ((object && readable(object)['spec']) ?? {}) as Manifest;
}
