import type { Manifest } from '../../support/edit';
import { eachPod } from '../each';
import type { Finding, Rule, World } from '../rule';
import { databaseIn } from '../../model/databases';
import { inventoryOf } from '../../model/inventory';
import type { Container, Pod } from '../../model/pods';
import { maps, scalar, scalars } from '../../model/values';

/** What Kubernetes grants where nothing is said: whoever writes less takes it from the server. */
const LEAST_SECONDS = 30;

export const databaseShutdown = eachPod({
  name: 'database-shutdown',
  sentence: 'A database has the time to shut down that Kubernetes would grant it, or more.',
  why: 'It is killed in the middle of its last checkpoint: each restart of the pod replays the log, which keeps users out for minutes.',
  source: 'https://www.postgresql.org/docs/current/server-shutdown.html',
  *each({ object, path, spec: pod, kind }) {
    const got: unknown = pod['terminationGracePeriodSeconds'];
    if (typeof got !== 'number' || got >= LEAST_SECONDS || (kind !== 'StatefulSet' && kind !== 'Deployment')) return;
    const server = databaseIn(object.manifest);
    if (!server) return;
    const must = `be ${LEAST_SECONDS} or more: ${server.engine} writes all that it holds in memory before it ends`;
    const fix = 'write 120, or leave it out: a server that ends sooner is not waited for';
    yield { field: `${path}.terminationGracePeriodSeconds`, must, got, fix };
  },
});

export const oneServer = eachPod({
  name: 'one-server',
  sentence: 'A database without replication has one pod.',
  why: 'Each pod has files of its own and the Service leads to any of them: half of what users write is in one database, half in the other.',
  source: 'https://hub.docker.com/_/postgres',
  *each(workload) {
    const { object, kind, replicas, scaler } = workload;
    if (replicas.most <= 1 || (kind !== 'StatefulSet' && kind !== 'Deployment')) return;
    const server = databaseIn(object.manifest);
    if (!server || replicates(workload, server.container)) return;
    const must = `be 1: ${server.engine} of this image does not copy its data to other pods`;
    const fix = 'run one, or let an operator such as CloudNativePG, or a provider, run several';
    if (scaler) {
      const field = scaler.manifest['kind'] === 'ScaledObject' ? 'spec.maxReplicaCount' : 'spec.maxReplicas';
      yield { object: scaler, field, must, got: replicas.most, fix };
    } else yield { field: 'spec.replicas', must, got: replicas.most, fix };
  },
});

const WORDS = /replica|standby|primary|master|slave|wsrep|galera|patroni|repmgr|stolon|cluster|group_replication|cloning/i;

/** Whether something in the pods copies: a second container, or settings that speak of it. */
function replicates({ containers }: Pod, container: Manifest): boolean {
  if (containers.filter(({ endsFirst: init }) => !init).length > 1) return true;
  const names = maps(container['env']).map(({ name }) => scalar(name) ?? '');
  const inits = containers.filter(({ endsFirst }) => endsFirst).map(({ spec }) => scalar(spec['name']) ?? '');
  const words = [...scalars(container['command']), ...scalars(container['args']), ...names, ...inits];
  return words.some((word) => WORDS.test(word));
}

/** Where the official images keep their data. */
const FOLDERS: readonly (readonly [image: RegExp, folder: string])[] = [
  [/(?:^|\/)(?:postgres|postgis\/postgis|timescale\/timescaledb)(?::|@|$)/, '/var/lib/postgresql'],
  [/(?:^|\/)(?:mysql|mariadb)(?::|@|$)/, '/var/lib/mysql'],
  [/(?:^|\/)mongo(?::|@|$)/, '/data/db'],
  [/(?:^|\/)couchdb(?::|@|$)/, '/opt/couchdb/data'],
  [/(?:^|\/)clickhouse-server(?::|@|$)/, '/var/lib/clickhouse'],
];

/** A database without a volume writes into its container. */
export const databaseKeepsData: Rule = {
  name: 'database-keeps-data',
  sentence: 'A database of a well-known image has a volume where it keeps its data.',
  why: 'Every restart of the container, and every change of its pod, begins with an empty database.',
  source: 'https://kubernetes.io/docs/concepts/storage/volumes/#background',
  *find(world: World): Iterable<Finding> {
    for (const { object, task, containers } of inventoryOf(world).pods) {
      for (const container of task ? [] : containers.filter(({ endsFirst }) => !endsFirst)) {
        const image = scalar(container.spec['image']) ?? '';
        const folder = movedTo(container) ?? FOLDERS.find(([pattern]) => pattern.test(image))?.[1];
        if (folder === undefined || !runsServer(container) || maps(container.spec['volumeMounts']).some(isWithin(folder)))
          continue;
        const fix = `mount a volume of a PersistentVolumeClaim there; an emptyDir where the data may be lost with the pod`;
        const field = `${container.path}.volumeMounts`;
        yield { object, field, must: `have a volume at ${folder}`, got: container.spec['volumeMounts'], fix };
      }
    }
  },
};

function movedTo({ spec, variables }: Container): string | undefined {
  return (scalar(spec['image']) ?? '').includes('postg') ? variables.byName.get('PGDATA')?.value : undefined;
}

/** Whether the image's own program runs: with another command it may be a client. */
function runsServer({ spec }: Container): boolean {
  return spec['command'] === undefined;
}

function isWithin(folder: string): (mount: Manifest) => boolean {
  const below = (outer: string, inner: string) => `${inner}/`.startsWith(`${outer.replace(/\/$/, '')}/`);
  return ({ mountPath }) => {
    const path = scalar(mountPath) ?? '';
    return below(folder, path) || below(path, folder);
  };
}
