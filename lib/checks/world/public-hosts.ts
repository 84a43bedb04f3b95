import type { World } from '../rule';
import { inventoryOf } from './inventory';
import { nameIn } from './objects';
import { once } from './once';
import { ROUTES } from './backends';
import { placesOf } from './values';

const PLACES: Readonly<Record<string, readonly string[]>> = {
  Ingress: ['spec.rules[].host', 'spec.tls[].hosts[]'],
  Gateway: ['spec.listeners[].hostname'],
  'Gateway.networking.istio.io': ['spec.servers[].hosts[]'],
  VirtualService: ['spec.hosts[]'],
  Certificate: ['spec.dnsNames[]'],
  ...Object.fromEntries(ROUTES.map((kind) => [kind, ['spec.hostnames[]']])),
};

/** Whether a host is one at which browsers find the environment itself: of its routes, and what `PHX_HOST` says. */
export const isPublicHost = once((world: World): ((host: string) => boolean) => {
  const inventory = inventoryOf(world);
  const routed = Object.entries(PLACES).flatMap(([kind, paths]) =>
    inventory.ofKind(kind).flatMap(({ manifest }) => paths.flatMap((path) => placesOf(manifest, path))),
  );
  const named = inventory.workloads.flatMap(({ containers }) =>
    containers.flatMap(({ variables: { byName } }) => [
      byName.get('PHX_HOST')?.value,
      ...(byName.get('PHX_CHECK_ORIGIN')?.value?.split(/[\s,]+|\/\//) ?? []),
    ]),
  );
  const hosts = new Set(
    [...routed.map(({ value }) => nameIn(value)), ...named].flatMap((host) => (host ? [host.toLowerCase()] : [])),
  );
  const wildcards = [...hosts].filter((host) => host.startsWith('*.')).map((host) => host.slice(1));
  return (host) => hosts.has(host) || wildcards.some((end) => host.endsWith(end));
});
