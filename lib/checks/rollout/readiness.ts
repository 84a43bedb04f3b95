import { eachBeam, placesOnce } from '../each';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { type BeamContainer, valueOf } from '../../model/beam';
import { inventoryOf } from '../../model/inventory';
import type { Container, Pod } from '../../model/pods';
import { EPMD_PORT } from '../../model/ports';
import { probeOf } from '../../model/probes';
import { map, maps, scalar } from '../../model/values';
import { either } from '../../model/remedy';

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Rollout'];

export const servedReady: Rule = {
  name: 'served-ready',
  sentence: 'Pods behind a Service have a readiness probe.',
  why: 'Requests are sent to a pod that is still booting, and the rollout takes the next old one before the new one answers.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe',
  *find(world: World): Iterable<Finding> {
    const services = inventoryOf(world).ofKind('Service');
    // Who asks by the address of a Service is told before who asks the pods themselves.
    const inOrder = [...services.filter(hasAddress), ...services.filter((one) => !hasAddress(one))];
    yield* placesOnce(inOrder.flatMap((service) => [...unreadyBehind(service, world)]));
  },
};

function* unreadyBehind(service: FinishedObject, world: World): Iterable<Finding> {
  // One that names all addresses does not ask whether they are ready.
  if (map(service.manifest['spec'])['publishNotReadyAddresses'] === true) return;
  // The same of all containers, so that many are told as one.
  const must = 'be there, because a Service sends requests';
  const fix = 'add one that asks what users ask, such as httpGet of a health path';
  for (const workload of inventoryOf(world)
    .servedBy(service)
    .filter(({ kind }) => KINDS.includes(kind))) {
    if (isOfNodes(service, workload)) continue;
    for (const { path } of unready(workload, service.manifest['spec']))
      yield { object: workload.object, field: `${path}.readinessProbe`, must, got: undefined, fix };
  }
}

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
  const running = containers.filter(({ endsFirst }) => !endsFirst);
  const targets = maps(map(spec)['ports']).map(({ port, targetPort = port }) => targetPort as unknown);
  const behind = running.filter((container) =>
    maps(container.spec['ports']).some(({ name, containerPort }) => targets.some((one) => one === name || one === containerPort)),
  );
  const silent = (behind.length > 0 ? behind : running).filter((container) => !probeOf(container, 'readinessProbe'));
  return behind.length > 0 || silent.length === running.length ? silent.slice(0, behind.length || 1) : [];
}

export const readinessOwnPath = eachBeam({
  name: 'readiness-own-path',
  sentence: 'Two pods or more of a release are ready by a path of their own, not by the front page.',
  why: 'The page asks all that it shows: once the database or another service is slow, every pod leaves the Service at the same time, and each probe costs what a visitor does.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe',
  severity: 'warning',
  *each(beam) {
    const { workload, path } = beam;
    if (workload.replicas.most < 2 || !asksFrontPage(beam)) return;
    const inLiteral =
      "add a route that answers by itself, the six lines in docs/application.md, and name it: health: { ready: '/health/ready' }; " +
      "until then say why: health: { ready: '/', frontPage: OptOut.because('...') }";
    const field = `${path}.readinessProbe.httpGet.path`;
    yield { field, must: 'be a path for probes', got: '/', ...either(OWN_PATH, inLiteral) };
  },
});

const OWN_PATH = 'add a route that answers by itself, such as /health/ready, and ask that';

/** Whether readiness is the front page of the endpoint; a listener of its own has none. */
function asksFrontPage(beam: BeamContainer): boolean {
  const { path = '/', port } = map(probeOf(beam, 'readinessProbe')?.['httpGet']);
  if (port === undefined || scalar(path)?.replace(/[?#].*$/, '') !== '/') return false;
  const named = maps(beam.spec['ports']).find(({ name, containerPort }) => name === port || containerPort === port);
  const endpoint = valueOf(beam, 'PORT');
  return endpoint === undefined || named === undefined || String(named['containerPort']) === endpoint;
}
