import type { Construct } from 'constructs';
import { Probe, type Probes } from '../pod/probe';
import type { PhoenixApplication } from '../release/application';
import { HEALTH, healthProbes } from '../release/web-pod';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { isServed, numbersOf, type PodPorts } from './pod-ports';

const UNASKED = OptOut.because('reads a queue: it has no port to ask, and a BEAM that ends is started again');
const UNSERVED = OptOut.because('nobody is led to it, so that nobody has to wait until it is ready');

/**
 * What Kubernetes asks pods that nobody gave probes: the application where it says how it is, a port that it serves, or the port
 * of its node, which listens once the VM is up and says nothing of the application.
 *
 * @param own the ports of the role
 * @param nodes the ports of the cluster's nodes
 */
export function workerProbes(
  scope: Construct,
  { health }: PhoenixApplication,
  own: PodPorts,
  nodes: Readonly<Record<string, number>>,
): Probes {
  if (health.port !== undefined) return healthProbes(health, HEALTH);
  const served = Object.entries(own).filter(([, port]) => typeof port === 'object' && isServed(port));
  const [port] = Object.keys(numbersOf(Object.fromEntries(served), 'TCP'));
  if (port !== undefined) return { readiness: Probe.tcp({ port }), liveness: Probe.tcp({ port }) };
  const led = served.find(([, one]) => typeof one === 'object' && one.service !== undefined)?.[0];
  const node = Object.keys(nodes).find((name) => name.startsWith('dist'));
  if (node !== undefined) {
    const asked = Probe.tcp({ port: node });
    return { readiness: led === undefined ? UNSERVED : asked, liveness: asked };
  }
  if (led !== undefined) {
    const must = `be given beside the Service of '${led}', to which no pod may come that has not booted`;
    const fix = 'say where the application tells how it is: application.health.port, or probes that ask another port';
    reject(scope, { prop: 'probes', must, got: undefined, fix });
  }
  return { readiness: UNASKED, liveness: UNASKED };
}
