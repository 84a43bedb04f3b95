import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { databaseIn } from '../world/databases';
import { inventoryOf } from '../world/inventory';
import { maps, scalar, scalars } from '../world/values';
import type { Pod } from '../world/pods';

/** The official images know nothing of each other: each pod has a database of its own, under one name. */
export const oneServer: Rule = {
  name: 'one-server',
  sentence: 'A database without replication has one pod.',
  why: 'Each pod has files of its own and the Service leads to any of them: half of what users write is in one database, half in the other.',
  source: 'https://hub.docker.com/_/postgres',
  *find(world: World): Iterable<Finding> {
    for (const workload of inventoryOf(world).pods) {
      const { object, kind, replicas, scaler } = workload;
      if (replicas.most <= 1 || (kind !== 'StatefulSet' && kind !== 'Deployment')) continue;
      const server = databaseIn(object.manifest);
      if (!server || replicates(workload, server.container)) continue;
      const must = `be 1: ${server.engine} of this image does not copy its data to other pods`;
      const fix = 'run one, or let an operator such as CloudNativePG, or a provider, run several';
      if (scaler) {
        const field = scaler.manifest['kind'] === 'ScaledObject' ? 'spec.maxReplicaCount' : 'spec.maxReplicas';
        yield { object: scaler, field, must, got: replicas.most, fix };
      } else yield { object, field: 'spec.replicas', must, got: replicas.most, fix };
    }
  },
};

const WORDS = /replica|standby|primary|master|slave|wsrep|galera|patroni|repmgr|stolon|cluster|group_replication|cloning/i;

/** Whether something in the pods copies: a second container, or settings that speak of it. */
function replicates({ containers }: Pod, container: Manifest): boolean {
  if (containers.filter(({ endsFirst: init }) => !init).length > 1) return true;
  const names = maps(container['env']).map(({ name }) => scalar(name) ?? '');
  const words = [...scalars(container['command']), ...scalars(container['args']), ...names];
  return (
    words.some((word) => WORDS.test(word)) ||
    containers.some(({ endsFirst: init, spec }) => init && WORDS.test(scalar(spec['name']) ?? ''))
  );
}
