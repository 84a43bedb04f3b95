import type { Finding, Rule, World } from '../rule';
import { beamContainers } from '../world/beam';
import { pathOf, probedContainers, probeOf, questionOf } from '../world/probes';
import { map, scalar } from '../world/values';
import type { Container } from '../world/pods';

/** What readiness asks may depend on the database; what liveness asks must not. */
export const livenessApart: Rule = {
  name: 'liveness-apart',
  sentence: 'Liveness asks something else than readiness, or for a connection alone.',
  why: 'When the database is gone for a minute, all pods fail both at once and are restarted together, and then all of them boot cold.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    const beams = new Set(beamContainers(world).map(({ spec }) => spec));
    for (const { workload, container } of probedContainers(world)) {
      const isBeam = beams.has(container.spec) && !SERVERS.test(scalar(container.spec['image']) ?? '');
      if (!isBeam && !mayAskDatabase(container)) continue;
      const readiness = probeOf(container, 'readinessProbe');
      const liveness = probeOf(container, 'livenessProbe');
      if (!readiness || !liveness) continue;
      // Whether a connection is accepted does not depend on the database: of another program than ours, both may ask just that.
      if (liveness['tcpSocket'] !== undefined) continue;
      const question = questionOf(liveness, container);
      const path = pathOf(liveness);
      if (question !== questionOf(readiness, container) && (path === undefined || path !== pathOf(readiness))) continue;
      const fix = 'use a path that touches no database, or tcpSocket: else an outage of the database restarts every pod';
      const field = `${container.path}.livenessProbe`;
      const severity = isBeam ? undefined : 'warning';
      yield { object: workload.object, field, must: 'ask something else than readiness', got: question, fix, severity };
    }
  },
};

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
