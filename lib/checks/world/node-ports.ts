import type { FinishedObject } from '../rule';
import { specOf } from './objects';
import { placesOf, valueAt } from './values';

/** A port that a Service opens on every node. */
export interface NodePort {
  readonly field: string;
  readonly number: number;
  /** The port of the Service itself; 0 for that of its health check. */
  readonly service: number;
}

/** The ports of nodes that a Service asks for by number. Which Service has one does not depend on the protocol. */
export function nodePortsOf(object: FinishedObject): NodePort[] {
  const { type, externalTrafficPolicy } = specOf(object);
  if (type !== 'NodePort' && type !== 'LoadBalancer') return [];
  const ports = placesOf(object.manifest, 'spec.ports[]').flatMap(({ field, value }): NodePort[] => {
    const [number, service] = [valueAt(value, 'nodePort'), valueAt(value, 'port')];
    if (typeof number !== 'number' || number === 0) return [];
    return [{ field: `${field}.nodePort`, number, service: typeof service === 'number' ? service : -1 }];
  });
  const health = type === 'LoadBalancer' && externalTrafficPolicy === 'Local' ? specOf(object)['healthCheckNodePort'] : 0;
  const own =
    typeof health === 'number' && health !== 0 ? [{ field: 'spec.healthCheckNodePort', number: health, service: 0 }] : [];
  return [...ports, ...own];
}
