import { Duration, Size, Yaml } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { build, production, staging } from './support/stack';
import { type AcmeChallenge, type NamedEnvironment, Checks, OptOut, render, ScheduledTask, type Manifest } from '../lib/index';
import { balanced, certify, dumps, https, ingress, istio, onCloudNativePg, ownGateway, pooled } from './support/variants';
import { vary, type Variation } from './support/vary';

/** Objects by kind and name, with hashes set aside. */
function objects(environment: NamedEnvironment): Map<string, string[]> {
  const app = build(environment);
  expect(render(app).faults).toEqual([]);
  const text = (manifest: Manifest): string => Yaml.stringify(manifest).replace(/-[0-9a-f]{10}$/gm, '-<hash>');
  const name = ({ kind, metadata }: Manifest): string => `${kind} ${String(metadata.name).replace(/-[0-9a-f]{10}$/, '')}`;
  return new Map(
    Checks.of(app).world.objects.map(({ manifest }) => [
      name(manifest),
      text(manifest)
        .split('\n')
        .map((line) => line.trim()),
    ]),
  );
}

/** What a change of one knob adds and takes away: whole objects, and lines of those that stay. */
function changes(
  change: Variation,
  base: NamedEnvironment = staging,
): { added: string[]; gone: string[]; lines: Record<string, string[]> } {
  const before = objects(base);
  const after = objects(vary(base, change));
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

test('nodes that call each other by IPv6 reach the database beside them by it', () => {
  expect(changes({ beam: { ipv6: true } }).lines).toMatchObject({
    'ConfigMap kube-native': [
      '+ ECTO_IPV6: "true"',
      expect.stringMatching(/^\+ ERL_AFLAGS: -proto_dist inet6_tcp /),
      expect.any(String),
    ],
  });
  expect(
    changes({ beam: no, web: { replicas: 1 }, ipv6: true }, vary(staging, { beam: no, web: { replicas: 1 } })).lines,
  ).toMatchObject({
    'ConfigMap kube-native': ['+ ECTO_IPV6: "true"'],
  });
  const [fault, ...others] = render(build(vary(staging, { ipv6: true }))).faults;
  expect(fault).toContain(
    "'ipv6' must be false, because kube-native-postgresql-rw.kube-native-staging.svc.cluster.local has addresses like those of the pods",
  );
  expect(others).toEqual([]);
});

test('without workers their objects are gone, and what let them reach the database', () => {
  const { added, gone, lines } = changes({ workers: {} });
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
  const { added, gone, lines } = changes({ beam: no, workers: {} });
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
        '- ERL_AFLAGS: -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372',
        '+ ERL_AFLAGS: -kernel inet_dist_use_interface {127,0,0,1} -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4379',
        '+ ERL_EPMD_ADDRESS: 127.0.0.1',
        '+ RELEASE_DISTRIBUTION: name',
        '+ RELEASE_NODE: kube_native_umbrella@127.0.0.1',
      ],
    }),
  );
  const deployment = lines['Deployment kube-native'] ?? [];
  expect(deployment.filter((line) => line.startsWith('+'))).toEqual(['+ minReadySeconds: 5', '+ progressDeadlineSeconds: 2165']);
  expect(deployment.filter((line) => /POD_IP|RELEASE_NODE|4369|437[012]|mesh/.test(line))).toHaveLength(8);
});

test('with the Kubernetes API the Service makes way for the right to list pods', () => {
  const { added, gone, lines } = changes({ beam: { discovery: 'kubernetesApi' } });
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
  const { added, gone, lines } = changes({ web: { replicas: { minimum: 2, maximum: 3 } } });
  expect({ added, gone, lines }).toEqual({
    added: ['HorizontalPodAutoscaler kube-native'],
    gone: [],
    lines: { 'Deployment kube-native': ['- replicas: 2'] },
  });
});

test('with workers that follow their queues KEDA gets what it needs, and the database lets it in', () => {
  const replicas = { minimum: 0, maximum: 2, oban: { queues: ['default'], jobsPerPod: 10 } };
  const { added, gone, lines } = changes({ workers: { worker: { ...staging.workers.worker, replicas } } });
  expect(added.sort()).toEqual([
    'PodDisruptionBudget kube-native-worker',
    'ScaledObject kube-native-worker',
    'TriggerAuthentication kube-native-worker',
  ]);
  expect(gone).toEqual([]);
  // There may be two of them now, so they are kept apart.
  const deployment = lines['Deployment kube-native-worker'] ?? [];
  expect(deployment.filter((line) => line.startsWith('-'))).toEqual(['- replicas: 1']);
  expect(deployment).toEqual(expect.arrayContaining(['+ affinity:', '+ topologySpreadConstraints:']));
  expect(deployment).toHaveLength(27);
  expect(Object.keys(lines).sort()).toEqual(['Deployment kube-native-worker', 'NetworkPolicy kube-native-postgresql']);
});

