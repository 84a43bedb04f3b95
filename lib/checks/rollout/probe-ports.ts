import type { Finding, Rule, World } from '../rule';
import { beamContainers } from '../world/beam';
import { maps } from '../world/values';
import { portOf, probedContainers, probeOf, PROBES } from '../world/probes';

/** A probe of a port that nobody listens on never succeeds. */
export const probePorts: Rule = {
  name: 'probe-ports',
  sentence: 'A probe that asks a port by number asks one that its container declares.',
  why: 'After the port of a program has moved, the probe asks where nobody listens, and no new pod becomes ready.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    const beams = new Set(beamContainers(world).map(({ spec }) => spec));
    for (const { workload, container } of probedContainers(world)) {
      const ports = maps(container.spec['ports']);
      // The kubelet asks by TCP.
      const declared = ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP');
      for (const name of PROBES) {
        const asked = portOf(probeOf(container, name) ?? {});
        // A name that no port has is refused with the other names of ports.
        if (typeof asked?.port !== 'number' || declared.some(({ containerPort }) => containerPort === asked.port)) continue;
        // A list of ports binds no program: where one that is no BEAM listens besides, nobody knows here.
        if (!beams.has(container.spec) && !ports.some(({ containerPort }) => containerPort === asked.port)) continue;
        const known = declared.map((port) => String(port['name'] ?? port['containerPort'])).join(', ');
        const field = `${container.path}.${name}.${asked.field}`;
        const fix = `use ${known || 'a port that you add'}`;
        yield { object: workload.object, field, must: 'be a TCP port of the container', got: asked.port, fix };
      }
    }
  },
};
