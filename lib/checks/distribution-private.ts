import { beamContainers } from './beam';
import { distributionPorts, EPMD_PORT } from './meshes';
import type { Finding, Rule, World } from './rule';
import type { Manifest } from '../support/edit';
import { indexOf, type Workload } from './workloads';
import { record, records, text } from './yaml-values';

/** Whoever reaches a distribution port and knows the cookie runs any code. */
export const distributionPrivate: Rule = {
  name: 'distribution-private',
  sentence: 'No Service opens epmd or the distribution of Erlang outside of the cluster.',
  why: 'Whoever reaches these ports with the cookie runs any code in the pod, as the application itself.',
  source: 'https://www.erlang.org/doc/system/distributed.html',
  *find(world: World): Iterable<Finding> {
    const { ofKind, servedBy } = indexOf(world);
    for (const object of ofKind('Service')) {
      const spec = record(object.manifest['spec']);
      const type = text(spec['type']) ?? 'ClusterIP';
      const outside =
        type === 'NodePort' || type === 'LoadBalancer' || (Array.isArray(spec['externalIPs']) && spec['externalIPs'].length > 0);
      if (!outside) continue;
      const workloads = servedBy(object);
      const ranges = rangesOf(world, workloads);
      for (const [index, port] of records(spec['ports']).entries()) {
        const number = targetOf(port, workloads);
        if (!ranges.some(({ first, last }) => number >= first && number <= last)) continue;
        const fix = 'keep these ports on a headless Service of their own, and use kubectl port-forward from outside';
        yield { object, field: `spec.ports[${index}]`, must: `not open a port of the distribution by ${type}`, got: number, fix };
      }
    }
  },
};

function rangesOf(world: World, workloads: readonly Workload[]): { first: number; last: number }[] {
  const pinned = beamContainers(world).flatMap((beam) => {
    const ports = workloads.includes(beam.workload) ? distributionPorts(beam) : undefined;
    return ports ? [ports.nodes, ...(ports.epmd === undefined ? [] : [{ first: ports.epmd, last: ports.epmd }])] : [];
  });
  return [{ first: EPMD_PORT, last: EPMD_PORT }, ...pinned];
}

/** The number of the pods' port behind a port of a Service. */
function targetOf({ port, targetPort = port }: Manifest, workloads: readonly Workload[]): number {
  if (typeof targetPort === 'number') return targetPort;
  const declared = workloads.flatMap(({ containers }) => containers.flatMap(({ spec }) => records(spec['ports'])));
  return Number(declared.find(({ name }) => name === targetPort)?.['containerPort']);
}
