import { JsonPatch } from 'cdk8s';
import { nodePortOnce } from '../../lib/checks/api/services';
import { hostClaimedOnce } from '../../lib/checks/hosts/claims';
import { databaseShutdown, oneServer } from '../../lib/checks/rollout/databases';
import { oneAutoscaler } from '../../lib/checks/rollout/autoscalers';
import { oneBudget } from '../../lib/checks/rollout/disruptions';
import { singleWriter } from '../../lib/checks/rollout/claims';
import { staysServed } from '../../lib/checks/rollout/rollouts';
import { patch, type Manifest } from '../../lib/index';
import { production, staging } from '../support/alone';
import { add, said, saidOf } from '../support/said';
import { vary } from '../support/vary';

const object = (apiVersion: string, kind: string, name: string, spec: Manifest, metadata: Manifest = {}): Manifest => {
  return { apiVersion, kind, metadata: { name, ...metadata }, spec };
};

/** What is said, without the sentence's end. */
const fields = (faults: readonly string[]): string[] => faults.map((fault) => fault.replace(/'([^']*)'.*/s, '$1'));

const template = (app: string, pod: Manifest = {}): Manifest => {
  return {
    metadata: { labels: { app } },
    spec: { containers: [{ name: app, image: `registry.example.com/${app}:1.0.0` }], ...pod },
  };
};

const workload = (kind: string, name: string, spec: Manifest = {}, pod: Manifest = {}): Manifest =>
  object('apps/v1', kind, name, { selector: { matchLabels: { app: name } }, template: template(name, pod), ...spec });

const job = (name: string, pod: Manifest, spec: Manifest = {}): Manifest =>
  object('batch/v1', 'Job', name, { template: template(name, { restartPolicy: 'Never', ...pod }), ...spec });

const nightly = (name: string, pod: Manifest, spec: Manifest = {}): Manifest => {
  const jobTemplate = { spec: { template: template(name, { restartPolicy: 'Never', ...pod }) } };
  return object('batch/v1', 'CronJob', name, { schedule: '0 3 * * *', jobTemplate, ...spec });
};

describe('one-budget', () => {
  const budget = (name: string, selector: Manifest): Manifest =>
    object('policy/v1', 'PodDisruptionBudget', name, { maxUnavailable: 1, selector });
  const search = workload('Deployment', 'search', { replicas: 3 });

  test('fails when two selectors mean the same pods, however they are written', () => {
    const byExpression = { matchExpressions: [{ key: 'app', operator: 'In', values: ['search', 'other'] }] };
    expect(saidOf(oneBudget, search, budget('one', { matchLabels: { app: 'search' } }), budget('two', byExpression))).toEqual([
      '[30-phoenix/PodDisruptionBudget-two] \'spec.selector\' must not find the pods of Deployment search, which [30-phoenix/PodDisruptionBudget-one] is for, got "two"; keep one of the two, or select other pods (one-budget)',
    ]);
  });

  test('fails when one is for all pods, ours among them', () => {
    expect(fields(saidOf(oneBudget, budget('all', {})))).toEqual(['[30-phoenix/PodDisruptionBudget-all] spec.selector']);
  });

  test('fails when CloudNativePG makes one already', () => {
    const cluster = (spec: Manifest): Manifest => object('postgresql.cnpg.io/v1', 'Cluster', 'events', { instances: 3, ...spec });
    const own = budget('events', { matchLabels: { 'cnpg.io/cluster': 'events' } });
    expect(saidOf(oneBudget, cluster({}), own)[0]).toMatch(
      /Cluster events, which its operator gives a budget.*enablePDB to false/,
    );
    expect(saidOf(oneBudget, cluster({ enablePDB: false }), own)).toEqual([]);
  });

  test('takes one for each, and one that selects nothing', () => {
    const other = workload('Deployment', 'mail', { replicas: 2 });
    const two = [budget('one', { matchLabels: { app: 'search' } }), budget('two', { matchLabels: { app: 'mail' } })];
    const none = object('policy/v1', 'PodDisruptionBudget', 'none', { maxUnavailable: 1 });
    expect(saidOf(oneBudget, search, other, ...two, none)).toEqual([]);
  });
});

