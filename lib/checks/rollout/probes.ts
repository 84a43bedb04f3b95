import { eachBeam, eachProbed, placesOnce } from '../each';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { type BeamContainer, valueOf } from '../world/beam';
import { inventoryOf } from '../world/inventory';
import type { Container, Pod } from '../world/pods';
import { pathOf, portOf, probeOf, PROBES, questionOf, startupSeconds } from '../world/probes';
import { map, maps, nameOf, numberOr, scalar } from '../world/values';

/** A cold boot on a busy node takes longer than one on a laptop. */
const LEAST_SECONDS = 30;

export const startupBudget = eachProbed({
  name: 'startup-budget',
  sentence: 'A liveness probe waits for the start: behind a startup probe, or with a delay, and for 30 seconds at least.',
  why: 'On a busy node the boot takes longer than the probe allows, and the pod is restarted until someone notices.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
  severity: 'warning',
  *each({ container }) {
    const startup = probeOf(container, 'startupProbe');
    const liveness = probeOf(container, 'livenessProbe');
    if (!startup && liveness && numberOr(0, liveness['initialDelaySeconds']) <= 0) {
      const fix = 'add a startupProbe with a period of 5 seconds and a threshold of 12, say';
      yield { field: `${container.path}.startupProbe`, must: 'be there before a liveness probe', got: undefined, fix };
      return;
    }
    const budget = startupSeconds(container);
    if ((!startup && !liveness) || budget >= LEAST_SECONDS) return;
    const field = `${container.path}.${startup ? 'startupProbe' : 'livenessProbe'}.failureThreshold`;
    const must = `leave the start ${LEAST_SECONDS}s or more with the period`;
    yield { field, must, got: `${budget}s`, fix: 'raise the threshold to the longest boot divided by the period' };
  },
});

export const livenessApart = eachProbed({
  name: 'liveness-apart',
  sentence: 'Liveness asks something else than readiness, or for a connection alone.',
  why: 'When the database is gone for a minute, all pods fail both at once and are restarted together, and then all of them boot cold.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  severity: 'warning',
  *each({ container }) {
    const readiness = probeOf(container, 'readinessProbe');
    const liveness = probeOf(container, 'livenessProbe');
    if (!readiness || !liveness) return;
    // Whether a connection is accepted does not depend on the database: of another program than ours, both may ask just that.
    if (liveness['tcpSocket'] !== undefined) return;
    const question = questionOf(liveness, container);
    const path = pathOf(liveness);
    if (question !== questionOf(readiness, container) && (path === undefined || path !== pathOf(readiness))) return;
    const fix = 'use a path that touches no database, or tcpSocket: else an outage of the database restarts every pod';
    const field = `${container.path}.livenessProbe`;
    yield { field, must: 'ask something else than readiness', got: question, fix };
  },
});

export const probePorts = eachProbed({
  name: 'probe-ports',
  sentence: 'A probe that asks a port by number asks one that its container declares.',
  why: 'After the port of a program has moved, the probe asks where nobody listens, and no new pod becomes ready.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
  severity: 'warning',
  *each({ container }) {
    // The kubelet asks by TCP.
    const declared = maps(container.spec['ports']).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
    for (const name of PROBES) {
      const asked = portOf(probeOf(container, name) ?? {});
      // A name that no port has is refused with the other names of ports.
      if (typeof asked?.port !== 'number' || declared.some(({ containerPort }) => containerPort === asked.port)) continue;
      const known = declared.map((port) => String(port['name'] ?? port['containerPort'])).join(', ');
      const field = `${container.path}.${name}.${asked.field}`;
      const fix = `use ${known || 'a port that you add'}`;
      yield { field, must: 'be a TCP port of the container', got: asked.port, fix };
    }
  },
});

type Protocol = 'http' | 'https';

export const probeSpeaksItsPort = eachProbed({
  name: 'probe-speaks-its-port',
  sentence: 'A probe speaks what the port speaks: HTTPS to the listener with TLS, HTTP to the one without, gRPC to neither.',
  why: 'Every answer is an error of the protocol, no new pod becomes ready, and liveness restarts those that work.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  *each({ container }) {
    for (const name of PROBES) {
      const { httpGet, grpc } = probeOf(container, name) ?? {};
      const asked = map(httpGet ?? grpc);
      const spoken = protocolOf(container, asked['port']);
      // An address of its own is not the container's.
      if (spoken === undefined || asked['host'] !== undefined) continue;
      const field = `${container.path}.${name}`;
      if (grpc !== undefined) {
        const fix = 'ask by httpGet, or name the port of the gRPC endpoint';
        const must = `be a port of gRPC, not one of ${spoken.toUpperCase()}`;
        yield { field: `${field}.grpc.port`, must, got: asked['port'], fix };
        continue;
      }
      const scheme = (scalar(asked['scheme']) ?? 'HTTP').toLowerCase();
      if (scheme === spoken) continue;
      const fix =
        spoken === 'https' ? 'set it to HTTPS, or ask the listener without TLS' : 'remove it, or ask the listener with TLS';
      const must = `be ${spoken.toUpperCase()}, which port ${String(asked['port'])} speaks`;
      yield { field: `${field}.httpGet.scheme`, must, got: asked['scheme'], fix };
    }
  },
});

