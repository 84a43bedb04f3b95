import type { Manifest } from '../support/edit';
import type { World } from './world';
import { inventoryOf } from './inventory';
import { map, maps, numberOr, once, scalar, scalars } from './values';
import { containersOf, type Container, type OwnedContainer } from './pods';

/** The three probes of a container. */
export const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;

/** The containers that may have probes: all but those that run and end before the others. */
export const probedContainers = once((world: World): readonly OwnedContainer[] =>
  containersOf(inventoryOf(world).pods).filter(({ container }) => !container.endsFirst),
);

/** A probe of a container, if it has that one. */
export function probeOf({ spec }: Container, name: (typeof PROBES)[number]): Manifest | undefined {
  const probe = map(spec[name]);
  return Object.keys(probe).length === 0 ? undefined : probe;
}

/** Seconds that a container has for its start before it is restarted or given up. */
export function startupSeconds(container: Container): number {
  const probe = probeOf(container, 'startupProbe') ?? probeOf(container, 'livenessProbe');
  if (!probe) return 0;
  // What Kubernetes takes where a probe says nothing.
  const { initialDelaySeconds, periodSeconds, failureThreshold } = probe;
  return numberOr(0, initialDelaySeconds) + numberOr(10, periodSeconds) * numberOr(3, failureThreshold);
}

/** The port that a probe asks, where it asks the container itself by port. */
export function portOf({ httpGet, tcpSocket, grpc }: Manifest): { readonly field: string; readonly port: unknown } | undefined {
  for (const [handler, value] of Object.entries({ httpGet, tcpSocket, grpc })) {
    const { port, host } = map(value);
    if (port !== undefined && host === undefined) return { field: `${handler}.port`, port };
  }
  return undefined;
}

/** The path of an HTTP probe, without its query. */
export function pathOf({ httpGet }: Manifest): string | undefined {
  if (httpGet === undefined) return undefined;
  return (scalar(map(httpGet)['path']) ?? '/').replace(/\?.*$/, '') || '/';
}

/** What a probe asks, in words that are equal for equal questions. */
export function questionOf({ httpGet, tcpSocket, grpc, exec }: Manifest, { spec }: Container): string {
  const number = (port: unknown) => maps(spec['ports']).find(({ name }) => name === port)?.['containerPort'] ?? port;
  if (httpGet !== undefined) return `GET ${scalar(map(httpGet)['path']) ?? '/'} on port ${number(map(httpGet)['port'])}`;
  if (tcpSocket !== undefined) return `a connection to port ${number(map(tcpSocket)['port'])}`;
  if (grpc !== undefined) return `gRPC ${scalar(map(grpc)['service']) ?? ''} on port ${number(map(grpc)['port'])}`;
  return scalars(map(exec)['command']).join(' ');
}
