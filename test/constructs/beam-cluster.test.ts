import { App, Duration, type Chart } from 'cdk8s';
import { build, staging } from '../support/stack';
import {
  type NamedEnvironment,
  BeamCluster,
  distilleryRelease,
  NetworkFence,
  render,
  Worker,
  type BeamClusterProps,
  type DistributionTlsProps,
  type Manifest,
  type PhoenixReleaseProps,
} from '../../lib/index';
import { application, chart, container, image, objects, podSpec, refusals, refusalsOf, release } from '../support/chart';
import { vary } from '../support/vary';

const cookie = { secret: 'kube-native', key: 'RELEASE_COOKIE' };
const minimal: BeamClusterProps = { name: 'kube-native', cookie };
const podIp = { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } };
const theCookie = (name = 'RELEASE_COOKIE') => ({
  name,
  valueFrom: { secretKeyRef: { name: 'kube-native', key: 'RELEASE_COOKIE' } },
});
const issuer: DistributionTlsProps = { issuer: { kind: 'Issuer', name: 'mesh' } };

/** The web pods and the workers of a release whose pods form a cluster, and the fence round them. */
function made(props: Partial<BeamClusterProps> = {}, ofRelease: Partial<PhoenixReleaseProps> = {}) {
  const tried = chart();
  const cluster = new BeamCluster(tried, 'Cluster', { ...minimal, ...props });
  const web = release(tried, { cluster, ...ofRelease });
  new Worker(tried, 'Worker', { release: web, replicas: 1 });
  new NetworkFence(tried, 'Fence', { clients: 'everyone' });
  return { tried, cluster };
}

/** The object of a kind and a name, whose hash is left out. */
function named(tried: Chart, kind: string, name: string): Manifest {
  const found = objects(tried).filter(
    (o) => o['kind'] === kind && String(o['metadata'].name).replace(/-[0-9a-f]{10}$/, '') === name,
  );
  expect(found).toHaveLength(1);
  return found[0] ?? {};
}

/** What a node is told: its variables, its ports, the flags before the image's own and those that every other pod lacks after them. */
function node(tried: Chart, name = 'kube-native') {
  const deployment = named(tried, 'Deployment', name);
  const { env, ports, volumeMounts } = container(deployment);
  const { data } = named(tried, 'ConfigMap', name);
  const flags = String(data.ERL_FLAGS).replace(/^.* \+sbwtdio none ?/, '');
  const firstFlags = String(data.ERL_AFLAGS);
  return {
    deployment,
    env: env as Manifest[],
    ports: ports as Manifest[],
    mounts: volumeMounts as Manifest[],
    data,
    firstFlags,
    flags,
  };
}

