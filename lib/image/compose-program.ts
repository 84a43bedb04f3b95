import { scalars } from '../checks/world/values';
import type { Workload } from '../checks/world/workloads';
import { healthOf, heldTo, portOf, variablesOf } from './compose-container';
import { mountsOf } from './compose-mounts';
import type { Parts, Service } from './compose-parts';
import { escaped } from './compose-secrets';

/** Init containers that only wait for what `depends_on` waits for here. */
const WAITS = /^(?:wait-for-.*|still-wanted)$/;

/** Variables by which nodes find each other. */
const LOOKUPS = ['DNS_CLUSTER_QUERY', 'LIBCLUSTER_SELECTOR'];

/** A service that runs the application's image. */
export function programService(workload: Workload, after: ReadonlyMap<string, string>, parts: Parts): Service {
  const { kind, containers } = workload;
  const { alpine, build } = parts.facts;
  const [program] = containers.filter(({ init }) => !init);
  if (!program) return {};
  const { spec } = program;
  tellBeside(workload, parts);
  const [entrypoint, ...words] = [...scalars(spec['command']), ...scalars(spec['args'])].map(escaped);
  const http = kind === 'Job' ? undefined : portOf('http', spec);
  return {
    image: spec['image'],
    ...(build ? { build: { ...build } } : {}),
    ...(spec['imagePullPolicy'] === 'Never' && !build ? { pull_policy: 'never' } : {}),
    // As in the pod, where it takes the place of the image's own.
    entrypoint: [entrypoint],
    command: words,
    environment: environmentOf(workload, parts),
    ...(after.size > 0 ? { depends_on: Object.fromEntries([...after].map(([name, condition]) => [name, { condition }])) } : {}),
    // For this machine alone: its secrets are known to everyone.
    ...(http === undefined ? {} : { ports: [`127.0.0.1:${http}:${http}`] }),
    ...mountsOf(workload, program, parts),
    init: true,
    ...heldTo(workload, program),
    ...(kind === 'Job' ? {} : healthOf(program, alpine)),
  };
}

/** A node here meets no others: they would need the addresses of their pods. */
function environmentOf(workload: Workload, parts: Parts): Service {
  const [program] = workload.containers.filter(({ init }) => !init);
  const { byName = new Map<string, { readonly value?: string }>() } = program?.variables ?? {};
  const entries = Object.entries(program ? variablesOf(program, parts) : {});
  const clustered = LOOKUPS.some((name) => byName.has(name));
  if (clustered) parts.tell('a cluster of nodes: each runs alone, and RELEASE_DISTRIBUTION is none');
  const alone = entries.filter(([name]) => !LOOKUPS.includes(name)).map(([name, value]): [string, unknown] => {
    if (clustered && name === 'RELEASE_DISTRIBUTION') return [name, 'none'];
    return [name, ofPod(String(value), parts.nameOf(workload))];
  });
  return Object.fromEntries(alone);
}

/** What the kubelet fills in, for a container. */
function ofPod(value: string, name: string): string {
  return value.replaceAll('<status.podIP>', '127.0.0.1').replaceAll('<metadata.name>', name);
}

function tellBeside(workload: Workload, parts: Parts): void {
  const name = parts.nameOf(workload);
  const [, ...sidecars] = workload.containers.filter(({ init }) => !init);
  const starting = workload.containers.filter(({ init, spec }) => init && !WAITS.test(String(spec['name'])));
  for (const { spec } of sidecars) parts.tell(`the container ${String(spec['name'])} beside ${name}`);
  for (const { spec } of starting) parts.tell(`the container ${String(spec['name'])} before ${name}`);
}
