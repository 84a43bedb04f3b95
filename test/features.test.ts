import { Duration, Yaml } from 'cdk8s';
import { build } from '../lib/build';
import type { Environment } from '../lib/environments/environment';
import { staging } from '../lib/environments/staging';
import { OptOut, render, ScheduledTask, type Manifest } from '../lib/index';
import { objectsOf } from './support/environments';

/** Objects of staging by kind and name, with hashes set aside. */
function objects(environment: Environment): Map<string, string[]> {
  expect(render(build(environment)).faults).toEqual([]);
  const text = (manifest: Manifest): string => Yaml.stringify(manifest).replace(/-[0-9a-f]{10}$/gm, '-<hash>');
  const name = ({ kind, metadata }: Manifest): string => `${kind} ${String(metadata.name).replace(/-[0-9a-f]{10}$/, '')}`;
  return new Map(
    objectsOf(environment).map((manifest) => [
      name(manifest),
      text(manifest)
        .split('\n')
        .map((line) => line.trim()),
    ]),
  );
}

/** What a change of one knob adds and takes away: whole objects, and lines of those that stay. */
function changes(change: Partial<Environment>): { added: string[]; gone: string[]; lines: Record<string, string[]> } {
  const before = objects(staging);
  const after = objects({ ...staging, ...change });
  const lines = [...after].flatMap(([name, now]): [string, string[]][] => {
    const then = before.get(name);
    if (!then) return [];
    const only = (here: string[], there: string[], sign: string): string[] => {
      const rest = [...there];
      return here.flatMap((line) => {
        const index = rest.indexOf(line);
        if (index >= 0) rest.splice(index, 1);
        return index >= 0 ? [] : [`${sign} ${line}`];
      });
    };
    const changed = [...only(then, now, '-'), ...only(now, then, '+')];
    return changed.length > 0 ? [[name, changed.sort()]] : [];
  });
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    gone: [...before.keys()].filter((name) => !after.has(name)),
    lines: Object.fromEntries(lines),
  };
}

/** What is expected, in the order in which changes are listed. */
function listed(lines: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(lines).map(([name, changed]) => [name, [...changed].sort()]));
}

const no = OptOut.because('to see what goes with it');

test('without workers their objects are gone, and what let them reach the database', () => {
  const { added, gone, lines } = changes({ worker: no });
  expect(added).toEqual([]);
  expect(gone.sort()).toEqual([
    'ConfigMap kube-native-worker',
    'Deployment kube-native-worker',
    'NetworkPolicy kube-native-worker',
    'ServiceAccount kube-native-worker',
  ]);
  expect(lines).toEqual(
    listed({
      'NetworkPolicy kube-native-postgresql': [
        '- - podSelector:',
        '- app.kubernetes.io/instance: kube-native-worker',
        '- matchLabels:',
      ],
    }),
  );
});

test('without a cluster all of its parts are gone, and the node keeps to itself', () => {
  const { added, gone, lines } = changes({ cluster: no, worker: no });
  expect(added).toEqual([]);
  expect(gone).toContain('Service kube-native-mesh');
  expect(Object.keys(lines).sort()).toEqual([
    'ConfigMap kube-native',
    'Deployment kube-native',
    'NetworkPolicy kube-native',
    'NetworkPolicy kube-native-postgresql',
  ]);
  expect({ 'ConfigMap kube-native': lines['ConfigMap kube-native'] }).toEqual(
    listed({
      'ConfigMap kube-native': [
        '- DNS_CLUSTER_QUERY: kube-native-mesh.kube-native-staging.svc.cluster.local',
        '- ERL_FLAGS: +S 1:1 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372',
        '+ ERL_EPMD_ADDRESS: 127.0.0.1',
        '+ ERL_FLAGS: +S 1:1 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}',
        '+ RELEASE_DISTRIBUTION: name',
        '+ RELEASE_NODE: kube_native_umbrella@127.0.0.1',
      ],
    }),
  );
  const deployment = lines['Deployment kube-native'] ?? [];
  expect(deployment.filter((line) => line.startsWith('+'))).toEqual(['+ minReadySeconds: 5', '+ progressDeadlineSeconds: 965']);
  expect(deployment.filter((line) => /POD_IP|RELEASE_NODE|4369|437[012]|mesh/.test(line))).toHaveLength(8);
});

test('with the Kubernetes API the Service makes way for the right to list pods', () => {
  const { added, gone, lines } = changes({ cluster: { discovery: 'kubernetesApi' } });
  expect(gone).toEqual(['Service kube-native-mesh']);
  expect(added.sort()).toEqual(['Role kube-native-mesh', 'RoleBinding kube-native-mesh', 'RoleBinding kube-native-worker-mesh']);
  expect({ 'Deployment kube-native': lines['Deployment kube-native'] }).toEqual(
    listed({ 'Deployment kube-native': ['- automountServiceAccountToken: false', '+ automountServiceAccountToken: true'] }),
  );
  expect(Object.keys(lines).filter((name) => /Deployment|ConfigMap|NetworkPolicy/.test(name))).toHaveLength(
    Object.keys(lines).length,
  );
});

