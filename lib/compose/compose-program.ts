import { scalars } from '../model/values';
import type { Pod, Container } from '../model/pods';
import { healthOf, heldTo, portOf, programOf, variablesOf } from './compose-container';
import { mountsOf } from './compose-mounts';
import type { Parts, Service } from './compose-parts';
import { escaped } from './compose-secrets';

/** Init containers that only wait for what `depends_on` waits for here. */
const WAITS = /^(?:wait-for-.*|still-wanted)$/;

/** Variables by which nodes find each other. */
const LOOKUPS = ['DNS_CLUSTER_QUERY', 'LIBCLUSTER_SELECTOR'];

/** A service that runs the application's image. */
export function programService(workload: Pod, after: ReadonlyMap<string, string>, parts: Parts): Service {
  const { kind } = workload;
  const { alpine, build } = parts.facts;
  const program = programOf(workload);
  if (!program) return {};
  const { spec } = program;
  tellBeside(workload, parts);
  const [entrypoint, ...words] = [...scalars(spec['command']), ...scalars(spec['args'])].map(escaped);
  // What a digest names cannot be built again.
  const fixed = String(spec['image']).includes('@');
  const http = kind === 'Job' ? undefined : portOf('http', spec);
  return {
    image: spec['image'],
    ...(build && !fixed ? { build: { ...build } } : {}),
    ...(spec['imagePullPolicy'] === 'Never' && !build ? { pull_policy: 'never' } : {}),
    // As in the pod, where it takes the place of the image's own.
    entrypoint: [entrypoint],
    command: words,
    environment: environmentOf(workload, program, parts),
    ...(after.size > 0 ? { depends_on: Object.fromEntries([...after].map(([name, condition]) => [name, { condition }])) } : {}),
    // For this machine alone: its secrets are known to everyone.
    ...(http === undefined ? {} : { ports: [`127.0.0.1:${http}:${http}`] }),
    ...mountsOf(workload, program, parts),
    init: true,
    ...heldTo(workload, program),
    ...(kind === 'Job' ? {} : healthOf(program, alpine)),
  };
}

/** A node here meets no others: they would need the addresses of their pods. Nobody takes traces, and the SDK would say so all day. */
function environmentOf(workload: Pod, program: Container, parts: Parts): Service {
  const entries = Object.entries(variablesOf(program, parts));
  if (LOOKUPS.some((name) => program.variables.byName.has(name))) parts.tell('the cluster of nodes: each runs alone');
  const traced = program.variables.byName.has('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (traced) parts.tell('the collector of traces: none are sent');
  const alone = entries.filter(([name]) => !LOOKUPS.includes(name));
  const told = Object.fromEntries(alone.map(([name, value]) => [name, ofPod(String(value), parts.nameOf(workload))]));
  return { ...told, ...(traced ? { OTEL_TRACES_EXPORTER: 'none' } : {}) };
}

/** What the kubelet fills in, for a container. */
function ofPod(value: string, name: string): string {
  const known = {
    'status.podIP': '127.0.0.1',
    'status.hostIP': '127.0.0.1',
    'metadata.name': name,
    'metadata.uid': name,
    'spec.nodeName': 'compose',
  };
  return Object.entries(known).reduce((text, [field, here]) => text.replaceAll(`<${field}>`, here), value);
}

function tellBeside(workload: Pod, parts: Parts): void {
  const program = programOf(workload);
  const service = parts.nameOf(workload);
  for (const one of workload.containers) {
    const name = String(one.spec['name']);
    if (one === program || WAITS.test(name)) continue;
    parts.tell(`the container ${name} ${one.endsFirst ? 'before' : 'beside'} ${service}`);
  }
}
