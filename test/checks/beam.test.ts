import { App, JsonPatch } from 'cdk8s';
import { faultsOf } from '../support/environments';
import { autoscalerOwnsReplicas } from '../../lib/checks/rollout/autoscalers';
import { clusterComplete } from '../../lib/checks/beam/cluster-complete';
import { connectionBudget } from '../../lib/checks/budgets/connection-budget';
import { distributionOpen, distributionPinned, distributionPrivate } from '../../lib/checks/beam/distribution';
import { drainable, survivesANode } from '../../lib/checks/rollout/disruptions';
import { gracePeriod, probeStartsVm } from '../../lib/checks/beam/shutdown';
import { limitsFit } from '../../lib/checks/budgets/limits';
import { livenessApart, probePorts, startupBudget } from '../../lib/checks/rollout/probes';
import { servedReady } from '../../lib/checks/rollout/readiness';
import { nodeName, oneMesh } from '../../lib/checks/beam/nodes';
import { portTable, schedulerCount } from '../../lib/checks/beam/emulator-size';
import { quotaCounts } from '../../lib/checks/budgets/quotas';
import { reservedVariables, sameBoot, variableOrder } from '../../lib/checks/beam/variables';
import { rolloutProgresses } from '../../lib/checks/rollout/rollouts';
import { serverSwitch } from '../../lib/checks/beam/serving';
import { singleWriter } from '../../lib/checks/rollout/claims';
import { writablePaths } from '../../lib/checks/beam/files';
import { secretInPlainText } from '../../lib/checks/secrets/shown';
import { staging as stagingItself, build, environments } from '../support/stack';
import { Checks, patch, render, rules, type Manifest, type Rule, type World } from '../../lib/index';
import { add, said, saidOf } from '../support/said';
import { foundIn } from '../support/raw';
import { staging } from '../support/alone';
import { vary } from '../support/vary';

const BEAM = [
  ...[variableOrder, nodeName, clusterComplete, oneMesh, distributionPinned, distributionOpen, distributionPrivate],
  ...[gracePeriod, probeStartsVm, schedulerCount, portTable, writablePaths, reservedVariables, serverSwitch, sameBoot],
];
const ROLLOUT = [
  ...[startupBudget, livenessApart, probePorts, servedReady, rolloutProgresses],
  ...[singleWriter, drainable, autoscalerOwnsReplicas, survivesANode],
];
const BUDGETS = [limitsFit, quotaCounts, connectionBudget];

const namespace = staging.namespace;

interface Pod {
  readonly kind?: string;
  readonly name?: string;
  readonly env?: readonly Manifest[];
  readonly container?: Manifest;
  readonly pod?: Manifest;
}

const FLAGS = '+S 1:1 +Q 65536 -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372';
const query = `chat-nodes.${namespace}.svc.cluster.local`;
const fromSecret = (name: string, key: string): Manifest => ({ valueFrom: { secretKeyRef: { name, key } } });
const podIp = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
const node = { name: 'RELEASE_NODE', value: 'chat@$(POD_IP)' };
const clusterEnv: readonly Manifest[] = [
  podIp,
  { name: 'RELEASE_DISTRIBUTION', value: 'name' },
  node,
  { name: 'RELEASE_COOKIE', ...fromSecret('chat', 'cookie') },
  { name: 'DNS_CLUSTER_QUERY', value: query },
  { name: 'ERL_AFLAGS', value: FLAGS },
];

/** The list with some variables in place of those of the same name; undefined removes one. */
function env(changes: Readonly<Record<string, Manifest | undefined>>): Manifest[] {
  const kept = clusterEnv.filter(({ name }) => !(name in changes));
  return [...kept, ...Object.entries(changes).flatMap(([name, change]) => (change ? [{ name, ...change }] : []))];
}

/** A Deployment of a hand-written BEAM application. */
function chat({ kind = 'Deployment', name = 'chat', env: variables = clusterEnv, container, pod }: Pod = {}): Manifest {
  const template = {
    metadata: { labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 60,
      containers: [
        {
          name: 'chat',
          image: 'registry.example.com/chat:1.0.0',
          ports: [{ name: 'epmd', containerPort: 4369 }],
          env: variables,
          ...container,
        },
      ],
      ...pod,
    },
  };
  return {
    apiVersion: kind === 'Deployment' ? 'apps/v1' : 'batch/v1',
    kind,
    metadata: { name },
    spec: kind === 'Deployment' ? { selector: { matchLabels: { app: name } }, template } : { template },
  };
}

function service(spec: Manifest = {}, name = 'chat-nodes'): Manifest {
  const ports = [{ name: 'epmd', port: 4369 }];
  const usual = { clusterIP: 'None', publishNotReadyAddresses: true, selector: { app: 'chat' }, ports };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ...usual, ...spec } };
}