describe('one-autoscaler', () => {
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'search' };
  const horizontal = (name: string, spec: Manifest = {}): Manifest =>
    object('autoscaling/v2', 'HorizontalPodAutoscaler', name, { scaleTargetRef: target, maxReplicas: 4, ...spec });
  const keda = (spec: Manifest = {}, annotations: Manifest = {}): Manifest =>
    object('keda.sh/v1alpha1', 'ScaledObject', 'search', { scaleTargetRef: { name: 'search' }, ...spec }, { annotations });
  const vertical = (spec: Manifest = {}): Manifest =>
    object('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', 'search', { targetRef: target, ...spec });
  const search = workload('Deployment', 'search');
  const transfer = { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' };
  const memory = { metrics: [{ type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization' } } }] };

  test.each([
    ['two HorizontalPodAutoscalers', horizontal('one'), horizontal('two')],
    [
      'another version of the API',
      horizontal('one'),
      horizontal('two', { scaleTargetRef: { ...target, apiVersion: 'apps/v1beta2' } }),
    ],
    ['KEDA, which leaves the kind out', horizontal('one'), keda()],
    ['one that resizes by what the other counts', horizontal('one'), vertical()],
    ['memory on both sides', horizontal('one', memory), vertical({ updatePolicy: { updateMode: 'InPlaceOrRecreate' } })],
    ['two that resize', vertical(), { ...vertical(), metadata: { name: 'other' } }],
  ])('fails when there are %s', (_, one, two) => {
    expect(saidOf(oneAutoscaler, search, one, two)).toHaveLength(1);
  });

  test('says which of two is to go', () => {
    expect(saidOf(oneAutoscaler, search, horizontal('one'), keda())).toEqual([
      '[30-phoenix/ScaledObject-search] \'spec.scaleTargetRef\' must be left to the HorizontalPodAutoscaler one of [30-phoenix/HorizontalPodAutoscaler-one], got "Deployment search"; keep one of the two (one-autoscaler)',
    ]);
  });

  test.each([
    ['another Deployment', horizontal('two', { scaleTargetRef: { ...target, name: 'mail' } })],
    ['one that only recommends', vertical({ updatePolicy: { updateMode: 'Off' } })],
    [
      'one that resizes by what nobody counts in',
      vertical({ resourcePolicy: { containerPolicies: [{ controlledResources: ['memory'] }] } }),
    ],
    ['KEDA that takes over', keda({ advanced: { horizontalPodAutoscalerConfig: { name: 'one' } } }, transfer)],
  ])('takes %s', (_, other) => {
    expect(saidOf(oneAutoscaler, search, horizontal('one'), other)).toEqual([]);
  });
});

describe('node-port-once', () => {
  const service = (name: string, ports: Manifest[], spec: Manifest = {}): Manifest =>
    object('v1', 'Service', name, { type: 'NodePort', selector: { app: name }, ports, ...spec });

  test('fails when two Services open one port, by another protocol too', () => {
    const udp = [{ port: 53, nodePort: 31053, protocol: 'UDP' }];
    expect(saidOf(nodePortOnce, service('web', [{ port: 80, nodePort: 31053 }]), service('dns', udp))).toEqual([
      "[30-phoenix/Service-dns] 'spec.ports[0].nodePort' must be another port than [30-phoenix/Service-web] opens, got 31053; choose another of 30000 to 32767, or leave it to the cluster (node-port-once)",
    ]);
  });

  test('fails when a health check takes one', () => {
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 32001 };
    const balanced = service('edge', [{ port: 443 }], local);
    expect(fields(saidOf(nodePortOnce, service('web', [{ port: 80, nodePort: 32001 }]), balanced))).toEqual([
      '[30-phoenix/Service-edge] spec.healthCheckNodePort',
    ]);
  });

  test('takes one port of a Service by two protocols, and what is left to the cluster', () => {
    const both = ['TCP', 'UDP'].map((protocol) => ({ name: protocol.toLowerCase(), port: 53, nodePort: 31053, protocol }));
    expect(saidOf(nodePortOnce, service('dns', both), service('a', [{ port: 1 }]), service('b', [{ port: 1 }]))).toEqual([]);
  });
});

describe('one-server', () => {
  const replicas = (count: number) => JsonPatch.replace('/spec/replicas', count);

  test('fails when the one server of an environment gets a second pod by a patch', () => {
    expect(
      said(oneServer, ({ postgres }) => postgres.single && patch(postgres.single.statefulSet, 'two are safer', replicas(2))),
    ).toEqual([
      "[10-postgres/Single/StatefulSet] 'spec.replicas' must be 1: PostgreSQL of this image does not copy its data to other pods, got 2; run one, or let an operator such as CloudNativePG, or a provider, run several (one-server)",
    ]);
  });

  test.each([
    ['docker.io/library/mysql:8.4.7', 'MySQL'],
    ['mariadb:11.8', 'MariaDB'],
    ['ghcr.io/acme/postgis:17-3.5', 'PostgreSQL'],
  ])('fails when an autoscaler gives %s a second pod', (image, engine) => {
    const containers = [{ name: 'server', image }];
    const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }];
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' };
    const scaler = object('autoscaling/v2', 'HorizontalPodAutoscaler', 'db', { scaleTargetRef, maxReplicas: 3 });
    const server = workload('StatefulSet', 'db', { volumeClaimTemplates }, { containers });
    const [fault] = saidOf(oneServer, server, scaler);
    expect(fault).toMatch(new RegExp(`HorizontalPodAutoscaler-db\\] 'spec.maxReplicas' must be 1: ${engine} .*got 3;`));
    expect(saidOf(oneServer, server)).toEqual([]);
  });

  test('takes what copies by itself, and what keeps no files', () => {
    const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }];
    const server = { name: 'server', image: 'postgres:17.6' };
    const env = [{ name: 'POSTGRES_PRIMARY_HOST', value: 'db-0.db' }];
    const sidecar = { name: 'xtrabackup', image: 'registry.example.com/xtrabackup:1.0' };
    const many = { replicas: 3, volumeClaimTemplates };
    expect(saidOf(oneServer, workload('StatefulSet', 'a', many, { containers: [{ ...server, env }] }))).toEqual([]);
    expect(saidOf(oneServer, workload('StatefulSet', 'b', many, { containers: [server, sidecar] }))).toEqual([]);
    expect(saidOf(oneServer, workload('Deployment', 'c', { replicas: 2 }, { containers: [server] }))).toEqual([]);
  });
});