test('with one pod there is nothing to spread and no disruption to budget', () => {
  const { added, gone, lines } = changes({ web: { replicas: 1 } });
  expect({ added, gone }).toEqual({ added: [], gone: ['PodDisruptionBudget kube-native'] });
  const deployment = lines['Deployment kube-native'] ?? [];
  expect(Object.keys(lines)).toEqual(['Deployment kube-native']);
  expect(deployment.filter((line) => line.startsWith('+'))).toEqual(['+ replicas: 1']);
  expect(deployment).toHaveLength(28);
});

test('with a class of pods only that line comes', () => {
  const line = ['+ priorityClassName: important'];
  expect(changes({ pods: { priorityClassName: 'important' } })).toEqual({
    added: [],
    gone: [],
    lines: { 'Deployment kube-native': line, 'Deployment kube-native-worker': line, 'Job kube-native-migrate': line },
  });
});

test('with a node port the Service and the quota change, and who may come in', () => {
  const { lines, ...whole } = changes({ web: { exposure: { nodePort: 30400 }, clients: 'everyone' } });
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

const shared = ['HTTPRoute kube-native', 'HTTPRoute kube-native-http', 'BackendTrafficPolicy kube-native'];
const toOwn = ['- name: public', '- namespace: gateway', '+ name: kube-native'];

test('with a Gateway of its own only the routes change, which belong to it then', () => {
  expect(changes({ route: ownGateway('envoy-gateway'), amend: certify })).toEqual({
    added: ['Gateway kube-native', 'Certificate kube-native'],
    gone: [],
    lines: listed({ 'HTTPRoute kube-native': toOwn, 'HTTPRoute kube-native-http': toOwn }),
  });
});

test('with proxies beside the Gateway they are let in and out, and the quota counts their load balancer', () => {
  expect(changes({ route: ownGateway('istio'), amend: certify })).toEqual({
    added: ['Gateway kube-native', 'NetworkPolicy kube-native-gateway', 'Certificate kube-native'],
    gone: ['BackendTrafficPolicy kube-native'],
    lines: listed({
      'HTTPRoute kube-native': toOwn,
      'HTTPRoute kube-native-http': toOwn,
      'ResourceQuota budget': [
        ...['- services.loadbalancers: "0"', '+ services.loadbalancers: "1"'],
        ...['- services.nodeports: "0"', '+ services.nodeports: "3"'],
      ],
      'NetworkPolicy kube-native': [
        ...['+ - from:', '+ - namespaceSelector:', '+ matchLabels:', '+ kubernetes.io/metadata.name: kube-native-staging'],
        ...['+ ports:', '+ - port: 4000', '+ protocol: TCP'],
      ],
    }),
  });
});

test('without a route its objects are gone', () => {
  expect(changes({ route: undefined })).toEqual({ added: [], gone: shared, lines: {} });
});

test('with an Ingress its objects come in the place of the routes', () => {
  expect(changes({ route: ingress('traefik'), amend: certify })).toEqual({
    added: [
      ...['Ingress kube-native', 'Ingress kube-native-http'],
      ...['Middleware kube-native-retry', 'Middleware kube-native-https', 'Certificate kube-native'],
    ],
    gone: shared,
    lines: {},
  });
});

test('with Istio its objects come in the place of the routes, and others connect', () => {
  expect(changes({ route: istio, web: { clients: [{ namespace: 'istio-ingress' }] } })).toEqual({
    added: ['VirtualService kube-native', 'DestinationRule kube-native'],
    gone: shared,
    lines: listed({
      'NetworkPolicy kube-native': [
        '- kubernetes.io/metadata.name: envoy-gateway-system',
        '+ kubernetes.io/metadata.name: istio-ingress',
      ],
    }),
  });
});

test('in a mesh every pod has a sidecar that reaches its control plane, and nodes meet beside it', () => {
  const quota = { ...staging.quota, cpu: Cpu.units(9), memory: Size.gibibytes(12) };
  const mesh = { gateways: ['envoy-gateway-system'] };
  const { added, gone, lines } = changes({ mesh }, vary(staging, { quota }));
  expect(added).toEqual([
    ...['PeerAuthentication default', 'AuthorizationPolicy default-deny', 'DestinationRule kube-native-postgresql'],
    ...['AuthorizationPolicy kube-native-postgresql', 'AuthorizationPolicy kube-native'],
  ]);
  expect(gone).toEqual([]);
  const sidecar = [
    ...['+ annotations:', '+ sidecar.istio.io/inject: "true"', '+ sidecar.istio.io/nativeSidecar: "true"'],
    ...['+ sidecar.istio.io/proxyCPU: 250m', '+ sidecar.istio.io/proxyCPULimit: 250m'],
    ...['+ sidecar.istio.io/proxyMemory: 256Mi', '+ sidecar.istio.io/proxyMemoryLimit: 256Mi'],
    ...['+ sidecar.istio.io/rewriteAppHTTPProbers: "true"', '+ proxy.istio.io/config: "terminationDrainDuration: 5s"'],
  ];
  const past = ['Inbound', 'Outbound'].map((way) => `+ traffic.sidecar.istio.io/exclude${way}Ports: 4369,4370,4371,4372`);
  const control = [
    ...['+ - ports:', '+ - port: 15012', '+ protocol: TCP', '+ to:', '+ - namespaceSelector:', '+ matchLabels:'],
    '+ kubernetes.io/metadata.name: istio-system',
  ];
  const { 'NetworkPolicy kube-native-postgresql': ofDatabase, ...others } = lines;
  expect(others).toEqual(
    listed({
      'Service kube-native-postgresql': ['+ appProtocol: tcp'],
      'Service kube-native-postgresql-rw': ['+ appProtocol: tcp'],
      'StatefulSet kube-native-postgresql': sidecar,
      'Deployment kube-native': [...sidecar, ...past],
      'Deployment kube-native-worker': [...sidecar, ...past],
      'Job kube-native-migrate': sidecar,
      'NetworkPolicy kube-native': control,
      'NetworkPolicy kube-native-worker': control,
      'NetworkPolicy kube-native-migrate': control,
    }),
  );
  // The database, which sent nothing, asks for the control plane's name now.
  expect(ofDatabase?.filter((line) => /^- |port: /.test(line))).toEqual(['+ - port: 15012', '+ - port: 53', '+ - port: 53']);
});

test('with HTTP/2 the Service has one more port, and all but the sockets go there', () => {
  expect(changes({ web: { http2: true } })).toEqual({
    added: [],
    gone: [],
    lines: listed({
      'Service kube-native': ['+ - appProtocol: kubernetes.io/h2c', '+ name: h2c', '+ port: 8080', '+ targetPort: http'],
      'HTTPRoute kube-native': [
        ...['+ value: /live', '+ - path:', '+ type: PathPrefix', '+ value: /socket', '+ - path:', '+ type: PathPrefix'],
        ...['+ - backendRefs:', '+ - group: ""', '+ kind: Service', '+ name: kube-native', '+ port: 8080', '+ weight: 1'],
        ...['+ matches:', '+ timeouts:', '+ request: 0s'],
      ],
    }),
  });
});

const encrypted = {
  'ConfigMap kube-native': [
    ...['+ PHX_HTTPS_PORT: "4001"', '+ PHX_SSL_CERT_PATH: /etc/phoenix/tls/tls.crt'],
    '+ PHX_SSL_KEY_PATH: /etc/phoenix/tls/tls.key',
  ],
  'Service kube-native': ['+ - name: https', '+ port: 443', '+ targetPort: https'],
  'Deployment kube-native': [
    ...['- terminationGracePeriodSeconds: 60', '+ terminationGracePeriodSeconds: 75', '+ fsGroup: 65534'],
    ...['+ - containerPort: 4001', '+ name: https'],
    ...['+ - mountPath: /etc/phoenix/tls', '+ name: phoenix-tls', '+ readOnly: true'],
    ...['+ - name: phoenix-tls', '+ secret:', '+ defaultMode: 288', '+ secretName: kube-native-tls'],
  ],
  'NetworkPolicy kube-native': ['+ - port: 4001', '+ protocol: TCP'],
};

test('with TLS in the pods they have a certificate, a port for it, and a drain that is longer by one server', () => {
  expect(changes({ web: { https } })).toEqual({ added: [], gone: [], lines: listed(encrypted) });
});

const from = (cidr: string, port = 4000): string[] => [
  ...['+ - from:', '+ - ipBlock:', `+ cidr: ${cidr}`, '+ ports:', `+ - port: ${port}`, '+ protocol: TCP'],
];

test('with ports of the nodes for both, the quota counts two, and who comes by a node is let in', () => {
  const { lines, ...whole } = changes({ web: { https, exposure: { nodePort: 30400, httpsNodePort: 30401 } } });
  expect(whole).toEqual({ added: [], gone: [] });
  const service = [...encrypted['Service kube-native'], '- type: ClusterIP', '+ type: NodePort'];
  expect(lines).toEqual(
    listed({
      ...encrypted,
      'Service kube-native': [...service, '+ nodePort: 30400', '+ nodePort: 30401'],
      'NetworkPolicy kube-native': [
        ...(encrypted['NetworkPolicy kube-native'] ?? []),
        ...[4000, 4001].flatMap((port) => [...from('0.0.0.0/0', port), ...from('::/0', port)]),
      ],
      'ResourceQuota budget': ['- services.nodeports: "0"', '+ services.nodeports: "2"'],
    }),
  );
});

/** What stands in the container of a job, and in the one before it that waits for the database. */
const inBoth = (lines: string[]): string[] => [...lines, ...lines];

test('with further hosts the origins and the routes know them', () => {
  const origins = '//staging.kube-native.example.com,//shop.example.com';
  expect(changes({ web: { hosts: ['shop.example.com'] } })).toEqual({
    added: [],
    gone: [],
    lines: listed({
      'ConfigMap kube-native': [`+ PHX_CHECK_ORIGIN: ${origins}`],
      'ConfigMap kube-native-worker': [`+ PHX_CHECK_ORIGIN: ${origins}`],
      'Job kube-native-migrate': inBoth(['+ - name: PHX_CHECK_ORIGIN', `+ value: ${origins}`]),
      'HTTPRoute kube-native': ['+ - shop.example.com'],
      'HTTPRoute kube-native-http': ['+ - shop.example.com'],
    }),
  });
});

test('with another address bar only what makes URLs changes', () => {
  const url = ['+ PHX_URL_SCHEME: http', '+ PHX_URL_PORT: "8080"'];
  expect(changes({ web: { url: { scheme: 'http', port: 8080 } } })).toEqual({
    added: [],
    gone: [],
    lines: listed({
      'ConfigMap kube-native': url,
      'ConfigMap kube-native-worker': url,
      'Job kube-native-migrate': inBoth([
        '+ - name: PHX_URL_SCHEME',
        '+ value: http',
        '+ - name: PHX_URL_PORT',
        '+ value: "8080"',
      ]),
    }),
  });
});

test('with a load balancer the Service has it, the quota counts it, and its clients come in', () => {
  expect(changes({ web: { exposure: balanced({ other: {} }) } })).toEqual({
    added: [],
    gone: [],
    lines: listed({
      'Service kube-native': [
        ...['- type: ClusterIP', '+ type: LoadBalancer', '+ externalTrafficPolicy: Local'],
        ...['+ loadBalancerSourceRanges:', '+ - 203.0.113.0/24'],
      ],
      'ResourceQuota budget': [
        ...['- services.loadbalancers: "0"', '+ services.loadbalancers: "1"'],
        ...['- services.nodeports: "0"', '+ services.nodeports: "1"'],
      ],
      'NetworkPolicy kube-native': from('203.0.113.0/24'),
    }),
  });
});

test('with a load balancer of AWS no node opens a port, and pods wait until it has found them', () => {
  const cloud = { aws: { scheme: 'internal', subnets: ['10.0.0.0/16'] } } as const;
  const { lines, ...whole } = changes({ web: { exposure: balanced(cloud) } });
  expect(whole).toEqual({ added: [], gone: [] });
  const { 'Service kube-native': service, ...others } = lines;
  expect(service?.filter((line) => !line.includes('service.beta'))).toEqual(
    [
      ...['- type: ClusterIP', '+ type: LoadBalancer', '+ annotations:', '+ allocateLoadBalancerNodePorts: false'],
      ...['+ loadBalancerClass: service.k8s.aws/nlb', '+ loadBalancerSourceRanges:', '+ - 203.0.113.0/24'],
    ].sort(),
  );
  expect(others).toEqual(
    listed({
      'Namespace kube-native-staging': ['+ elbv2.k8s.aws/pod-readiness-gate-inject: enabled'],
      'ResourceQuota budget': ['- services.loadbalancers: "0"', '+ services.loadbalancers: "1"'],
      'NetworkPolicy kube-native': [...from('203.0.113.0/24'), ...from('10.0.0.0/16')],
    }),
  );
});

test('without a gate the pods that keep running have no init container, and less time', () => {
  const { migrations } = staging;
  const { lines, ...whole } = changes({ migrations: { ...migrations, gate: no } });
  expect(whole).toEqual({ added: [], gone: ['ConfigMap kube-native-scripts'] });
  expect(Object.keys(lines).sort()).toEqual(['Deployment kube-native', 'Deployment kube-native-worker']);
  for (const changed of Object.values(lines)) {
    expect(changed.filter((line) => line.startsWith('+'))).toEqual(['+ progressDeadlineSeconds: 600']);
    expect(changed).toEqual(
      expect.arrayContaining(['- initContainers:', '- name: wait-for-migrations', '- progressDeadlineSeconds: 2170']),
    );
  }
});

test.each([
  ['that clean up after the roll-out', { contract: true }, 'contract'],
  ['that plant seeds', { seeds: true }, 'seed'],
])('with jobs %s they come, and the way to the database', (_, change, task) => {
  const name = `kube-native-${task}`;
  const wanted = expect.stringMatching(new RegExp(`^\\+ wanted: .*\\b${name}-`)) as string;
  const { added, gone, lines } = changes({ migrations: { ...staging.migrations, ...change } });
  expect(added).toEqual(expect.arrayContaining([`Job ${name}`, `NetworkPolicy ${name}`, `ServiceAccount ${name}`]));
  expect(gone).toEqual([]);
  expect(lines).toEqual({
    'ConfigMap kube-native-jobs': [wanted, '- wanted: kube-native-migrate-<hash>'],
    'NetworkPolicy kube-native-postgresql': [...['+ - podSelector:', `+ app.kubernetes.io/instance: ${name}`, '+ matchLabels:']],
  });
});

/** What changes in a job which something else takes away once it is not wanted; `added` is what comes instead. */
function expectNoGuard(job: string[] | undefined, added: string[]): void {
  expect(job?.filter((line) => line.startsWith('+'))).toEqual(['+ backoffLimit: 6', ...added].sort());
  const gone = [
    '- - action: FailJob',
    '- name: still-wanted',
    '- - name: WANTED',
    '- backoffLimit: 9',
    '- ttlSecondsAfterFinished: 60',
  ];
  expect(job).toEqual(expect.arrayContaining(gone));
  expect(job?.join()).not.toMatch(/wait-for-database|KubeNative.Release.migrate/);
}

const list = ['ConfigMap kube-native-jobs'];
/** The script of what is not asked is gone. */
const noScript = [
  ...['- still-wanted.sh: |', '- case " $WANTED " in', '- "  " | *" $JOB "*) ;;', '- *)', '- ;;', '- esac', '- exit 3'],
  '- echo "$JOB is of a version that was given up, and ends"',
];
const lasting = ['+ name: kube-native-migrate', '+ annotations:'];

test('for Argo CD annotations come, the job keeps its name, and no list says which jobs are wanted', () => {
  const wave = (number: number) => ['+ annotations:', `+ argocd.argoproj.io/sync-wave: "${number}"`];
  const last = ['+ annotations:', '+ argocd.argoproj.io/sync-options: PruneLast=true'];
  const { lines, ...whole } = changes({ delivery: 'argo' });
  expect(whole).toEqual({ added: [], gone: list });
  const { 'Job kube-native-migrate': job, ...others } = lines;
  expect(others).toEqual(
    listed({
      'ConfigMap kube-native': last,
      'Namespace kube-native-staging': ['+ annotations:', '+ argocd.argoproj.io/sync-options: Delete=false,Prune=false'],
      'ConfigMap kube-native-worker': last,
      'ConfigMap kube-native-scripts': last,
      'ConfigMap kube-native-migrate-scripts': [...noScript, ...last],
      'Deployment kube-native': wave(2),
      'Deployment kube-native-worker': wave(2),
      'PodDisruptionBudget kube-native': wave(4),
    }),
  );
  expectNoGuard(job, [
    ...[...lasting, '+ argocd.argoproj.io/hook: Sync'],
    ...['+ argocd.argoproj.io/hook-delete-policy: BeforeHookCreation', '+ argocd.argoproj.io/sync-wave: "1"'],
  ]);
});

test('for Helm the job, its account and its scripts are hooks, and so is what old pods still read', () => {
  const hook = (weight: number, names = 'pre-install,pre-upgrade') => [
    ...[`+ helm.sh/hook: ${names}`, '+ helm.sh/hook-delete-policy: before-hook-creation'],
    `+ helm.sh/hook-weight: "${weight}"`,
  ];
  const { lines, ...whole } = changes({ delivery: 'helm' }, production);
  expect(whole).toEqual({ added: [], gone: list });
  const { 'Job kube-native-migrate': job, ...others } = lines;
  const before = ['+ annotations:', ...hook(-5)];
  const configuration = [
    '+ annotations:',
    ...hook(-5, 'pre-install,pre-upgrade,pre-rollback'),
    '+ helm.sh/resource-policy: keep',
  ];
  expect(others).toEqual(
    listed({
      'ConfigMap kube-native': configuration,
      'ConfigMap kube-native-worker': configuration,
      'ConfigMap kube-native-scripts': configuration,
      'ServiceAccount kube-native-migrate': before,
      'ConfigMap kube-native-migrate-scripts': [...noScript, ...before],
    }),
  );
  expectNoGuard(job, [...lasting, ...hook(0), '+ ttlSecondsAfterFinished: 604800']);
});

test('for Flux the files are in folders, one for each Kustomization', () => {
  const steps = ['base', 'migrate', 'release'];
  const { lines, ...whole } = changes({ delivery: 'flux' });
  expect(whole).toEqual({ added: steps.map((step) => `Kustomization kube-native-staging-${step}`), gone: list });
  expect(Object.keys(lines).sort()).toEqual([
    'ConfigMap kube-native-migrate-scripts',
    'Job kube-native-migrate',
    'Namespace kube-native-staging',
  ]);
  expect(lines['Namespace kube-native-staging']).toEqual(['+ annotations:', '+ kustomize.toolkit.fluxcd.io/prune: disabled']);
  expectNoGuard(lines['Job kube-native-migrate'], []);
  const { files } = render(build(vary(staging, { delivery: 'flux' })));
  expect([...files.keys()].toSorted()).toEqual([
    ...['base/00-namespace.k8s.yaml', 'base/08-network.k8s.yaml', 'base/10-postgres.k8s.yaml', 'flux/90-flux.k8s.yaml'],
    ...['migrate/20-migrate.k8s.yaml', 'release/30-phoenix.k8s.yaml', 'release/40-routes.k8s.yaml'],
  ]);
});

test('with a share of the connections the pools of web pods and workers follow the pods', () => {
  const pool = (size: number) => ['- POOL_SIZE: "8"', `+ POOL_SIZE: "${size}"`];
  expect(changes({ web: { poolSize: { share: 0.5 } } })).toEqual({
    added: [],
    gone: [],
    lines: listed({ 'ConfigMap kube-native': pool(9), 'ConfigMap kube-native-worker': pool(9) }),
  });
});

const direct: NamedEnvironment = vary(onCloudNativePg, { web: { connection: 'direct' }, readUrl: false });
const databaseUrl = (server: string) =>
  `DATABASE_URL: ecto://kube_native@kube-native-postgresql-${server}.kube-native-staging.svc.cluster.local:5432/kube_native`;

test('by way of the pooler web pods have its address, and their gate goes past it', () => {
  expect(changes({ web: { connection: pooled } }, direct)).toEqual({
    added: [],
    gone: [],
    lines: listed({
      'ConfigMap kube-native': [`- ${databaseUrl('rw')}`, `+ ${databaseUrl('pooler')}`],
      'Deployment kube-native': ['+ - name: DATABASE_URL', `+ ${databaseUrl('rw').replace('DATABASE_URL', 'value')}`],
    }),
  });
});

test('with the read replicas their address comes, to the pods that keep running', () => {
  const url = [`+ ${databaseUrl('pooler-ro').replace('DATABASE', 'DATABASE_READ')}`];
  expect(changes({ readUrl: true }, direct)).toEqual({
    added: [],
    gone: [],
    lines: { 'ConfigMap kube-native': url, 'ConfigMap kube-native-worker': url },
  });
});

test('who collects metrics comes in, and nothing else changes', () => {
  expect(changes({ monitoring: [{ namespace: 'prometheus' }] }, onCloudNativePg)).toEqual({
    added: [],
    gone: [],
    lines: listed({
      'NetworkPolicy kube-native-postgresql': [
        '- kubernetes.io/metadata.name: monitoring',
        '+ kubernetes.io/metadata.name: prometheus',
      ],
    }),
  });
});

test('metrics that nobody would see, and watchers who would see none, are refused', () => {
  const watched = [{ namespace: 'prometheus' }];
  expect(render(build(vary(staging, { monitoring: watched }))).faults).toEqual([
    '[08-network/Fence] \'monitoring\' must be left out where no pod has a port for metrics, got [{"namespace":"prometheus"}]; ' +
      "say which port the application's metrics have, metrics: { port } of the application, or take it out",
  ]);
  expect(render(build(vary(staging, { monitoring: OptOut.because('this cluster has no Prometheus') }))).faults).toEqual([]);
});

test('an environment that goes after a while says so on its namespace alone', () => {
  expect(changes({ lifetime: { of: 'feature/login', ttl: Duration.days(3) } })).toEqual({
    added: [],
    gone: [],
    lines: listed({
      'Namespace kube-native-staging': [
        ...['+ annotations:', '+ cdk8s-phoenix/preview-of: feature/login', '+ janitor/ttl: 72h'],
        '+ cdk8s-phoenix/preview: feature-login-df7c7a',
      ],
    }),
  });
});

test('with dumps their volume and their jobs come, and only the one that dumps reaches the database', () => {
  const quota = { ...staging.quota, cpu: Cpu.units(9), memory: Size.gibibytes(12), storage: Size.gibibytes(40), pods: 20 };
  const { added, gone, lines } = changes({ backup: dumps }, vary(staging, { quota }));
  const [backup, drill] = ['kube-native-postgresql-backup', 'kube-native-postgresql-restore-drill'];
  expect(added.sort()).toEqual(
    [
      'PersistentVolumeClaim kube-native-dumps',
      ...[backup, drill].flatMap((name) => [
        `CronJob ${name}`,
        `NetworkPolicy ${name}`,
        `ServiceAccount ${name}`,
        `ConfigMap ${name}-scripts`,
      ]),
    ].sort(),
  );
  expect(gone).toEqual([]);
  expect(lines).toEqual(
    listed({
      'NetworkPolicy kube-native-postgresql': [
        ...['+ - podSelector:', '+ matchLabels:', `+ app.kubernetes.io/instance: ${backup}`],
      ],
    }),
  );
});

describe('a subdomain for each tenant', () => {
  const web = { hosts: ['*.kube-native.example.com'] };
  const certified = (challenge: AcmeChallenge): Variation => ({
    web,
    route: {
      ingress: { controller: 'traefik' },
      certificate: { acme: { server: 'production', email: 'ops@example.com', challenge } },
      proxies: [{ namespace: 'traefik' }],
    },
  });

  test('is a wildcard among the hosts, from the route to the origins of sockets', () => {
    const { lines } = changes({ web }, production);
    expect(lines['HTTPRoute kube-native']).toEqual(['+ - "*.kube-native.example.com"']);
    expect(lines['ConfigMap kube-native']).toEqual(['+ PHX_CHECK_ORIGIN: //kube-native.example.com,//*.kube-native.example.com']);
  });

  test('has a certificate from an issuer that writes records, and from no other', () => {
    const dns = { dns01: { cloudflare: { apiToken: { secret: 'cloudflare', key: 'token' } } } };
    const faults = (challenge: AcmeChallenge) => render(build(vary(production, certified(challenge)))).faults;
    expect(faults(dns)).toEqual([]);
    expect(faults({ http01: { ingressClass: 'traefik' } })).toEqual([
      expect.stringMatching(/'hosts' must name no wildcard.*"\*\.kube-native\.example\.com".*\(wildcard-needs-dns\)$/),
    ]);
  });

  test('is one label of letters and digits, at the front', () => {
    const faults = (host: string) => render(build(vary(production, { web: { hosts: [host] } }))).faults;
    for (const host of ['*', 'shop-*.example.com', 'a.*.example.com', '*.*.example.com'])
      expect(faults(host)).toContainEqual(expect.stringContaining("'web.hosts' must be a DNS host name"));
  });
});