function policy(spec: Manifest): Manifest {
  const kind = 'NetworkPolicy';
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind,
    metadata: { name: 'chat' },
    spec: { podSelector: { matchLabels: { app: 'chat' } }, policyTypes: ['Ingress', 'Egress'], egress: [{}], ...spec },
  };
}

const path = 'spec.template.spec.containers[0]';
const own = '[30-phoenix/Deployment-chat]';
const place = (name: string): string => `${own} '${path}.env.${name}'`;

describe('rules for the BEAM', () => {
  it.each(environments.map((environment) => [environment.name, environment] as const))('find nothing in %s', (_, environment) => {
    const names = new Set([...BEAM, ...ROLLOUT, ...BUDGETS].map(({ name }) => name));
    const app = build(environment);
    const faults = render(app).faults.filter((fault) => names.has(/\(([\w-]+)\)$/.exec(fault)?.[1] ?? ''));
    expect(faults).toEqual([]);
    expect(rules.filter(({ name }) => names.has(name))).toHaveLength(names.size);
  });

  it.each(BEAM.map((rule) => [rule.name, rule] as const))('%s finds nothing in a complete cluster', (_, rule) => {
    const open = [{ ports: [{ port: 4369 }, { port: 4370, endPort: 4372 }] }];
    expect(saidOf(rule, chat(), service(), policy({ ingress: open, egress: open }))).toEqual([]);
  });

  it('survive any value anywhere', () => {
    const world = worldOf(chat(), service(), policy({ ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 4369 }] }] }));
    const all = [...BEAM, ...ROLLOUT, ...BUDGETS];
    const crashes = new Set<string>();
    let worlds = 0;
    for (const [index, object] of world.objects.entries()) {
      for (const manifest of mutations(object.manifest)) {
        const broken = { ...world, objects: world.objects.with(index, { ...object, manifest }) };
        for (const rule of all) if (!survives(rule, broken)) crashes.add(`${rule.name} at ${object.construct.node.path}`);
        worlds += 1;
      }
    }
    expect([...crashes]).toEqual([]);
    expect(worlds).toBeGreaterThan(1000);
  });
});

function survives(rule: Rule, world: World): boolean {
  try {
    return [...rule.find(world)].length >= 0;
  } catch {
    return false;
  }
}

/** A small world with something for every rule. */
function worldOf(...objects: Manifest[]): World {
  const app = new App();
  build(vary(staging, { amend: (charts) => add(charts, ...objects, ...others) }), app);
  render(app);
  const added = new Set([...objects, ...others].map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  const kinds = new Set(['Deployment', 'LimitRange', 'ResourceQuota', 'PodDisruptionBudget']);
  const finished = Checks.of(app).world.objects.filter(
    ({ manifest: { kind, metadata } }) => kinds.has(kind) || added.has(`${kind} ${metadata.name}`),
  );
  const database = { host: `db.${namespace}.svc.cluster.local`, connections: 1 };
  return { objects: finished, externals: [], databases: [database], traffic: [], kubernetes: '1.30', previous: [] } as never;
}

const others: readonly Manifest[] = [
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'files' }, spec: { accessModes: ['ReadWriteOnce'] } },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'chat' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'chat' }, minReplicas: 2, maxReplicas: 4 },
  },
];

/** The manifest with one value replaced, for every value and every kind of replacement. */
function* mutations(value: unknown): Iterable<Manifest> {
  const broken = [null, 'x', 7, [null, 'x'], { x: null }];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const change = (replacement: unknown): Manifest =>
      (Array.isArray(value) ? value.with(Number(key), replacement) : { ...value, [key]: replacement }) as Manifest;
    for (const replacement of broken) yield change(replacement);
    for (const replacement of mutations(inner)) yield change(replacement);
  }
}

describe('variable-order', () => {
  it('fails when a variable refers to one below it', () => {
    const variables = [node, ...clusterEnv.filter(({ name }) => name !== 'RELEASE_NODE')];
    expect(saidOf(variableOrder, chat({ env: variables }), service())).toEqual([
      `${place('RELEASE_NODE')} must refer only to variables above it, got "$(POD_IP)"; put POD_IP above RELEASE_NODE, or write $$(POD_IP) for the text itself (variable-order)`,
    ]);
  });

  it('fails when a variable refers to one that is nowhere', () => {
    expect(saidOf(variableOrder, chat({ env: [node], pod: { enableServiceLinks: false } }))).toEqual([
      `${place('RELEASE_NODE')} must refer only to variables above it, got "$(POD_IP)"; define POD_IP above RELEASE_NODE, or write $$(POD_IP) for the text itself (variable-order)`,
    ]);
  });

  it('fails when a ConfigMap that is read as variables holds a reference', () => {
    const faults = said(variableOrder, ({ release }) => {
      patch(release.configMap, 'the mistake of a hurry', JsonPatch.replace('/data/RELEASE_NODE', 'chat@$(POD_IP)'));
    });
    expect(faults).toEqual([
      `[30-phoenix/Release/Config/Default] 'data.RELEASE_NODE' must refer to no variable, got "$(POD_IP)"; write RELEASE_NODE into the container's env, below POD_IP: what a ConfigMap holds is not looked into (variable-order)`,
    ]);
  });

  it('lets a variable refer to those of envFrom, of a Secret outside and of Services, and to an escaped name', () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'chat' }, data: { HOST: 'db' } };
    const values = ['$(HOST)', '$$(NOBODY)', '$(DB_SERVICE_HOST)'].map((value, index) => ({ name: `V${index}`, value }));
    const read = { envFrom: [{ configMapRef: { name: 'chat' } }] };
    expect(saidOf(variableOrder, configMap, chat({ env: values, container: read }))).toEqual([]);
    const unknown = { envFrom: [{ secretRef: { name: 'elsewhere' } }] };
    expect(saidOf(variableOrder, chat({ env: [{ name: 'URL', value: '$(ANY)' }], container: unknown }))).toEqual([]);
  });
});

