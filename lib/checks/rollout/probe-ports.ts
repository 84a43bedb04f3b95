import type { Finding, Rule, World } from '../rule';
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
    for (const { workload, container } of probedContainers(world)) {
      // The kubelet asks by TCP.
      const declared = maps(container.spec['ports']).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
      for (const name of PROBES) {
        const asked = portOf(probeOf(container, name) ?? {});
        // A name that no port has is refused with the other names of ports.
        if (typeof asked?.port !== 'number' || declared.some(({ containerPort }) => containerPort === asked.port)) continue;
        const known = declared.map((port) => String(port['name'] ?? port['containerPort'])).join(', ');
        const field = `${container.path}.${name}.${asked.field}`;
        const fix = `use ${known || 'a port that you add'}`;
        yield { object: workload.object, field, must: 'be a TCP port of the container', got: asked.port, fix };
      }
    }
  },
};