describe('database-shutdown', () => {
  test('fails when a patch takes the time from the server of an environment', () => {
    const hurried = JsonPatch.replace('/spec/template/spec/terminationGracePeriodSeconds', 12);
    expect(
      said(databaseShutdown, ({ postgres }) => postgres.single && patch(postgres.single.statefulSet, 'drains fast', hurried)),
    ).toEqual([
      "[10-postgres/Single/StatefulSet] 'spec.template.spec.terminationGracePeriodSeconds' must be 30 or more: PostgreSQL writes all that it holds in memory before it ends, got 12; write 120, or leave it out: a server that ends sooner is not waited for (database-shutdown)",
    ]);
  });

  const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }];
  const within = (image: string, terminationGracePeriodSeconds?: number): string[] => {
    const pod = { containers: [{ name: 'server', image }], terminationGracePeriodSeconds };
    return fields(saidOf(databaseShutdown, workload('StatefulSet', 'db', { volumeClaimTemplates }, pod)));
  };

  test.each(['mysql:8.4.7', 'mariadb:11.8', 'postgis/postgis:17-3.5'])('fails when %s is given five seconds by hand', (image) => {
    expect(within(image, 5)).toEqual(['[30-phoenix/StatefulSet-db] spec.template.spec.terminationGracePeriodSeconds']);
  });

  test('takes what Kubernetes grants, more, and other programs', () => {
    expect([within('postgres:17.6'), within('postgres:17.6', 30), within('redis:8.2', 5)]).toEqual([[], [], []]);
  });
});