describe('node-name', () => {
  it('fails when an address is given to a node with short names, the default of a release', () => {
    expect(saidOf(nodeName, chat({ env: env({ RELEASE_DISTRIBUTION: undefined }) }), service())).toEqual([
      `${place('RELEASE_NODE')} must have no dots behind the @ while the distribution has short names, got "chat@<status.podIP>"; set RELEASE_DISTRIBUTION=name beside it (node-name)`,
    ]);
  });

  it('fails when a short host is given to a node with full names', () => {
    expect(saidOf(nodeName, chat({ env: env({ RELEASE_NODE: { value: 'chat@web' } }) }), service())).toEqual([
      `${place('RELEASE_NODE')} must have a full host name behind the @ where RELEASE_DISTRIBUTION is name, got "chat@web"; write the address, $(POD_IP), or a full host name behind the @ (node-name)`,
    ]);
  });

  it('fails when the base name has a dot', () => {
    const [fault] = saidOf(nodeName, chat({ env: env({ RELEASE_NODE: { value: 'chat.web@10.0.0.1' } }) }), service());
    expect(fault).toContain(
      `must begin with letters, digits, '_' or '-', got "chat.web@10.0.0.1"; write it as <release>@$(POD_IP)`,
    );
  });

  it("understands a pod's own name in a host", () => {
    const own = { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
    const named = (distribution: string): Manifest =>
      chat({
        env: [own, ...env({ RELEASE_NODE: { value: 'chat@$(POD).chat.svc' }, RELEASE_DISTRIBUTION: { value: distribution } })],
      });
    expect(saidOf(nodeName, named('name'), service())).toEqual([]);
    expect(saidOf(nodeName, named('sname'), service())).toHaveLength(1);
  });
});

describe('cluster-complete', () => {
  it('fails when a loopback name is to meet others', () => {
    expect(saidOf(clusterComplete, chat({ env: env({ RELEASE_NODE: { value: 'chat@127.0.0.1' } }) }), service())).toEqual([
      `${place('RELEASE_NODE')} must be a name that other pods can reach, got "chat@127.0.0.1"; set RELEASE_NODE=<release>@$(POD_IP) below POD_IP and RELEASE_DISTRIBUTION=name, or remove DNS_CLUSTER_QUERY (cluster-complete)`,
    ]);
  });

  it('fails when the query is there and the distribution is off', () => {
    const [fault] = saidOf(clusterComplete, chat({ env: env({ RELEASE_DISTRIBUTION: { value: 'none' } }) }), service());
    expect(fault).toContain(`${place('RELEASE_DISTRIBUTION')} must not be none where nodes are to meet, got "none"`);
  });

  it('fails when the cookie is left to the image', () => {
    expect(saidOf(clusterComplete, chat({ env: env({ RELEASE_COOKIE: undefined }) }), service())).toEqual([
      `${place('RELEASE_COOKIE')} must come from a Secret, got nothing; take it from a key of a Secret with valueFrom.secretKeyRef: the one in the image differs from build to build (cluster-complete)`,
    ]);
  });

  it('fails when the cookie stands in the YAML, and does not show it', () => {
    const open = chat({ env: env({ RELEASE_COOKIE: { value: 'monster' } }) });
    const [finding] = foundIn(clusterComplete, [open]);
    expect([finding?.must, finding?.got]).toEqual(['come from a Secret', 'a value in the YAML']);
    // Where it is read as a secret, that is told, and this is not.
    expect(saidOf(clusterComplete, open, service())).toEqual([]);
    const [fault] = saidOf(secretInPlainText, open, service());
    expect(fault).toContain('must not show the secret RELEASE_COOKIE in plain text');
    expect(fault).not.toContain('monster');
  });

  it('takes a cookie from a Secret that is read as a whole', () => {
    const container = { envFrom: [{ secretRef: { name: 'chat' } }] };
    expect(saidOf(clusterComplete, chat({ env: env({ RELEASE_COOKIE: undefined }), container }), service())).toEqual([]);
  });

  it('fails when a node has a name for others and no query', () => {
    expect(saidOf(clusterComplete, chat({ env: env({ DNS_CLUSTER_QUERY: undefined }) }))).toEqual([
      `${place('DNS_CLUSTER_QUERY')} must be <service>.<namespace>.svc.<domain of the cluster>, got nothing; name the headless Service, or set RELEASE_NODE=<release>@127.0.0.1 where the nodes are no cluster (cluster-complete)`,
    ]);
  });

  it('fails when the query names no Service', () => {
    expect(saidOf(clusterComplete, chat())).toEqual([
      `${place('DNS_CLUSTER_QUERY')} must name a Service that exists, got "${query}"; add a headless Service chat-nodes to ${namespace} (cluster-complete)`,
    ]);
    const declared = said(clusterComplete, (charts, app) => {
      Checks.of(app).provide({ kind: 'Service', name: 'chat-nodes' });
      add(charts, chat());
    });
    expect(declared).toEqual([]);
  });

  it('fails when the Service is not headless, hides booting pods or finds others', () => {
    const wrong = service({ clusterIP: undefined, publishNotReadyAddresses: false, selector: { app: 'other' } });
    expect(saidOf(clusterComplete, chat(), wrong)).toEqual([
      "[30-phoenix/Service-chat-nodes] 'spec.clusterIP' must be None where nodes find each other by it, got nothing; set it to None: the address of the Service would reach one pod by chance (cluster-complete)",
      "[30-phoenix/Service-chat-nodes] 'spec.publishNotReadyAddresses' must be true where nodes find each other by the Service, got false; set it to true: a node that boots must find the others before it is ready (cluster-complete)",
      '[30-phoenix/Service-chat-nodes] \'spec.selector\' must find the pods of Deployment chat, which look for each other by it, got {"app":"other"}; select by labels that these pods carry (cluster-complete)',
    ]);
  });

  it('understands a query that is put together from the namespace', () => {
    const ns = { name: 'NS', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } };
    const variables = [ns, ...env({ DNS_CLUSTER_QUERY: { value: 'chat-nodes.$(NS).svc.cluster.local' } })];
    expect(saidOf(clusterComplete, chat({ env: variables }), service())).toEqual([]);
  });

  it('leaves jobs alone, which never start the distribution', () => {
    expect(saidOf(clusterComplete, chat({ kind: 'Job', env: env({ RELEASE_COOKIE: undefined }) }))).toEqual([]);
  });
});

