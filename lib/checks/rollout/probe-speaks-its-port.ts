import type { Finding, Rule, World } from '../rule';
import { map, maps, scalar } from '../world/values';
import type { Container } from '../world/pods';
import { probedContainers, probeOf, PROBES } from '../world/probes';

type Protocol = 'http' | 'https';

/** A probe that begins a handshake where nobody answers one, or none where one is waited for. */
export const probeSpeaksItsPort: Rule = {
  name: 'probe-speaks-its-port',
  sentence: 'A probe speaks what the port speaks: HTTPS to the listener with TLS, HTTP to the one without, gRPC to neither.',
  why: 'Every answer is an error of the protocol, no new pod becomes ready, and liveness restarts those that work.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  *find(world: World): Iterable<Finding> {
    for (const { workload, container } of probedContainers(world)) {
      for (const name of PROBES) {
        const { httpGet, grpc } = probeOf(container, name) ?? {};
        const asked = map(httpGet ?? grpc);
        const spoken = protocolOf(container, asked['port']);
        // An address of its own is not the container's.
        if (spoken === undefined || asked['host'] !== undefined) continue;
        const field = `${container.path}.${name}`;
        if (grpc !== undefined) {
          const fix = 'ask by httpGet, or name the port of the gRPC endpoint';
          yield {
            object: workload.object,
            field: `${field}.grpc.port`,
            must: `be a port of gRPC, not one of ${spoken.toUpperCase()}`,
            got: asked['port'],
            fix,
          };
          continue;
        }
        const scheme = (scalar(asked['scheme']) ?? 'HTTP').toLowerCase();
        if (scheme === spoken) continue;
        const fix =
          spoken === 'https' ? 'set it to HTTPS, or ask the listener without TLS' : 'remove it, or ask the listener with TLS';
        const must = `be ${spoken.toUpperCase()}, which port ${String(asked['port'])} speaks`;
        yield { object: workload.object, field: `${field}.httpGet.scheme`, must, got: asked['scheme'], fix };
      }
    }
  },
};

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
