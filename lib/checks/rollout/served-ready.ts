import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps, nameOf } from '../world/values';
import type { Container, Pod } from '../world/pods';
import { EPMD_PORT } from '../world/ports';
import { probeOf } from '../world/probes';

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Rollout'];

/** A pod without a readiness probe counts as ready when its process runs. */
export const servedReady: Rule = {
  name: 'served-ready',
  sentence: 'Pods behind a Service have a readiness probe.',
  why: 'Requests are sent to a pod that is still booting, and the rollout takes the next old one before the new one answers.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const told = new Set<string>();
    const services = inventory.ofKind('Service');
    // Who asks by the address of a Service is told before who asks the pods themselves.
    for (const service of [...services.filter(hasAddress), ...services.filter((one) => !hasAddress(one))]) {
      // One that names all addresses does not ask whether they are ready.
      if (map(service.manifest['spec'])['publishNotReadyAddresses'] === true) continue;
      for (const workload of inventory.servedBy(service).filter(({ kind }) => KINDS.includes(kind))) {
        if (isOfNodes(service, workload)) continue;
        const { object } = workload;
        for (const { path } of unready(workload, service.manifest['spec'])) {
          const field = `${path}.readinessProbe`;
          if (told.has(field + object.construct.node.path)) continue;
          told.add(field + object.construct.node.path);
          const must = `be there, because the Service ${nameOf(service.manifest)} sends requests`;
          const fix = 'add one that asks what users ask, such as httpGet of a health path';
          yield { object, field, must, got: undefined, fix };
        }
      }
    }
  },
};

function hasAddress(service: FinishedObject): boolean {
  return map(service.manifest['spec'])['clusterIP'] !== 'None';
}

/** Whether a headless Service is for the nodes of a BEAM cluster alone, which look for each other while they boot. */
function isOfNodes(service: FinishedObject, { containers }: Pod): boolean {
  if (hasAddress(service)) return false;
  const ports = maps(map(service.manifest['spec'])['ports']);
  const declared = containers.flatMap(({ spec }) => maps(spec['ports']));
  // One that nobody listens on is there because a Service wanted a port once.
  return ports.every(({ port, targetPort = port }) => {
    const isThere = declared.some(({ name, containerPort }) => name === targetPort || containerPort === targetPort);
    return port === EPMD_PORT || !isThere;
  });
}

/** The containers that should say when they are ready, and do not: those behind the Service's ports, or else any. */
function unready({ containers }: Pod, spec: unknown): readonly Container[] {
  const running = containers.filter(({ endsFirst: init }) => !init);
  const targets = maps(map(spec)['ports']).map(({ port, targetPort = port }) => targetPort as unknown);
  const behind = running.filter((container) =>
    maps(container.spec['ports']).some(({ name, containerPort }) => targets.some((one) => one === name || one === containerPort)),
  );
  const silent = (behind.length > 0 ? behind : running).filter((container) => !probeOf(container, 'readinessProbe'));
  return behind.length > 0 || silent.length === running.length ? silent.slice(0, behind.length || 1) : [];
}