describe('one-mesh', () => {
  it('fails when nodes that look for each other differ in cookie or base name', () => {
    const variables = env({ RELEASE_COOKIE: fromSecret('chat', 'other'), RELEASE_NODE: { value: 'worker@$(POD_IP)' } });
    const at = (name: string): string => `[30-phoenix/Deployment-worker] '${path}.env.${name}'`;
    const beside = `of Deployment chat, which looks up ${query} too`;
    expect(saidOf(oneMesh, chat(), chat({ name: 'worker', env: variables }), service())).toEqual([
      `${at('RELEASE_COOKIE')} must come from the same key as that ${beside}, got "chat/other"; use the key chat/cookie (one-mesh)`,
      `${at('RELEASE_NODE')} must begin with "chat@" like that ${beside}, got "worker"; use one base name, or give each release a headless Service of its own (one-mesh)`,
    ]);
  });
});

describe('distribution-pinned', () => {
  const pinned = (flags: string): string[] =>
    saidOf(distributionPinned, chat({ env: env({ ERL_AFLAGS: { value: flags } }) }), service());

  it('fails when nodes listen on any port', () => {
    expect(pinned('+S 1:1 +Q 65536')).toEqual([
      `${place('ERL_AFLAGS')} must pin the ports of the distribution, got "+S 1:1 +Q 65536"; add -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372 (distribution-pinned)`,
    ]);
  });

  it('fails when the range has no room for rpc and remote', () => {
    expect(pinned('-kernel inet_dist_listen_min 4370 inet_dist_listen_max 4370')).toEqual([
      `${place('ERL_AFLAGS')} must pin three ports or more: bin/<release> rpc and remote listen on one too, got "4370-4370"; add -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372 (distribution-pinned)`,
    ]);
    expect(pinned('-kernel inet_dist_listen_min 4370')).toHaveLength(1);
  });

  it('takes one port where there is no epmd', () => {
    expect(pinned('-start_epmd false -erl_epmd_port 6789')).toEqual([]);
    expect(pinned('-start_epmd false -kernel erl_epmd_node_listen_port 6789')).toEqual([]);
  });

  it('reads flags from a mounted vm.args', () => {
    const files = (text: string): Manifest[] => [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'vm' }, data: { 'vm.args': text } },
      chat({
        env: env({ ERL_AFLAGS: undefined, RELEASE_VM_ARGS: { value: '/etc/vm/vm.args' } }),
        container: { volumeMounts: [{ name: 'vm', mountPath: '/etc/vm' }] },
        pod: { volumes: [{ name: 'vm', configMap: { name: 'vm' } }] },
      }),
      service(),
    ];
    expect(saidOf(distributionPinned, ...files(FLAGS))).toEqual([]);
    expect(saidOf(distributionPinned, ...files(`# ${FLAGS}\n+Q 65536`))).toHaveLength(1);
  });
});