test('with a range of pods the fixed number makes way for an autoscaler', () => {
  const { added, gone, lines } = changes({ replicas: { minimum: 2, maximum: 3 } });
  expect({ added, gone, lines }).toEqual({
    added: ['HorizontalPodAutoscaler kube-native'],
    gone: [],
    lines: { 'Deployment kube-native': ['- replicas: 2'] },
  });
});

test('with workers that follow their queues KEDA gets what it needs, and the database lets it in', () => {
  const replicas = { minimum: 0, maximum: 2, oban: { queues: ['default'], jobsPerPod: 10 } };
  const worker = { replicas, resources: staging.resources, shutdown: Duration.minutes(2) };
  const { added, gone, lines } = changes({ worker });
  expect(added.sort()).toEqual(['ScaledObject kube-native-worker', 'TriggerAuthentication kube-native-worker']);
  expect(gone).toEqual([]);
  expect(lines['Deployment kube-native-worker']).toEqual(['- replicas: 1']);
  expect(Object.keys(lines).sort()).toEqual(['Deployment kube-native-worker', 'NetworkPolicy kube-native-postgresql']);
});

test('with one pod there is nothing to spread and no disruption to budget', () => {
  const { added, gone, lines } = changes({ replicas: 1 });
  expect({ added, gone }).toEqual({ added: [], gone: ['PodDisruptionBudget kube-native'] });
  const deployment = lines['Deployment kube-native'] ?? [];
  expect(Object.keys(lines)).toEqual(['Deployment kube-native']);
  expect(deployment.filter((line) => line.startsWith('+'))).toEqual(['+ replicas: 1']);
  expect(deployment).toHaveLength(18);
});

test('with a class of pods only that line comes', () => {
  const line = ['+ priorityClassName: important'];
  expect(changes({ priorityClassName: 'important' })).toEqual({
    added: [],
    gone: [],
    lines: { 'Deployment kube-native': line, 'Deployment kube-native-worker': line },
  });
});

test('with a node port the Service and the quota change, and who may come in', () => {
  const { lines, ...whole } = changes({ exposure: { nodePort: 30400 }, clients: 'everyone' });
  expect(whole).toEqual({ added: [], gone: [] });
  expect(lines).toEqual(
    listed({
      'ResourceQuota budget': ['- services.nodeports: "0"', '+ services.nodeports: "1"'],
      'Service kube-native': ['- type: ClusterIP', '+ nodePort: 30400', '+ type: NodePort'],
      'NetworkPolicy kube-native': [
        '- - from:',
        '- - namespaceSelector:',
        '- matchLabels:',
        '- kubernetes.io/metadata.name: envoy-gateway-system',
        '- ports:',
        '+ - ports:',
      ],
    }),
  );
});

test('with a mail server the application may reach it, and the database may not', () => {
  const { lines, ...whole } = changes({ egress: [{ port: 587, peer: { cidr: '203.0.113.7/32' } }] });
  const opened = ['+ - ports:', '+ - port: 587', '+ protocol: TCP', '+ to:', '+ - ipBlock:', '+ cidr: 203.0.113.7/32'];
  expect(whole).toEqual({ added: [], gone: [] });
  expect(lines).toEqual(
    listed({
      'NetworkPolicy kube-native': opened,
      'NetworkPolicy kube-native-migrate': opened,
      'NetworkPolicy kube-native-worker': opened,
    }),
  );
});

test('with a vault an ExternalSecret comes, and the pods stay as they are', () => {
  const store = { kind: 'ClusterSecretStore' as const, name: 'vault' };
  const remote = { SECRET_KEY_BASE: 'kube-native/secret-key-base', RELEASE_COOKIE: 'kube-native/cookie' };
  expect(changes({ secrets: { external: { store, remote } } })).toEqual({
    added: ['ExternalSecret kube-native'],
    gone: [],
    lines: {},
  });
});

test('with an older Kubernetes the sleep is a program of the image', () => {
  const { lines, ...whole } = changes({ kubernetes: '1.29' });
  expect(whole).toEqual({ added: [], gone: [] });
  expect({ 'Deployment kube-native': lines['Deployment kube-native'] }).toEqual(
    listed({ 'Deployment kube-native': ['- sleep:', '- seconds: 10', '+ exec:', '+ command:', '+ - sleep', '+ - "10"'] }),
  );
  expect(Object.keys(lines).toSorted()).toEqual(['Deployment kube-native', 'Namespace kube-native-staging']);
});

test('with a scheduled task its objects come, and the way to the database', () => {
  const { added, gone, lines } = changes({
    amend: ({ release }) => {
      new ScheduledTask(release, 'Prune', {
        release,
        task: 'prune',
        schedule: '30 3 * * *',
        command: ['/app/bin/kube_native_umbrella', 'eval', 'KubeNative.Release.prune()'],
        deadline: Duration.minutes(10),
      });
    },
  });
  expect(gone).toEqual([]);
  expect(added.sort()).toEqual([
    'CronJob kube-native-prune',
    'NetworkPolicy kube-native-prune',
    'ServiceAccount kube-native-prune',
  ]);
  expect(lines).toEqual(
    listed({
      'NetworkPolicy kube-native-postgresql': [
        '+ - podSelector:',
        '+ matchLabels:',
        '+ app.kubernetes.io/instance: kube-native-prune',
      ],
    }),
  );
});