describe('stays-served', () => {
  const recreate = JsonPatch.replace('/spec/strategy', { type: 'Recreate' });
  const swap = JsonPatch.replace('/spec/strategy/rollingUpdate', { maxSurge: 0, maxUnavailable: 1 });
  const one = vary(staging, { web: { replicas: 1 } });
  const at = '[30-phoenix/Release/Web/Deployment]';

  test('fails when all pods go at once', () => {
    expect(said(staysServed, ({ release }) => patch(release.web.deployment, 'it is simpler', recreate), production)).toEqual([
      `${at} 'spec.strategy.type' must leave a pod to the Service, which leads to several, got "Recreate"; start a new pod first, with RollingUpdate, maxSurge 1 and maxUnavailable 0; or say 'singleton: true' of the role (stays-served)`,
    ]);
  });

  test('fails when the only pod goes before the next one comes, and proxies lead to it', () => {
    const patched = said(staysServed, ({ release }) => patch(release.web.deployment, 'the quota is full', swap), one);
    expect(fields(patched)).toEqual([`${at} spec.strategy.rollingUpdate.maxSurge`]);
  });

  test('fails when a roll-out may take as many as there are', () => {
    const half = JsonPatch.replace('/spec/strategy/rollingUpdate', { maxSurge: 1, maxUnavailable: '100%' });
    const patched = said(staysServed, ({ release }) => patch(release.web.deployment, 'it is faster', half));
    expect(fields(patched)).toEqual([`${at} spec.strategy.rollingUpdate.maxUnavailable`]);
  });

  test('fails when a route leads to the only pod of another program', () => {
    const search = workload('Deployment', 'search', { strategy: { type: 'Recreate' } });
    const service = object('v1', 'Service', 'search', { selector: { app: 'search' }, ports: [{ port: 80, targetPort: 7700 }] });
    const rules = [
      {
        host: 'search.example.com',
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'search', port: { number: 80 } } } }] },
      },
    ];
    expect(saidOf(staysServed, search, service, object('networking.k8s.io/v1', 'Ingress', 'search', { rules }))).toHaveLength(1);
    // Nobody outside is led to it.
    expect(saidOf(staysServed, search, service)).toEqual([]);
  });

  test('takes one pod with a volume, pods that nobody asks, and half of two pods', () => {
    const volumes = [{ name: 'files', persistentVolumeClaim: { claimName: 'files' } }];
    const files = JsonPatch.add('/spec/template/spec/volumes/-', volumes[0]);
    expect(said(staysServed, ({ release }) => patch(release.web.deployment, 'files', recreate, files), one)).toEqual([]);
    expect(saidOf(staysServed, workload('Deployment', 'mail', { replicas: 3, strategy: { type: 'Recreate' } }))).toEqual([]);
    expect(said(staysServed, ({ release }) => patch(release.web.deployment, 'the quota is full', swap))).toEqual([]);
  });
});