describe('distribution-open', () => {
  const peer = [{ podSelector: { matchLabels: { app: 'chat' } } }];
  const open = [{ port: 4369 }, { port: 4370, endPort: 4372 }];

  it('fails when a policy closes epmd or the range to the mesh', () => {
    expect(saidOf(distributionOpen, chat(), service(), policy({ ingress: [{ from: peer, ports: [{ port: 4370 }] }] }))).toEqual([
      '[30-phoenix/NetworkPolicy-chat] \'spec.ingress\' must allow TCP 4369, 4370-4372 from the pods of chat, which chat forms a cluster with, got "nothing for 4369, 4371-4372"; add them to the ports of a rule whose from selects these pods (distribution-open)',
    ]);
  });

  it('fails when a policy lets nodes in and not out', () => {
    const spec = { ingress: [{ from: peer, ports: open }], egress: [{ ports: [{ port: 53 }] }] };
    expect(saidOf(distributionOpen, chat(), service(), policy(spec))).toEqual([
      '[30-phoenix/NetworkPolicy-chat] \'spec.egress\' must allow TCP 4369, 4370-4372 to the pods of chat, which chat forms a cluster with, got "nothing for 4369, 4370-4372"; add them to the ports of a rule whose to selects these pods (distribution-open)',
    ]);
  });

  it.each([
    ['other pods', [{ podSelector: { matchLabels: { app: 'web' } } }]],
    ['another namespace', [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } } }]],
    ['addresses', [{ ipBlock: { cidr: '10.0.0.0/8' } }]],
  ])('fails when it lets in only %s', (_, from) => {
    expect(saidOf(distributionOpen, chat(), service(), policy({ ingress: [{ from, ports: open }] }))).toHaveLength(1);
  });

  it.each([
    ['the own pods', peer],
    ['the own namespace', [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }]],
    ['labels of a list', [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['chat'] }] } }]],
    ['everyone', undefined],
  ])('finds nothing when it lets in %s', (_, from) => {
    const named = [{ port: 'epmd' }, { port: 4370, endPort: 4372 }];
    expect(saidOf(distributionOpen, chat(), service(), policy({ ingress: [{ from, ports: named }] }))).toEqual([]);
  });
});

describe('distribution-private', () => {
  it.each(['NodePort', 'LoadBalancer'])('fails when a Service of type %s opens the distribution', (type) => {
    const ports = [
      { name: 'http', port: 80, targetPort: 4000 },
      { name: 'epmd', port: 4369, targetPort: 'epmd' },
      { name: 'nodes', port: 4371 },
    ];
    const outside = service({ type, ports, clusterIP: undefined }, 'outside');
    const fix = 'keep these ports on a headless Service of their own, and use kubectl port-forward from outside';
    expect(saidOf(distributionPrivate, chat(), service(), outside)).toEqual([
      `[30-phoenix/Service-outside] 'spec.ports[1]' must not open a port of the distribution by ${type}, got 4369; ${fix} (distribution-private)`,
      `[30-phoenix/Service-outside] 'spec.ports[2]' must not open a port of the distribution by ${type}, got 4371; ${fix} (distribution-private)`,
    ]);
  });
});

describe('distribution-private, of routes', () => {
  const route = (kind: string, name: string, port: number): Manifest => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name: 'way' },
    spec: { rules: [{ backendRefs: [{ name, port }] }] },
  });
  const inside = service({ ports: [{ name: 'http', port: 80, targetPort: 4000 }], clusterIP: undefined }, 'inside');
  const mesh = service(
    {
      ports: [
        { name: 'epmd', port: 4369 },
        { name: 'nodes', port: 4371 },
      ],
    },
    'mesh',
  );

  it.each([
    ['HTTPRoute', 4371],
    ['TCPRoute', 4369],
  ])('fails when a %s leads to port %i', (kind, port) => {
    expect(saidOf(distributionPrivate, chat(), inside, mesh, route(kind, 'mesh', port))).toEqual([
      `[30-phoenix/${kind}-way] 'spec.rules[0].backendRefs[0].port' must not lead to a port of the distribution, as port ${port} of Service mesh does, got ${port}; lead to the port of the endpoint, and open no way for this one (distribution-private)`,
    ]);
  });

  it('lets a route lead to the endpoint, and to Services of others', () => {
    expect(saidOf(distributionPrivate, chat(), inside, mesh, route('HTTPRoute', 'inside', 80))).toEqual([]);
    expect(saidOf(distributionPrivate, chat(), inside, mesh, route('TCPRoute', 'elsewhere', 4369))).toEqual([]);
  });
});