describe('a minimal cluster', () => {
  const { tried, cluster } = made();

  test('is a headless Service that lists its nodes from their first second, and nothing else', () => {
    const alone = chart();
    new BeamCluster(alone, 'Cluster', minimal);
    expect(objects(alone)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name: 'kube-native-mesh',
          namespace: 'test',
          labels: {
            'app.kubernetes.io/name': 'kube-native',
            'app.kubernetes.io/instance': 'kube-native-mesh',
            'app.kubernetes.io/component': 'mesh',
          },
        },
        spec: {
          clusterIP: 'None',
          publishNotReadyAddresses: true,
          selector: { 'cdk8s-phoenix/mesh': 'kube-native' },
          ports: [
            { name: 'epmd', port: 4369 },
            { name: 'dist', port: 4370 },
          ],
        },
      },
    ]);
    expect([cluster.service?.name, cluster.role]).toEqual(['kube-native-mesh', undefined]);
  });

  test.each(['kube-native', 'kube-native-worker'])('makes the pods of %s nodes of one mesh', (name) => {
    const { deployment, env, ports, data, firstFlags, flags } = node(tried, name);
    expect(deployment['spec'].template.metadata.labels).toMatchObject({ 'cdk8s-phoenix/mesh': 'kube-native' });
    expect(env).toEqual([
      podIp,
      { name: 'RELEASE_DISTRIBUTION', value: 'name' },
      { name: 'RELEASE_NODE', value: 'kube_native_umbrella@$(POD_IP)' },
      theCookie(),
      { name: 'SECRET_KEY_BASE', valueFrom: { secretKeyRef: { name: 'kube-native', key: 'SECRET_KEY_BASE' } } },
    ]);
    expect(ports.filter(({ name: port }) => port !== 'http')).toEqual([
      { name: 'epmd', containerPort: 4369 },
      { name: 'dist-1', containerPort: 4370 },
      { name: 'dist-2', containerPort: 4371 },
      { name: 'dist-3', containerPort: 4372 },
    ]);
    expect(data.DNS_CLUSTER_QUERY).toBe('kube-native-mesh.test.svc.cluster.local');
    expect([firstFlags, flags]).toEqual(['-kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372', '']);
  });

  test('takes away what keeps a node to itself', () => {
    const { data, firstFlags, flags } = node(tried);
    for (const name of ['RELEASE_NODE', 'RELEASE_DISTRIBUTION', 'ERL_EPMD_ADDRESS']) expect(data).not.toHaveProperty(name);
    expect(`${firstFlags} ${flags}`).not.toContain('inet_dist_use_interface');
  });

  test('gives its pods no token, and no right', () => {
    expect(podSpec(node(tried).deployment)['automountServiceAccountToken']).toBe(false);
    expect(objects(tried).filter(({ kind }) => String(kind).startsWith('Role'))).toEqual([]);
  });

  test('waits for a new node to be found before the next old one goes', () => {
    for (const name of ['kube-native', 'kube-native-worker'])
      expect(node(tried, name).deployment['spec'].minReadySeconds).toBe(10);
  });
});

test('a cluster with everything set says all of it', () => {
  const everything: Required<BeamClusterProps> = {
    name: 'kube-native',
    cookie,
    discovery: 'kubernetesApi',
    scope: 'environment',
    port: 9100,
    epmd: false,
    tls: issuer,
    ipv6: true,
    clusterDomain: 'example.internal',
    cookieVariable: 'ERLANG_COOKIE',
    preventOverlappingPartitions: false,
    apiServerCidr: '10.96.0.1/32',
  };
  const nodeVariables = { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } }, NAMESPACE: 'test' };
  const { tried, cluster } = made(everything, { application: { ...application, nodeVariables } });
  const { env, ports, data, firstFlags, flags, mounts } = node(tried);
  expect([cluster.service, cluster.role?.name]).toEqual([undefined, 'kube-native-mesh']);
  expect(env.slice(0, 3)).toEqual([podIp, { name: 'NAMESPACE', value: 'test' }, theCookie('ERLANG_COOKIE')]);
  expect(ports).toContainEqual({ name: 'dist', containerPort: 9100 });
  expect(data).toMatchObject({ LIBCLUSTER_NODE_BASENAME: 'kube_native_umbrella', CLUSTER_DOMAIN: 'example.internal' });
  expect(firstFlags).toBe(
    '-proto_dist inet6_tls -ssl_dist_optfile /etc/beam/options/distribution.conf -start_epmd false -erl_epmd_port 9100',
  );
  expect(flags).toBe('-kernel prevent_overlapping_partitions false');
  expect(mounts.map(({ name }) => String(name))).toEqual(['tmp', 'beam-certificate', 'beam-options', 'remote']);
  expect(refusals(tried)).toEqual([]);
});