describe('single-writer', () => {
  const claim = (mode: string, spec: Manifest = {}): Manifest =>
    object('v1', 'PersistentVolumeClaim', 'media', { accessModes: [mode], ...spec });
  const mounting = (claimName: string, readOnly = false, pod: Manifest = {}): Manifest => {
    const volumes = [{ name: 'media', persistentVolumeClaim: { claimName } }];
    const containers = [
      {
        name: 'main',
        image: 'registry.example.com/main:1.0.0',
        volumeMounts: [{ name: 'media', mountPath: '/media', readOnly }],
      },
    ];
    return { volumes, containers, ...pod };
  };
  const recreate = { strategy: { type: 'Recreate' } };
  const cms = workload('Deployment', 'cms', recreate, mounting('media'));

  test.each([
    ['a job', job('resize', mounting('media')), 'Job'],
    ['a nightly one', nightly('resize', mounting('media'), { concurrencyPolicy: 'Forbid' }), 'CronJob'],
    ['a reader, which may be on another node', nightly('resize', mounting('media', true)), 'CronJob'],
    ['another Deployment', workload('Deployment', 'resize', recreate, mounting('media')), 'Deployment'],
    ['a StatefulSet', workload('StatefulSet', 'resize', {}, mounting('media')), 'StatefulSet'],
  ])('fails when %s mounts what a pod holds', (_, other, kind) => {
    const at = kind === 'CronJob' ? 'spec.jobTemplate.spec.template.spec' : 'spec.template.spec';
    const task = kind === 'CronJob' || kind === 'Job';
    expect(fields(saidOf(singleWriter, claim('ReadWriteOnce'), other, cms))).toEqual([
      `[30-phoenix/${task ? `${kind}-resize` : 'Deployment-cms'}] ${at}.volumes[0].persistentVolumeClaim.claimName`,
    ]);
  });

  test('says who holds it, and what to do', () => {
    expect(saidOf(singleWriter, claim('ReadWriteOnce'), cms, job('resize', mounting('media')))).toEqual([
      '[30-phoenix/Job-resize] \'spec.template.spec.volumes[0].persistentVolumeClaim.claimName\' must be no claim that Deployment cms mounts: media is for one node, got "Job with a writer of its own"; put both on one node, by a required podAffinity over kubernetes.io/hostname, use one with ReadWriteMany, keep the files in object storage, or let the Deployment do it (single-writer)',
    ]);
  });

  test('fails when a job mounts the volume of a database', () => {
    const copy = nightly('copy', mounting('data-kube-native-postgresql-0', true));
    expect(saidOf(singleWriter, copy)[0]).toContain('no claim that StatefulSet kube-native-postgresql mounts');
  });

  test('fails when runs of one job, or pods on every node, meet', () => {
    expect(fields(saidOf(singleWriter, claim('ReadWriteOncePod'), nightly('resize', mounting('media'))))).toEqual([
      '[30-phoenix/CronJob-resize] spec.concurrencyPolicy',
    ]);
    expect(fields(saidOf(singleWriter, claim('ReadWriteOnce'), job('resize', mounting('media'), { parallelism: 4 })))).toEqual([
      '[30-phoenix/Job-resize] spec.parallelism',
    ]);
    expect(fields(saidOf(singleWriter, claim('ReadWriteOnce'), workload('DaemonSet', 'agent', {}, mounting('media'))))).toEqual([
      '[30-phoenix/DaemonSet-agent] spec.template.spec.volumes[0].persistentVolumeClaim.claimName',
    ]);
    const both = [job('one', mounting('media')), nightly('two', mounting('media'), { concurrencyPolicy: 'Forbid' })];
    expect(saidOf(singleWriter, claim('ReadWriteOnce'), ...both)).toHaveLength(1);
  });

  const near = {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'cms' } } },
        ],
      },
    },
  };

  test('takes pods that are on one node for sure, but not where the claim is for one pod', () => {
    const beside = job('resize', mounting('media', false, near));
    expect(saidOf(singleWriter, claim('ReadWriteOnce'), cms, beside)).toEqual([]);
    expect(saidOf(singleWriter, claim('ReadWriteOncePod'), cms, beside)).toHaveLength(1);
    const nodeSelector = { 'kubernetes.io/hostname': 'node-7' };
    const there = (name: string): Manifest => workload('Deployment', name, {}, mounting('media', false, { nodeSelector }));
    expect(saidOf(singleWriter, claim('ReadWriteOnce'), there('cms'), there('resize'))).toEqual([]);
  });

  test('takes a volume that is on one node itself', () => {
    const required = {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-7'] }] }],
    };
    const volume = object('v1', 'PersistentVolume', 'disk', { local: { path: '/mnt/disk' }, nodeAffinity: { required } });
    expect(
      saidOf(singleWriter, claim('ReadWriteOnce', { volumeName: 'disk' }), volume, cms, job('resize', mounting('media'))),
    ).toEqual([]);
  });

  test('takes a job that writes and one that reads, one after the other, a shared volume, and pods that are scaled to none', () => {
    const writes = nightly('dump', mounting('media'), { concurrencyPolicy: 'Forbid' });
    expect(saidOf(singleWriter, claim('ReadWriteOnce'), writes, job('restore', mounting('media', true)))).toEqual([]);
    expect(saidOf(singleWriter, claim('ReadWriteMany'), cms, job('resize', mounting('media')))).toEqual([]);
    const off = workload('Deployment', 'old', { replicas: 0 }, mounting('media'));
    expect(saidOf(singleWriter, claim('ReadWriteOnce'), cms, off)).toEqual([]);
  });
});

