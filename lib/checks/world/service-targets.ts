import type { Manifest } from '../../support/edit';
import type { Port } from './fence';
import { namedPorts } from './fences';
import { map, maps } from './values';
import type { Workload } from './workloads';

/** The ports of a pod behind some ports of a Service. */
export function serviceTargets({ spec }: Manifest, receiver: Workload, wanted: (entry: Manifest) => boolean): Port[] {
  return maps(map(spec)['ports']).flatMap((entry) => {
    if (!wanted(entry)) return [];
    const protocol = String(entry['protocol'] ?? 'TCP');
    const target = targetOf(map(spec), entry);
    const number = typeof target === 'string' ? namedPorts(receiver).get(`${protocol}/${target}`) : target;
    return typeof number === 'number' ? [{ number, protocol }] : [];
  });
}

/** The port of the pods that a client reaches through a port of the Service: a number, or a name of theirs. */
function targetOf({ clusterIP }: Manifest, { port, targetPort = port }: Manifest): unknown {
  // The names of a headless Service are addresses of pods: nothing translates a port on the way.
  return clusterIP === 'None' ? port : targetPort;
}