describe('by the Kubernetes API', () => {
  const { tried } = made({ discovery: 'kubernetesApi' });

  test('the pods may list pods, by a token of their own, and there is no Service to ask', () => {
    expect(named(tried, 'Role', 'kube-native-mesh')['rules']).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
    ]);
    for (const name of ['kube-native', 'kube-native-worker']) {
      expect(named(tried, 'RoleBinding', `${name}-mesh`)).toMatchObject({
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'kube-native-mesh' },
        subjects: [{ kind: 'ServiceAccount', name, namespace: 'test' }],
      });
      expect(podSpec(node(tried, name).deployment)['automountServiceAccountToken']).toBe(true);
    }
    expect(objects(tried).filter(({ spec }) => spec?.clusterIP === 'None')).toEqual([]);
  });

  test('libcluster is told whom to list, and how they are called', () => {
    const { data } = node(tried);
    expect(data).toMatchObject({
      LIBCLUSTER_NODE_BASENAME: 'kube_native_umbrella',
      LIBCLUSTER_SELECTOR: 'cdk8s-phoenix/mesh=kube-native',
      CLUSTER_DOMAIN: 'cluster.local',
    });
    expect(data).not.toHaveProperty('DNS_CLUSTER_QUERY');
  });

  test('the fence lets them reach the API', () => {
    const to = [{ ipBlock: { cidr: '0.0.0.0/0' } }];
    const { egress } = named(tried, 'NetworkPolicy', 'kube-native-worker')['spec'];
    for (const port of [443, 6443]) expect(egress).toContainEqual({ to, ports: [{ port, protocol: 'TCP' }] });
  });
});

describe('without epmd', () => {
  const { tried } = made({ epmd: false });

  test('every node listens on one port, and knows that of the others', () => {
    const { ports, firstFlags } = node(tried, 'kube-native-worker');
    expect(firstFlags).toBe('-start_epmd false -erl_epmd_port 4370');
    expect(ports).toEqual([{ name: 'dist', containerPort: 4370 }]);
    expect(named(tried, 'Service', 'kube-native-mesh')['spec'].ports).toEqual([{ name: 'dist', port: 4370 }]);
    const peers = [{ podSelector: { matchLabels: { 'cdk8s-phoenix/mesh': 'kube-native' } } }];
    const { ingress } = named(tried, 'NetworkPolicy', 'kube-native-worker')['spec'];
    expect(ingress).toEqual([{ from: peers, ports: [{ port: 4370, protocol: 'TCP' }] }]);
  });

  test('rpc and remote do not listen, because the port is taken', () => {
    const { data, mounts, deployment } = node(tried);
    const { metadata, data: files } = named(tried, 'ConfigMap', 'kube-native-mesh');
    expect(data.RELEASE_REMOTE_VM_ARGS).toBe('/etc/beam/remote/remote.vm.args');
    expect(mounts).toContainEqual({ name: 'remote', mountPath: '/etc/beam/remote', readOnly: true });
    expect(podSpec(deployment)['volumes']).toContainEqual({ name: 'remote', configMap: { name: metadata.name } });
    expect(files).toEqual({ 'remote.vm.args': '-dist_listen false\n' });
  });
});

test.each<[string, NonNullable<NamedEnvironment['beam']>]>([
  ['without epmd', { epmd: false }],
  ['without epmd, by the API', { epmd: false, discovery: 'kubernetesApi', apiServerCidr: '10.96.0.1/32' }],
  ['with TLS and without epmd', { epmd: false, tls: issuer, port: 9100 }],
  ['of one release each', { epmd: false, scope: 'release', preventOverlappingPartitions: false }],
])('a whole environment of nodes %s has no fault, with a gate, tasks and seeds', (_, beam) => {
  const tasks = { sweep: { schedule: '0 4 * * *', run: 'Shop.sweep()' } };
  const seeded = { seeds: true, contract: true, gate: Duration.minutes(20) };
  const existing = [{ kind: 'Issuer', name: 'mesh' }];
  const { faults } = render(build(vary(staging, { beam, tasks, migrations: seeded, quota: undefined, existing })));
  expect(faults).toEqual([]);
});

