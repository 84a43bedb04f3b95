import type { Finding, Rule, World } from '../rule';
import { beamContainers } from '../world/beam';
import { inventoryOf } from '../world/inventory';
import { namespaceOf } from '../world/values';

/** A long poll is many requests, and what the first of them began lives in one pod. */
export const longPollsMeetTheirPod: Rule = {
  name: 'long-polls-meet-their-pod',
  sentence: 'Pods that answer long polls form a cluster, or their route keeps each browser with one of them.',
  why: 'The second poll meets a pod that knows nothing of the first: behind proxies without websockets no LiveView ever connects.',
  source: 'https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#socket/3-longpoll-configuration',
  *find(world: World): Iterable<Finding> {
    const { longPolls = [] } = world;
    if (longPolls.length === 0) return;
    const inventory = inventoryOf(world);
    const clustered = new Set(beamContainers(world).flatMap((beam) => (beam.clustered ? [beam.workload] : [])));
    for (const workload of inventory.pods) {
      const { object, kind, name, namespace, replicas } = workload;
      if (!KINDS.includes(kind) || !longPolls.includes(name) || replicas.most < 2 || clustered.has(workload)) continue;
      const keepers = inventory.ofKind(...KEEPERS).filter(({ manifest }) => namespaceOf(manifest) === namespace);
      if (keepers.some(({ manifest }) => KEEPS.test(JSON.stringify(manifest)))) continue;
      const must = 'form a cluster, or be behind a route with affinity, where long polls come to two or more';
      const fix =
        "give the release a 'cluster', its route 'affinity: true', or leave out 'application.longPoll' where no client falls back to it";
      yield { object, field: 'spec.replicas', must, got: replicas.most, fix };
    }
  },
};

const KINDS = ['Deployment', 'StatefulSet'];

/** Where the ways in keep a browser with a pod, and how they say so: by a cookie, or by the client's address. */
const KEEPERS = [
  'Ingress',
  'Service',
  'BackendTrafficPolicy',
  'DestinationRule',
  'GCPBackendPolicy',
  'BackendConfig',
  'HTTPProxy',
];
const KEEPS =
  /"[^"]*affinity[^"]*":(?!"None"|null)|stick(?:y|iness)|consistentHash|upstream-hash-by|session-cookie|cookie-persistence/i;