describe('grace-period', () => {
  it('fails when the sleep leaves too little for the shutdown', () => {
    const faults = said(gracePeriod, ({ release }) => {
      patch(
        release.web.deployment,
        'someone wanted faster rollouts',
        JsonPatch.replace('/spec/template/spec/terminationGracePeriodSeconds', 20),
      );
    });
    expect(faults).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.terminationGracePeriodSeconds' must be at least 25, the sleep of 10s and 15s for the shutdown, got 20; raise it, or shorten the sleep of the preStop hook (grace-period)",
    ]);
  });

  it.each([
    ['the native sleep', { sleep: { seconds: 50 } }],
    ['a shell', { exec: { command: ['sh', '-c', 'sleep 50 && true'] } }],
    ['minutes', { exec: { command: ['/bin/sleep', '1m'] } }],
  ])('counts %s', (_, preStop) => {
    expect(saidOf(gracePeriod, chat({ container: { lifecycle: { preStop } } }))).toHaveLength(1);
  });

  it('asks less of a program that is no BEAM', () => {
    const lifecycle = { preStop: { exec: { command: ['sleep', '20'] } } };
    expect(
      saidOf(gracePeriod, chat({ env: [], container: { lifecycle }, pod: { terminationGracePeriodSeconds: undefined } })),
    ).toEqual([]);
    expect(saidOf(gracePeriod, chat({ container: { lifecycle }, pod: { terminationGracePeriodSeconds: undefined } }))).toEqual([
      `${own} 'spec.template.spec.terminationGracePeriodSeconds' must be at least 35, the sleep of 20s and 15s for the shutdown, got nothing; raise it, or shorten the sleep of the preStop hook (grace-period)`,
    ]);
  });
});

describe('probe-starts-vm', () => {
  it.each(['ping', 'rpc', 'pid', 'eval', 'remote_console'])('fails when a probe runs %s of the release', (verb) => {
    const command = ['/app/bin/kube_native_umbrella', verb];
    const faults = said(probeStartsVm, ({ release }) => {
      patch(
        release.web.deployment,
        'as it was in 2018',
        JsonPatch.replace('/spec/template/spec/containers/0/livenessProbe', { exec: { command } }),
      );
    });
    expect(faults).toEqual([
      `[30-phoenix/Release/Web/Deployment] '${path}.livenessProbe.exec.command' must not start a BEAM, got "${command.join(' ')}"; ask by httpGet, or open the port with tcpSocket (probe-starts-vm)`,
    ]);
  });

  it('sees through a shell, and lets other programs be', () => {
    const probe = (...command: string[]): Manifest => chat({ container: { readinessProbe: { exec: { command } } } });
    expect(saidOf(probeStartsVm, probe('sh', '-c', 'bin/chat rpc "Chat.ok?()"'))).toHaveLength(1);
    expect(saidOf(probeStartsVm, probe('cat', '/tmp/ready'))).toEqual([]);
  });
});

describe('scheduler-count', () => {
  it('fails when there are more schedulers than CPUs', () => {
    const faults = said(schedulerCount, ({ release }) => {
      patch(release.configMap, 'copied from a larger one', JsonPatch.replace('/data/ERL_FLAGS', '+S 8:8 +Q 65536'));
    });
    expect(faults).toEqual([
      '[30-phoenix/Release/Config/Default] \'data.ERL_FLAGS\' must start no more schedulers than the CPU limit has cores, 1, got "+S 8:8"; write +S 1:1, or raise the CPU limit (scheduler-count)',
    ]);
  });

  it('fails when there is neither a limit nor a number', () => {
    expect(saidOf(schedulerCount, chat({ env: [{ name: 'ERL_FLAGS', value: '+Q 65536' }] }))).toEqual([
      `${place('ERL_FLAGS')} must set the schedulers with +S where there is no CPU limit, got "+Q 65536"; add +S 1:1, or as many as the CPU request has cores (scheduler-count)`,
    ]);
  });

  it('takes the limit itself from a release that reads it, not from an old one', () => {
    const container = { resources: { limits: { cpu: '1500m' } } };
    const phx = { name: 'PHX_HOST', value: 'example.com' };
    expect(saidOf(schedulerCount, chat({ env: [phx], container }))).toEqual([]);
    expect(saidOf(schedulerCount, chat({ env: [{ name: 'REPLACE_OS_VARS', value: 'true' }], container }))).toEqual([
      `${place('ERL_FLAGS')} must set the schedulers with +S, which old releases do not take from the limit, got nothing; add +S 2:2, or as many as the CPU request has cores (scheduler-count)`,
    ]);
    expect(saidOf(schedulerCount, chat({ env: [{ name: 'ERL_FLAGS', value: '+S 2:2' }], container }))).toEqual([]);
  });

  it('takes a number that Kubernetes fills in', () => {
    const cpus = { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'requests.cpu' } } };
    expect(saidOf(schedulerCount, chat({ env: [cpus, { name: 'ERL_FLAGS', value: '+S $(CPUS):$(CPUS)' }] }))).toEqual([]);
  });

  it('looks at the last of several numbers, and shows no cookie', () => {
    const container = { resources: { limits: { cpu: '2' } } };
    const flags = (value: string): Manifest => chat({ env: [{ name: 'ERL_FLAGS', value }], container });
    expect(saidOf(schedulerCount, flags('+S 8:8 +S 2:2'))).toEqual([]);
    expect(saidOf(schedulerCount, flags('+S 2:2 +S 8'))).toHaveLength(1);
    const [fault] = saidOf(portTable, flags('-setcookie monster'));
    expect(fault).toContain('got "-setcookie ..."');
  });

  it('does not judge flags that a Secret holds, nor programs of other languages', () => {
    expect(saidOf(schedulerCount, chat({ env: [{ name: 'ERL_FLAGS', ...fromSecret('chat', 'flags') }] }))).toEqual([]);
    const rails = [
      { name: 'RAILS_ENV', value: 'production' },
      { name: 'SECRET_KEY_BASE', ...fromSecret('rails', 'key') },
    ];
    expect(saidOf(schedulerCount, chat({ env: rails }))).toEqual([]);
    expect(saidOf(schedulerCount, chat({ env: [], container: { command: ['/usr/bin/nginx', 'start'] } }))).toEqual([]);
    expect(saidOf(schedulerCount, chat({ env: [], container: { command: ['/app/bin/chat', 'start'] } }))).toHaveLength(1);
  });
});