describe('with TLS', () => {
  const { tried } = made({ tls: issuer });

  test('nodes have a certificate of the issuer, renewed with its key', () => {
    expect(named(tried, 'Certificate', 'kube-native-mesh')['spec']).toEqual({
      secretName: 'kube-native-mesh',
      dnsNames: ['kube-native-mesh'],
      usages: ['digital signature', 'key encipherment', 'server auth', 'client auth'],
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      issuerRef: { group: 'cert-manager.io', kind: 'Issuer', name: 'mesh' },
    });
  });

  test('both ends show it and look at that of the other; names do not count', () => {
    const { data, metadata } = named(tried, 'ConfigMap', 'kube-native-mesh');
    const files =
      '{certfile, "/etc/beam/certificate/tls.crt"}, {keyfile, "/etc/beam/certificate/tls.key"}, {cacertfile, "/etc/beam/certificate/ca.crt"}, {verify, verify_peer}';
    expect(data).toEqual({
      'distribution.conf': `[{server, [${files}, {fail_if_no_peer_cert, true}]},\n {client, [${files}, {customize_hostname_check, [{match_fun, fun(_, _) -> true end}]}]}].\n`,
    });
    const { deployment, firstFlags } = node(tried);
    expect(firstFlags).toBe(
      '-proto_dist inet_tls -ssl_dist_optfile /etc/beam/options/distribution.conf -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372',
    );
    expect(podSpec(deployment)).toMatchObject({ securityContext: { fsGroup: 65534 } });
    expect(podSpec(deployment)['volumes']).toEqual(
      expect.arrayContaining([
        { name: 'beam-certificate', secret: { secretName: 'kube-native-mesh', defaultMode: 0o440 } },
        { name: 'beam-options', configMap: { name: metadata.name } },
      ]),
    );
  });
});

test.each<[string, Partial<BeamClusterProps>, object[]]>([
  ['leaves the files of the node alone, and so the flags that name them', { tls: issuer }, [{ name: 'ERL_AFLAGS', value: '' }]],
  ['has nothing to leave where the flags name none', {}, []],
])('the gate before a node %s', (_, props, expected) => {
  const { tried } = made(props, { migrationGate: Duration.minutes(5) });
  const [gate] = podSpec(node(tried).deployment)['initContainers'] as Manifest[];
  expect((gate?.['env'] as Manifest[]).filter(({ name }) => name === 'ERL_AFLAGS')).toEqual(expected);
});

test('with IPv6 addresses the distribution speaks IPv6', () => {
  expect(node(made({ ipv6: true }).tried).firstFlags).toMatch(/^-proto_dist inet6_tcp -kernel inet_dist_listen_min/);
});

describe('of one release alone', () => {
  const baseOf = (version: string, props: Partial<BeamClusterProps> = {}) => {
    const { env, data } = node(made({ scope: 'release', ...props }, { image: image.replace('1.4.2', version) }).tried);
    return [env.find(({ name }) => name === 'RELEASE_NODE')?.['value'], data.LIBCLUSTER_NODE_BASENAME] as unknown[];
  };

  test('nodes of another version have another name, so they are not found', () => {
    expect(baseOf('1.4.2')).toEqual(['kube_native_umbrella_1_4_2@$(POD_IP)', undefined]);
    expect(baseOf('2.0.0-rc.1')).toEqual(['kube_native_umbrella_2_0_0_rc_1@$(POD_IP)', undefined]);
  });

  test('libcluster looks for that name too', () => {
    const [, base] = baseOf('1.4.2', { discovery: 'kubernetesApi' });
    expect(base).toBe('kube_native_umbrella_1_4_2');
  });
});

test('an image that names its node itself gets what its env.sh expects, and no name', () => {
  const nodeVariables = { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } };
  const { env } = node(made({}, { application: { ...application, nodeVariables } }).tried);
  expect(env.slice(0, 2)).toEqual([podIp, theCookie()]);
  expect(env.map(({ name }) => String(name))).not.toContain('RELEASE_NODE');
});

test('a release of an older tool says what its vm.args expects', () => {
  const distillery = { ...application, release: distilleryRelease({ release: 'kube_native_umbrella' }) };
  const nodeVariables = { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } };
  const complete = { application: { ...distillery, nodeVariables } };
  expect(refusals(made({ cookieVariable: 'ERLANG_COOKIE' }, complete).tried)).toEqual([]);
  expect(refusals(made({}, { application: distillery }).tried)).toEqual([
    "[chart/Cluster] 'application.nodeVariables' must be given for a release of this tool, got nothing; say what its vm.args expects, such as { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } }",
  ]);
});