/** The certificate that an endpoint serves with has a name like this. */
const CERTIFICATE = /(?:SSL|TLS).*(?:CERT|KEY)/;

/** Certificates by which others are believed, as OpenSSL's `SSL_CERT_FILE`, and those that a client shows to a database or a broker. */
const OF_CLIENTS =
  /^SSL_CERT_(?:FILE|DIR)$|ROOT|CA_?CERT|CLIENT|^(?:PG|MYSQL|DATABASE|DB|ECTO|REPO|REDIS|VALKEY|KAFKA|RABBITMQ|AMQP|MQTT|NATS|LDAP|SMTP|OTEL)(?:_|SSL)/;

/** What a port of a Phoenix endpoint speaks, by its variables; undefined where they do not tell. */
function protocolOf({ spec, variables: { byName } }: Container, port: unknown): Protocol | undefined {
  if (!byName.has('PHX_HOST') && !byName.has('PHX_SERVER')) return undefined;
  const number = maps(spec['ports']).find(({ name }) => name === port)?.['containerPort'] ?? port;
  const is = (name: string) => byName.get(name)?.value === String(number);
  if (is('PHX_HTTPS_PORT')) return 'https';
  // An endpoint may have TLS on its only port, of which a certificate's path tells.
  const encrypted =
    !byName.has('PHX_HTTPS_PORT') && [...byName.keys()].some((name) => CERTIFICATE.test(name) && !OF_CLIENTS.test(name));
  return is('PORT') && !encrypted ? 'http' : undefined;
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Rollout'];

export const servedReady: Rule = {
  name: 'served-ready',
  sentence: 'Pods behind a Service have a readiness probe.',
  why: 'Requests are sent to a pod that is still booting, and the rollout takes the next old one before the new one answers.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe',
  *find(world: World): Iterable<Finding> {
    yield* placesOnce(
      inventoryOf(world)
        .ofKind('Service')
        .flatMap((service) => [...unreadyBehind(service, world)]),
    );
  },
};

function* unreadyBehind(service: FinishedObject, world: World): Iterable<Finding> {
  // One that names all addresses does not ask whether they are ready.
  if (map(service.manifest['spec'])['publishNotReadyAddresses'] === true) return;
  const must = `be there, because the Service ${nameOf(service.manifest)} sends requests`;
  const fix = 'add one that asks what users ask, such as httpGet of a health path';
  for (const workload of inventoryOf(world)
    .servedBy(service)
    .filter(({ kind }) => KINDS.includes(kind)))
    for (const { path } of unready(workload, service.manifest['spec']))
      yield { object: workload.object, field: `${path}.readinessProbe`, must, got: undefined, fix };
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

export const readinessOwnPath = eachBeam({
  name: 'readiness-own-path',
  sentence: 'Two pods or more of a release are ready by a path of their own, not by the front page.',
  why: 'The page asks all that it shows: once the database or another service is slow, every pod leaves the Service at the same time, and each probe costs what a visitor does.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe',
  severity: 'warning',
  *each(beam) {
    const { workload, path } = beam;
    if (workload.replicas.most < 2 || !asksFrontPage(beam)) return;
    const fix =
      "add a route that answers by itself, the six lines in docs/application.md, and name it: health: { ready: '/health/ready' }; " +
      "until then say why: health: { ready: '/', frontPage: OptOut.because('...') }";
    const field = `${path}.readinessProbe.httpGet.path`;
    yield { field, must: 'be a path for probes', got: '/', fix };
  },
});

/** Whether readiness is the front page of the endpoint; a listener of its own has none. */
function asksFrontPage(beam: BeamContainer): boolean {
  const { path = '/', port } = map(probeOf(beam, 'readinessProbe')?.['httpGet']);
  if (port === undefined || scalar(path)?.replace(/[?#].*$/, '') !== '/') return false;
  const named = maps(beam.spec['ports']).find(({ name, containerPort }) => name === port || containerPort === port);
  const endpoint = valueOf(beam, 'PORT');
  return endpoint === undefined || named === undefined || String(named['containerPort']) === endpoint;
}