describe('port-table', () => {
  it('fails when the table has the default size', () => {
    expect(saidOf(portTable, chat({ env: [{ name: 'ERL_FLAGS', value: '+S 1:1' }] }))).toEqual([
      `${place('ERL_FLAGS')} must give the port table a size with +Q, got "+S 1:1"; add +Q 65536 (port-table)`,
    ]);
  });
});

describe('writable-paths', () => {
  const hardened = (variables: Manifest[], mounts: Manifest[], command?: string[]): Manifest =>
    chat({
      env: variables,
      container: { securityContext: { readOnlyRootFilesystem: true }, volumeMounts: mounts, ...(command ? { command } : {}) },
      pod: {
        volumes: [
          { name: 'tmp', emptyDir: {} },
          { name: 'config', configMap: { name: 'x' } },
        ],
      },
    });

  it('fails when a crash dump goes where nothing can be written', () => {
    const dump = { name: 'ERL_CRASH_DUMP', value: '/app/erl_crash.dump' };
    expect(saidOf(writablePaths, hardened([dump], [{ name: 'tmp', mountPath: '/tmp' }]))).toEqual([
      `${place('ERL_CRASH_DUMP')} must be in a writable volume, got "/app/erl_crash.dump"; point it to /tmp and mount an emptyDir there (writable-paths)`,
    ]);
  });

  it.each([
    ['a read-only mount', [{ name: 'tmp', mountPath: '/tmp', readOnly: true }]],
    ['a ConfigMap', [{ name: 'config', mountPath: '/tmp' }]],
    [
      'a ConfigMap inside of a writable one',
      [
        { name: 'tmp', mountPath: '/' },
        { name: 'config', mountPath: '/tmp' },
      ],
    ],
    ['a folder that begins alike', [{ name: 'tmp', mountPath: '/tm' }]],
  ])('fails when the folder is in %s', (_, mounts) => {
    expect(saidOf(writablePaths, hardened([{ name: 'RELEASE_TMP', value: '/tmp' }], mounts))).toHaveLength(1);
  });

  it('fails when an old release writes its configuration into the image', () => {
    const legacy = [{ name: 'REPLACE_OS_VARS', value: 'true' }];
    expect(saidOf(writablePaths, hardened(legacy, [], ['/opt/chat/bin/chat', 'foreground']))).toEqual([
      `${place('RELEASE_MUTABLE_DIR')} must be set: /opt/chat/var cannot be written to, got nothing; point it to /tmp and mount an emptyDir there (writable-paths)`,
    ]);
    const mounted = [{ name: 'tmp', mountPath: '/opt/chat/var' }];
    expect(saidOf(writablePaths, hardened(legacy, mounted, ['/opt/chat/bin/chat', 'foreground']))).toEqual([]);
  });
});