test('fails when the image names its nodes, and releases are to be kept apart', () => {
  const nodeVariables = { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } };
  expect(refusals(made({ scope: 'release' }, { application: { ...application, nodeVariables } }).tried)).toEqual([
    `[chart/Cluster] 'scope' must be 'environment' where the image names its nodes, got "release"; make the base name in the image's rel/env.sh, from RELEASE_VSN`,
  ]);
});

test('a cookie that the Secret of the release holds too is one variable', () => {
  const variables = { RELEASE_COOKIE: theCookie().valueFrom };
  expect(node(made({}, { variables }).tried).env.filter(({ name }) => name === 'RELEASE_COOKIE')).toEqual([theCookie()]);
});

/** Lines of staging that a change of its cluster adds and removes, names of hashed objects set aside. */
function changed(cluster: Partial<BeamClusterProps>) {
  const lines = (of: NamedEnvironment['beam']): string[] =>
    [...render(build(vary(staging, { beam: of }), new App())).files.values()]
      .join('')
      .replace(/-[0-9a-f]{10}$/gm, '-<hash>')
      .split('\n')
      .map((line) => line.trim());
  const left = lines({ discovery: 'dns' });
  const added: string[] = [];
  for (const line of lines({ discovery: 'dns', ...cluster })) {
    const index = left.indexOf(line);
    if (index < 0) added.push(line);
    else left.splice(index, 1);
  }
  return { added, removed: left };
}

const flags = '+S 1:1 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none';
const range = '-kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372';
const twice = (...lines: string[]) => [...lines, ...lines].toSorted();

describe('one change', () => {
  test('of nothing changes nothing', () => {
    expect(changed({ scope: 'environment', epmd: true })).toEqual({ added: [], removed: [] });
  });

  test('of the scope changes the names of the nodes', () => {
    expect(changed({ scope: 'release' })).toEqual({
      added: twice('value: kube_native_umbrella_1_0_0@$(POD_IP)'),
      removed: twice('value: kube_native_umbrella@$(POD_IP)'),
    });
  });

  test('of the addresses, or of what a lost node takes with it, changes the flags', () => {
    const asked = 'ECTO_IPV6: "true"';
    expect(changed({ ipv6: true })).toEqual({
      // The database runs beside them.
      added: [
        ...[asked, `ERL_AFLAGS: -proto_dist inet6_tcp ${range}`, asked, `ERL_AFLAGS: -proto_dist inet6_tcp ${range}`],
        // Of the job, and of its wait for the database.
        ...['- name: ECTO_IPV6', 'value: "true"', '- name: ECTO_IPV6', 'value: "true"'],
      ],
      removed: twice(`ERL_AFLAGS: ${range}`),
    });
    // The kernel has a default for it: there the last one counts.
    expect(changed({ preventOverlappingPartitions: false })).toEqual({
      added: twice(`ERL_FLAGS: ${flags} -kernel prevent_overlapping_partitions false`),
      removed: twice(`ERL_FLAGS: ${flags}`),
    });
  });

  test('of the port changes it at every place where it stands', () => {
    const { added, removed } = changed({ port: 9100 });
    expect(added).toHaveLength(removed.length);
    expect([...new Set(added)].toSorted()).toEqual([
      '- containerPort: 9100',
      '- containerPort: 9101',
      '- containerPort: 9102',
      '- endPort: 9102',
      'ERL_AFLAGS: -kernel inet_dist_listen_min 9100 inet_dist_listen_max 9102',
      'port: 9100',
    ]);
  });

  test('to TLS adds a certificate and two files, and leaves discovery and fence alone', () => {
    const { added, removed } = changed({ tls: issuer });
    expect(removed).toEqual(twice(`ERL_AFLAGS: ${range}`));
    expect(added.filter((line) => line.startsWith('kind: '))).toEqual(['kind: Certificate', 'kind: Issuer', 'kind: ConfigMap']);
    expect(added.filter((line) => line.startsWith('- mountPath: ')).toSorted()).toEqual(
      twice('- mountPath: /etc/beam/certificate', '- mountPath: /etc/beam/options'),
    );
    expect(added.join('\n')).not.toMatch(/podSelector|containerPort|DNS_CLUSTER/);
  });
});

