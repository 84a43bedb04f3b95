import type { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { OptOut } from '../support/opt-out';
import type { Probes } from './probe';

type ProbeFields = Pick<k8s.Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'>;

/** The container's three probes, those left out with a reason missing. */
export function probeFields(probes: Probes, ports: Readonly<Record<string, number>>, bootTime: Duration): ProbeFields {
  const { readiness, liveness, startup = liveness instanceof OptOut ? readiness : liveness.asStartup() } = probes;
  return {
    ...(startup instanceof OptOut ? {} : { startupProbe: startup.startup(ports, bootTime) }),
    ...(readiness instanceof OptOut ? {} : { readinessProbe: readiness.readiness(ports) }),
    ...(liveness instanceof OptOut ? {} : { livenessProbe: liveness.liveness(ports) }),
  };
}