describe('reserved-variables', () => {
  it('fails when HOSTNAME is given, as in the ConfigMap of 2018', () => {
    const faults = said(reservedVariables, ({ release }) => {
      patch(release.configMap, 'as it was in 2018', JsonPatch.add('/data/HOSTNAME', 'localhost'));
    });
    expect(faults).toEqual([
      '[30-phoenix/Release/Config/Default] \'data.HOSTNAME\' must be left to Kubernetes, which sets it to the name of the pod, got "HOSTNAME"; remove it, or rename it: PHX_HOST is the public host name (reserved-variables)',
    ]);
  });

  it('fails when a variable of an old release has a name that its scripts read', () => {
    const cookie = { name: 'COOKIE', ...fromSecret('chat', 'cookie') };
    expect(saidOf(reservedVariables, chat({ env: [{ name: 'REPLACE_OS_VARS', value: 'true' }, cookie] }))).toEqual([
      `${place('COOKIE')} must not be set: the scripts of Distillery read it as theirs, got "COOKIE"; rename it, for example APP_COOKIE (reserved-variables)`,
    ]);
    expect(saidOf(reservedVariables, chat({ env: [cookie, { name: 'PHX_HOST', value: 'example.com' }] }))).toEqual([]);
  });
});

describe('server-switch', () => {
  it('fails when the release is started to serve and not told so', () => {
    const faults = said(serverSwitch, ({ release }) => {
      patch(release.configMap, 'nobody knew what it was for', JsonPatch.remove('/data/PHX_SERVER'));
    });
    expect(faults).toEqual([
      `[30-phoenix/Release/Web/Deployment] '${path}.env.PHX_SERVER' must be set where /app/bin/kube_native_umbrella start is to serve, got nothing; set PHX_SERVER=true, or start bin/server (server-switch)`,
    ]);
  });

  it('leaves workers alone, which only a headless Service finds', () => {
    expect(saidOf(serverSwitch, chat({ container: { command: ['/app/bin/chat', 'start'] } }), service())).toEqual([]);
  });
});

describe('same-boot', () => {
  it('fails when a migration lacks what the release cannot boot without', () => {
    const faults = said(sameBoot, ({ migration }) => {
      if (!migration) return;
      patch(
        migration.job,
        'it only migrates',
        JsonPatch.replace('/spec/template/spec/containers/0/env', [{ name: 'RELEASE_TMP', value: '/tmp' }]),
      );
    });
    const beside = 'be set as in Deployment kube-native, which runs the same image';
    const fix = 'give it the same variables: config/runtime.exs reads them before every command';
    expect(faults).toEqual([
      `[20-migrate/Migration/Job] '${path}.env.DATABASE_URL' must ${beside}, got nothing; ${fix} (same-boot)`,
      `[20-migrate/Migration/Job] '${path}.env.SECRET_KEY_BASE' must ${beside}, got nothing; ${fix} (same-boot)`,
    ]);
  });

  it('fails when pods of one release sign with different keys', () => {
    const key = (name: string): Manifest[] => [{ name: 'SECRET_KEY_BASE', ...fromSecret(name, 'key') }];
    expect(saidOf(sameBoot, chat({ env: key('one') }), chat({ name: 'worker', env: key('two') }))).toEqual([
      `[30-phoenix/Deployment-worker] '${path}.env.SECRET_KEY_BASE' must come from the same key as in Deployment chat, which runs the same image, got "two/key"; use the key one/key: what one pod signs, the others must accept (same-boot)`,
    ]);
  });
});

describe('nodes that find each other by the Kubernetes API', () => {
  const asking = vary(stagingItself, { beam: { discovery: 'kubernetesApi' as const } });

  test('are complete with a token and the right to list pods', () => {
    expect(faultsOf(asking)).toEqual([]);
  });

  test('fails when the pods get no token', () => {
    const faults = faultsOf(asking, ({ release }) =>
      patch(
        release.web.deployment,
        'a review asked for it',
        JsonPatch.replace('/spec/template/spec/automountServiceAccountToken', false),
      ),
    );
    expect(faults).toEqual([
      "[30-phoenix/Release/Web/Deployment] 'spec.template.spec.automountServiceAccountToken' must be true where nodes find each other by the API, got false; set it to true: libcluster asks the Kubernetes API who the others are (cluster-complete)",
    ]);
  });

  test('fails when the Role lists something else', () => {
    const faults = faultsOf(asking, ({ release }) => {
      const role = release.cluster?.role;
      if (role) patch(role, 'endpoints are enough', JsonPatch.replace('/rules/0/resources/0', 'endpoints'));
    });
    expect(faults).toEqual([
      '[30-phoenix/Release/Web/Deployment] \'spec.template.spec.serviceAccountName\' must be a ServiceAccount that may list pods, where nodes find each other by the API, got "kube-native"; bind a Role with the verbs get and list for pods to it (cluster-complete)',
      '[30-phoenix/Worker/Pods/Deployment] \'spec.template.spec.serviceAccountName\' must be a ServiceAccount that may list pods, where nodes find each other by the API, got "kube-native-worker"; bind a Role with the verbs get and list for pods to it (cluster-complete)',
    ]);
  });
});

test('an image that names its nodes itself is complete with the address of its pod', () => {
  const podIp = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
  const own = env({ RELEASE_NODE: undefined, POD_IP: undefined });
  expect(saidOf(clusterComplete, chat({ env: [podIp, ...own] }), service())).toEqual([]);
});