const nameRule = (most: number) =>
  `be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most ${most} characters`;

test.each<[string, Partial<BeamClusterProps>, string]>([
  [
    'the name leaves no room for "-mesh"',
    { name: 'a'.repeat(48) },
    `'name' must ${nameRule(47)}, got "${'a'.repeat(48)}"; rename it, for example "${'a'.repeat(47)}"`,
  ],
  [
    'the cookie is in no Secret',
    { cookie: { secret: '', key: 'RELEASE_COOKIE' } },
    `'cookie.secret' must ${nameRule(253)}, got ""; rename it, for example "my-app"`,
  ],
  [
    'nodes are to find each other by guessing',
    { discovery: 'gossip' as 'dns' },
    `'discovery' must be 'dns' or 'kubernetesApi', got "gossip"; write one of the 2 words`,
  ],
  [
    'the scope is none',
    { scope: 'pod' as 'release' },
    `'scope' must be 'environment' or 'release', got "pod"; write one of the 2 words`,
  ],
  ['the port needs root', { port: 436 }, "'port' must be a whole number from 1024 to 65533, got 436; omit it to use 4370"],
  [
    'the range of ports has no end',
    { port: 65534 },
    "'port' must be a whole number from 1024 to 65533, got 65534; omit it to use 4370",
  ],
  ['the range holds the port of epmd', { port: 4367 }, `'port' must leave 4369 to epmd, got "4367 to 4369"; omit it to use 4370`],
  [
    'the domain is an address',
    { clusterDomain: 'cluster.local.' },
    `'clusterDomain' must be a DNS host name in lower case, without scheme, port or path, got "cluster.local."; write it as app.example.com`,
  ],
  [
    'the address of the API is no range',
    { apiServerCidr: '10.96.0.1' },
    `'apiServerCidr' must be a range of addresses, got "10.96.0.1"; write 10.96.0.1/32 for this address alone, or how much of it is the network, such as /16`,
  ],
  [
    'the cookie is to be in a variable of no name',
    { cookieVariable: '1st cookie' },
    `'cookieVariable' must hold names of letters, digits, "_", "-" and ".", none starting with a digit, got "1st cookie"; rename the variable`,
  ],
])('fails when %s', (_, props, sentence) => {
  expect(refusalsOf((tried) => new BeamCluster(tried, 'Cluster', { ...minimal, ...props }))).toEqual([
    `[chart/Cluster] ${sentence}`,
  ]);
});

test.each<[string, DistributionTlsProps['issuer'], string]>([
  [
    'the issuer is of another kind',
    { kind: 'Vault' as 'Issuer', name: 'mesh' },
    `'tls.issuer.kind' must be 'Issuer' or 'ClusterIssuer', got "Vault"; write one of the 2 words`,
  ],
  [
    'the issuer has no name',
    { kind: 'Issuer', name: '' },
    `'tls.issuer.name' must ${nameRule(253)}, got ""; rename it, for example "my-app"`,
  ],
])('fails when %s', (_, wrong, sentence) => {
  const faults = refusalsOf((tried) => new BeamCluster(tried, 'Cluster', { ...minimal, tls: { issuer: wrong } }));
  // A word is refused as the Cluster was given it, a name as the certificate has it.
  expect(faults).toEqual([expect.stringMatching(/^\[chart\/Cluster(?:\/Tls)?\] /)]);
  expect(faults[0]).toContain(sentence);
});

test.each(['RELEASE_NODE', 'POD_IP', 'RELEASE_COOKIE', 'DNS_CLUSTER_QUERY'])(
  'fails when a setting would be hidden by, or hide, %s of the cluster',
  (name) => {
    const faults = refusals(made({}, { config: { [name]: 'x' } }).tried);
    expect(faults.filter((fault) => fault.startsWith('[chart/Release]'))).toEqual([
      `[chart/Release] 'config.${name}' must not repeat a variable of the release, got "${name === 'DNS_CLUSTER_QUERY' ? 'x' : '1 characters'}"; remove it: the release sets it from a prop or a Secret`,
    ]);
  },
);
