import { eachProbed, isBeam } from '../each';
import type { Container } from '../../model/pods';
import { pathOf, portOf, probeOf, PROBES, questionOf, startupSeconds } from '../../model/probes';
import { map, maps, numberOr, scalar } from '../../model/values';

/** A cold boot on a busy node takes longer than one on a laptop. */
const LEAST_SECONDS = 30;

export const startupBudget = eachProbed({
  name: 'startup-budget',
  sentence: 'A liveness probe waits for the start: behind a startup probe, or with a delay, and for 30 seconds at least.',
  why: 'On a busy node the boot takes longer than the probe allows, and the pod is restarted until someone notices.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
  severity: 'warning',
  *each({ container }, world) {
    const startup = probeOf(container, 'startupProbe');
    const liveness = probeOf(container, 'livenessProbe');
    // Half a minute is a start of most programs, but not of a BEAM that has its code and its migrations to look at.
    const isEarly = !startup && liveness && numberOr(0, liveness['initialDelaySeconds']) <= 0;
    if (isEarly && (isBeam(container, world) || startupSeconds(container) < LEAST_SECONDS)) {
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
  *each({ container }, world) {
    const isRelease = isBeam(container, world) && !SERVERS.test(scalar(container.spec['image']) ?? '');
    if (!isRelease && !mayAskDatabase(container)) return;
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
    const severity = isRelease ? undefined : 'warning';
    yield { field, must: 'ask something else than readiness', got: question, fix, severity };
  },
});

/** Whether another program than a release may answer by asking a database: it knows one, and is asked over the network. */
function mayAskDatabase({ spec, variables }: Container): boolean {
  const { exec } = map(spec['livenessProbe']);
  return exec === undefined && [...variables.byName.values()].some(({ name, value }) => DATABASE.test(name) || isUrl(value));
}

/** Databases and brokers of Erlang: what they answer is about themselves. */
const SERVERS = /(?:^|\/)(?:couchdb|rabbitmq|emqx|vernemq|ejabberd)(?:[-/:@]|$)/;
const DATABASE = /DATABASE|(?:^|_)(?:DB|POSTGRES(?:QL)?|PG|MYSQL|MARIADB|MONGO(?:DB)?|REDIS)(?:_|[A-Z]*(?:HOST|URL)$)/i;

function isUrl(value: string | undefined): boolean {
  return /^(?:ecto|postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?):\/\//.test(value ?? '');
}

export const probePorts = eachProbed({
  name: 'probe-ports',
  sentence: 'A probe that asks a port by number asks one that its container declares.',
  why: 'After the port of a program has moved, the probe asks where nobody listens, and no new pod becomes ready.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
  severity: 'warning',
  *each({ container }, world) {
    const ports = maps(container.spec['ports']);
    // The kubelet asks by TCP.
    const declared = ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP');
    for (const name of PROBES) {
      const asked = portOf(probeOf(container, name) ?? {});
      // A name that no port has is refused with the other names of ports.
      if (typeof asked?.port !== 'number' || declared.some(({ containerPort }) => containerPort === asked.port)) continue;
      // A list of ports binds no program: where one that is no BEAM listens besides, nobody knows here.
      if (!isBeam(container, world) && !ports.some(({ containerPort }) => containerPort === asked.port)) continue;
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