describe('host-claimed-once', () => {
  const HOST = 'shop.example.com';
  const http = (name: string, spec: Manifest = {}, kind = 'HTTPRoute'): Manifest =>
    object('gateway.networking.k8s.io/v1', kind, name, {
      parentRefs: [{ name: 'public', namespace: 'gateway' }],
      hostnames: [HOST],
      ...spec,
    });
  const at = (sectionName?: string, more: Manifest = {}) => ({
    parentRefs: [{ name: 'public', namespace: 'gateway', sectionName, ...more }],
  });
  const when = (...matches: Manifest[]) => ({ rules: [{ matches }] });
  const twice = (one: Manifest, two: Manifest, ...others: Manifest[]): string[] =>
    saidOf(hostClaimedOnce, ...others, one, { ...two, metadata: { ...(two['metadata'] as Manifest), name: 'two' } });

  test.each([
    ['a listener and all of them', at('https'), at()],
    ['defaults that are written out', at(undefined, { kind: 'Gateway', group: 'gateway.networking.k8s.io' }), at()],
    ['a prefix with a slash', when({ path: { value: '/api' } }), when({ path: { type: 'PathPrefix', value: '/api/' } })],
    ['the path that every rule has', {}, when({ path: { type: 'PathPrefix', value: '/' } })],
    ['another case', { hostnames: ['Shop.example.com'] }, {}],
    [
      'headers in another order',
      when({
        headers: [
          { name: 'a', value: '1' },
          { name: 'B', value: '2' },
        ],
      }),
      when({
        headers: [
          { name: 'b', type: 'Exact', value: '2' },
          { name: 'A', value: '1' },
        ],
      }),
    ],
    ['no host', { hostnames: undefined }, { hostnames: undefined }],
  ])('fails when two routes differ by words alone: %s', (_, one, two) => {
    expect(twice(http('one', one), http('two', two))).toHaveLength(1);
  });

  test.each([
    ['another listener', at('http'), at('https')],
    ['another port', at(undefined, { port: 80 }), at(undefined, { port: 443 })],
    ['an exact path', when({ path: { type: 'Exact', value: '/api' } }), when({ path: { value: '/api' } })],
    ['a header', {}, when({ headers: [{ name: 'x-beta', value: '1' }] })],
    ['a method', when({ method: 'GET' }), when({ method: 'POST' })],
    ['a parameter', when({ queryParams: [{ name: 'v', value: '2' }] }), when({})],
    ['a wildcard, which is asked last', { hostnames: ['*.example.com'] }, {}],
    ['another Gateway', at(), { parentRefs: [{ name: 'inside', namespace: 'gateway' }] }],
  ])('lets routes share a host by %s', (_, one, two) => {
    expect(twice(http('one', one), http('two', two))).toEqual([]);
  });

  test('reads the listeners of a Gateway of the environment', () => {
    const listeners = [
      { name: 'a', port: 443, protocol: 'HTTPS', hostname: HOST },
      { name: 'b', port: 80, protocol: 'HTTP' },
    ];
    const gateway = object('gateway.networking.k8s.io/v1', 'Gateway', 'own', { gatewayClassName: 'x', listeners });
    const own = (sectionName?: string, more: Manifest = {}) => ({ parentRefs: [{ name: 'own', sectionName }], ...more });
    expect(twice(http('one', own('a', { hostnames: undefined })), http('two', own('a')), gateway)).toHaveLength(1);
    expect(twice(http('one', own()), http('two', own('b')), gateway)).toHaveLength(1);
    expect(twice(http('one', own('a')), http('two', own('b')), gateway)).toEqual([]);
  });

  test('fails when gRPC has a host of the web at one listener, and takes it with another', () => {
    const grpc = (hostname: string): Manifest => http('grpc', { hostnames: [hostname] }, 'GRPCRoute');
    expect(saidOf(hostClaimedOnce, http('one'), grpc(HOST))[0]).toContain('give gRPC a host of its own, or another listener');
    expect(saidOf(hostClaimedOnce, http('one', { hostnames: ['*.example.com'] }), grpc(HOST))).toHaveLength(1);
    expect(saidOf(hostClaimedOnce, http('one'), grpc('grpc.example.com'))).toEqual([]);
  });

  test('fails when two routes of TCP have one listener', () => {
    const tcp = (name: string, sectionName: string): Manifest =>
      http(name, { ...at(sectionName), hostnames: undefined }, 'TCPRoute');
    expect(saidOf(hostClaimedOnce, tcp('one', 'smtp'), tcp('two', 'smtp'))).toHaveLength(1);
    expect(saidOf(hostClaimedOnce, tcp('one', 'smtp'), tcp('two', 'imap'))).toEqual([]);
  });

  const ingress = (name: string, spec: Manifest, path: Manifest, annotations: Manifest = {}): Manifest => {
    const backend = { service: { name: 'kube-native', port: { number: 80 } } };
    const rules = [{ host: HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend, ...path }] } }];
    return object('networking.k8s.io/v1', 'Ingress', name, { rules, ...spec }, { annotations });
  };

  test.each([
    ['a slash at the end', {}, { path: '/api/' }, { path: '/api' }],
    ['what is left to the controller', {}, { pathType: 'ImplementationSpecific', path: '/*' }, {}],
    ['a class that is left to the cluster', { ingressClassName: 'nginx' }, {}, {}],
  ])('fails when two Ingresses differ by words alone: %s', (_, spec, one, two) => {
    expect(saidOf(hostClaimedOnce, ingress('one', spec, one), ingress('two', {}, two))).toHaveLength(1);
  });

  test('takes a canary, and an exact path', () => {
    const canary = { 'nginx.ingress.kubernetes.io/canary': 'true' };
    expect(saidOf(hostClaimedOnce, ingress('one', {}, {}), ingress('two', {}, {}, canary))).toEqual([]);
    expect(saidOf(hostClaimedOnce, ingress('one', {}, {}), ingress('two', {}, { pathType: 'Exact' }))).toEqual([]);
  });

  const virtual = (name: string, spec: Manifest): Manifest =>
    object('networking.istio.io/v1', 'VirtualService', name, { http: [{ route: [] }], ...spec });

  test.each([
    [
      'one host in the mesh',
      { hosts: ['mail'] },
      {
        hosts: [`mail.${staging.namespace}.svc.cluster.local`],
        gateways: ['mesh'],
        http: [{ match: [{ uri: { exact: '/x' } }] }],
      },
    ],
    [
      'one host at a Gateway',
      { hosts: [HOST], gateways: ['edge'] },
      { hosts: [HOST], gateways: [`${staging.namespace}/edge`], http: [{ match: [{ uri: { prefix: '/' } }] }] },
    ],
  ])('fails when two objects of Istio have %s', (_, one, two) => {
    expect(saidOf(hostClaimedOnce, virtual('one', one), virtual('two', two))).toHaveLength(1);
  });

  test('lets objects of Istio share a host at a Gateway by path', () => {
    const at = (prefix: string) => ({ hosts: [HOST], gateways: ['edge'], http: [{ match: [{ uri: { prefix } }] }] });
    expect(saidOf(hostClaimedOnce, virtual('one', at('/a')), virtual('two', at('/b')))).toEqual([]);
  });

  test('fails when two Gateways of Istio have a certificate for one host', () => {
    const gateway = (name: string, protocol: string): Manifest => {
      const servers = [{ port: { number: 443, name: 'x', protocol }, hosts: [`*/${HOST}`] }];
      return object('networking.istio.io/v1', 'Gateway', name, { selector: { istio: 'ingressgateway' }, servers });
    };
    expect(saidOf(hostClaimedOnce, gateway('one', 'HTTPS'), gateway('two', 'HTTPS'))).toHaveLength(1);
    expect(saidOf(hostClaimedOnce, gateway('one', 'HTTP'), gateway('two', 'HTTP'))).toEqual([]);
  });

  test('reads each object where it is added', () => {
    expect(said(hostClaimedOnce, (charts) => add(charts, http('one')))).toEqual([]);
  });
});
