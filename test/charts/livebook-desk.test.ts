import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  buildEnvironment,
  Checks,
  clusterNeeds,
  LivebookDesk,
  OptOut,
  render,
  Resources,
  synth,
  synthStack,
  type Livebook,
  type LivebookDeskProps,
  type Manifest,
  type NamedEnvironment,
} from '../../lib/index';
import { readYaml } from '../../lib/support/read-yaml';
import { invalidObjects } from '../support/models';
import { report } from '../plan/report';
import { application, build, development, facts, production, staging } from '../support/stack';
import { vary } from '../support/vary';

/** The one file. */
const textOf = (apart: readonly { readonly text: string }[]): string => apart.map(({ text }) => text).join('---\n');

const digest = 'sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';
const livebook: Livebook = { image: `ghcr.io/livebook-dev/livebook:0.19.9@${digest}` };

function rendered(environment: NamedEnvironment) {
  return render(build(environment));
}

function faultsOf(environment: NamedEnvironment): readonly string[] {
  const app = new App();
  try {
    return render(build(environment, app)).faults;
  } catch {
    Checks.of(app).abandon();
    return render(app).faults;
  }
}

/** The objects of the desk by kind and name, without the hash. */
function desk(environment: NamedEnvironment): Readonly<Record<string, Manifest>> {
  const { apart, faults } = rendered(environment);
  expect(faults).toEqual([]);
  const objects = readYaml(textOf(apart)) as Manifest[];
  return Object.fromEntries(
    objects.map((object) => [`${object['kind']} ${String(object['metadata'].name).replace(/-[0-9a-f]{10}$/, '')}`, object]),
  );
}

function podOf(environment: NamedEnvironment): Manifest {
  return desk(environment)['Job kube-native-livebook']?.['spec'].template as Manifest;
}

function variablesOf(environment: NamedEnvironment): Readonly<Record<string, string>> {
  const [container] = podOf(environment)['spec'].containers as Manifest[];
  return Object.fromEntries((container?.['env'] as Manifest[]).map(({ name, value }) => [name, value]));
}

const clustered = vary(production, { livebook });

test('is written whole, and is valid', () => {
  const { apart, faults } = rendered(clustered);
  expect(faults).toEqual([]);
  expect(invalidObjects([textOf(apart)])).toEqual([]);
  expect(textOf(apart)).toMatchSnapshot();
});

test('changes nothing of the environment beside it', () => {
  const [before, after] = [rendered(production), rendered(clustered)];
  expect(before.apart).toEqual([]);
  expect([...after.files]).toEqual([...before.files]);
  expect(report(production, clustered)).toBe(report(production, production));
  expect(report(clustered, production)).toBe(report(production, production));
});

test('finds room where the quota follows from what there is', () => {
  const open = vary(staging, { quota: undefined });
  const [before, after] = [rendered(open).files, rendered(vary(open, { livebook })).files];
  expect([...after].filter(([file, text]) => before.get(file) !== text).map(([file]) => file)).toEqual(['00-namespace.k8s.yaml']);
});

test('with everything set it says all of it', () => {
  const app = new App();
  const { release } = buildEnvironment(app, facts, vary(staging, { quota: undefined }));
  const everything: Required<LivebookDeskProps> = {
    namespace: staging.namespace,
    partOf: application.name,
    labels: { 'example.com/team': 'shop' },
    release,
    image: 'registry.example.com/desk:1.0.0',
    imagePullPolicy: 'IfNotPresent',
    password: { literal: { LIVEBOOK_PASSWORD: 'for-development' } },
    deadline: Duration.minutes(90),
    resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.gibibytes(1) }),
    pods: { nodeSelector: { pool: 'people' } },
  };
  const checks = Checks.of(app);
  for (const rule of ['image-digest', 'literal-secrets']) checks.leaveOut(rule, OptOut.because('it is tried here'));
  const { secret, serviceAccount, job } = new LivebookDesk(app, 'desk', everything);
  expect([secret.secretName, serviceAccount.name]).toEqual(['kube-native-livebook', 'kube-native-livebook']);
  const { apart, faults } = render(app);
  expect(faults).toEqual([]);
  const objects = readYaml(textOf(apart)) as Manifest[];
  const { metadata, data } = objects.find(({ kind }) => kind === 'Secret') ?? {};
  expect([metadata.name, Buffer.from(data.LIVEBOOK_PASSWORD, 'base64').toString()]).toEqual([
    'kube-native-livebook',
    'for-development',
  ]);
  const { spec } = objects.find(({ kind }) => kind === 'Job') ?? {};
  const [container] = spec.template.spec.containers as Manifest[];
  expect(container).toMatchObject({
    image: 'registry.example.com/desk:1.0.0',
    imagePullPolicy: 'IfNotPresent',
    resources: { limits: { cpu: '2', memory: '1Gi' } },
  });
  expect([spec.activeDeadlineSeconds, spec.template.spec.nodeSelector]).toEqual([5400, { pool: 'people' }]);
  expect(spec.template.metadata.labels['example.com/team']).toBe('shop');
  expect((job.toJson() as Manifest)['metadata'].name).toMatch(/^kube-native-livebook-[0-9a-f]{10}$/);
});

test('is no node of the mesh, and no Service leads to it', () => {
  const { labels } = podOf(clustered)['metadata'];
  const { files } = rendered(clustered);
  const services = [...files.values()].flatMap((text) => (readYaml(text) as Manifest[]).filter(({ kind }) => kind === 'Service'));
  expect(services.length).toBeGreaterThan(1);
  for (const { spec } of services) {
    expect(Object.entries(spec.selector as object).every(([label, value]) => labels[label] === value)).toBe(false);
  }
});

test('reaches the ports of the nodes and nothing else, and they let it in by a policy of its own', () => {
  const ports = (mesh: object) => {
    const objects = desk(vary(production, { livebook, beam: mesh }));
    const [own, nodes] = ['', '-nodes'].map((end) => objects[`NetworkPolicy kube-native-livebook${end}`]?.['spec']);
    expect(own.ingress).toBeUndefined();
    const [{ to, ports: out } = {}] = (own.egress as Manifest[]).slice(-1);
    expect(to).toEqual([{ podSelector: nodes.podSelector }]);
    expect(nodes.podSelector).toEqual({ matchLabels: { 'cdk8s-phoenix/mesh': 'kube-native' } });
    const [{ from, ports: into }] = nodes.ingress;
    expect(from).toEqual([{ podSelector: own.podSelector }]);
    expect(into).toEqual(out);
    return (out as Manifest[]).map(({ port, endPort = port }) => [port, endPort]);
  };
  expect(ports({ discovery: 'dns' })).toEqual([
    [4369, 4369],
    [4370, 4372],
  ]);
  expect(ports({ port: 9100, epmd: false })).toEqual([[9100, 9100]]);
  // With the Kubernetes API the nodes ask who is there, and the desk does not.
  expect(ports({ discovery: 'kubernetesApi', port: 9100 })).toEqual([
    [4369, 4369],
    [9100, 9102],
  ]);
});

test('makes no policy where nobody fences the namespace, for it would shut others out', () => {
  const app = new App();
  buildEnvironment(app, facts, clustered);
  app.charts.find(({ node }) => node.id === '08-network')?.node.tryRemoveChild('Fence');
  Checks.of(app).leaveOut('network-fenced', OptOut.because('the fence is taken away here'));
  const { apart, faults } = render(app);
  expect(faults).toEqual([]);
  expect((readYaml(textOf(apart)) as Manifest[]).map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Job']);
});

test('tells its own VM the port of nodes without epmd, and not those of its notebooks', () => {
  const alone = vary(production, { livebook, beam: { epmd: false, port: 9100 } });
  const arguments_ = desk(alone)['ConfigMap kube-native-livebook'];
  expect(arguments_?.['data']).toEqual({
    'vm.args': '+sbwt none +sbwtdcpu none +sbwtdio none +Q 65536\n-epmd_module Elixir.Livebook.EPMD\n-erl_epmd_port 9100\n',
  });
  expect(variablesOf(alone)).toMatchObject({ RELEASE_VM_ARGS: '/etc/livebook/vm.args', ERL_FLAGS: '+S 1:1 +Q 65536' });
  const { volumes, containers } = podOf(alone)['spec'];
  expect(volumes).toContainEqual({ name: 'arguments', configMap: { name: arguments_?.['metadata'].name } });
  expect(containers[0].volumeMounts).toContainEqual({ name: 'arguments', mountPath: '/etc/livebook', readOnly: true });
  expect(variablesOf(clustered)).not.toHaveProperty('RELEASE_VM_ARGS');
});

test('speaks to nodes by IPv6 where they do', () => {
  expect(variablesOf(vary(production, { livebook, beam: { ipv6: true } }))['ERL_AFLAGS']).toBe('-proto_dist inet6_tcp');
  expect(variablesOf(clustered)).not.toHaveProperty('ERL_AFLAGS');
});

test('stays out of a mesh of sidecars, past which the nodes are reached', () => {
  const meshed = vary(production, { livebook, quota: undefined, mesh: { gateways: ['envoy-gateway-system'] } });
  expect(podOf(meshed)['metadata'].labels).toHaveProperty(['sidecar.istio.io/inject'], 'false');
  expect(podOf(clustered)['metadata'].labels).not.toHaveProperty(['sidecar.istio.io/inject']);
});

test('has what all pods have, but for the login and the user of the application', () => {
  const placed = vary(production, { livebook, pods: { nodeSelector: { zone: 'a' }, user: 20000 } });
  const { nodeSelector, securityContext } = podOf(placed)['spec'];
  expect([nodeSelector, securityContext.runAsUser]).toEqual([{ zone: 'a' }, 65534]);
});

test('needs its password', () => {
  const app = build(clustered);
  render(app);
  const secret = { kind: 'Secret', name: 'kube-native-livebook', namespace: production.namespace, keys: ['LIVEBOOK_PASSWORD'] };
  expect(clusterNeeds(app).objects).toContainEqual(secret);
});

test('is another Job where it differs', () => {
  const nameOf = (environment: NamedEnvironment) => desk(environment)['Job kube-native-livebook']?.['metadata'].name as string;
  expect(nameOf(clustered)).toBe(nameOf(clustered));
  expect(nameOf(vary(production, { livebook: { ...livebook, deadline: Duration.hours(1) } }))).not.toBe(nameOf(clustered));
});

test('is in no step of Flux', () => {
  const { apart, files, faults } = rendered(vary(clustered, { delivery: 'flux' }));
  expect(faults).toEqual([]);
  expect(textOf(apart)).toContain('kind: Job');
  expect([...files.keys()].filter((file) => file.includes('livebook'))).toEqual([]);
});

test.each<[string, object, string]>([
  [
    'nodes are in no cluster',
    { beam: undefined },
    "[livebook] 'beam' must be there: nodes that are in no cluster listen on the loopback of their own pods, got nothing; " +
      'let them be in one (beam), or look in from a laptop by kubectl port-forward',
  ],
  [
    'nodes ask for certificates',
    { beam: { tls: { issuer: { kind: 'Issuer', name: 'mesh' } } } },
    "[livebook] 'beam' must speak in clear text: nodes with tls take nobody without a certificate of their issuer, and Livebook " +
      'has none, got "tls"; take `remote` in a pod, or leave tls out',
  ],
  [
    'sidecars speak for the nodes',
    { mesh: { gateways: ['envoy-gateway-system'], distribution: 'mutual-tls' } },
    '[app] \'mesh.distribution\' must leave the nodes to themselves where a Livebook connects to them, got "mutual-tls"; leave ' +
      "distribution out, which is 'excluded'",
  ],
  [
    'the password is short',
    { livebook: { ...livebook, password: { literal: { LIVEBOOK_PASSWORD: 'too short' } } } },
    "[livebook] 'livebook.password.literal.LIVEBOOK_PASSWORD' must have 12 characters or more, as Livebook demands, got " +
      '"9 characters"; write a longer one',
  ],
  [
    'it would stay open for days',
    { livebook: { ...livebook, deadline: Duration.days(2) } },
    "[livebook] 'livebook.deadline' must be whole seconds from 60s to 86400s, got 172800s; omit it to use 8 hours",
  ],
  [
    'its image has no version',
    { livebook: { image: 'ghcr.io/livebook-dev/livebook' } },
    "[livebook] 'livebook.image' must name one version",
  ],
  [
    'a key of the password is misspelt',
    { livebook: { ...livebook, password: { literal: { LIVEBOOK_PASWORD: 'for-development' } } } },
    "LIVEBOOK_PASSWORD' must have a text as its value",
  ],
])('fails where %s', (_, change, fault) => {
  expect(faultsOf({ ...clustered, ...change })).toContainEqual(expect.stringContaining(fault));
});

describe('attaches to nodes of its own Elixir', () => {
  const facts = (elixir?: string) => ({ application: { ...application, ...(elixir ? { image: { elixir } } : {}) } });
  const faults = (image: string, elixir?: string, optOuts = {}): readonly string[] => {
    const own = { ...production, livebook: { image }, optOuts: { 'image-digest': OptOut.because('tried here'), ...optOuts } };
    return render(build(own, new App(), facts(elixir))).faults;
  };
  const official = 'ghcr.io/livebook-dev/livebook';

  test.each([
    ['the same', `${official}:0.17.3`, '1.18.4'],
    ['one that is not known', `${official}:0.17.3`, undefined],
    ['that of a Livebook that is not known', `${official}:9.0.0`, '1.18.4'],
    ['that of an image of its own', 'registry.example.com/livebook:0.19.9', '1.18.4'],
  ])('%s', (_, image, elixir) => {
    expect(faults(image, elixir)).toEqual([]);
  });

  test.each([
    ['1.18.4', 'take one of 0.15, 0.16, 0.17'],
    ['1.20.0-rc.1', 'build its image with that Elixir, under a name of your own'],
  ])('and fails with those of %s', (elixir, fix) => {
    const minor = elixir.slice(0, 4);
    expect(faults(`${official}:0.19.9`, elixir)).toEqual([
      "[livebook/Job] 'spec.template.spec.containers[0].image' must be a Livebook of Elixir " +
        `${minor}, which 'application.image' says of the nodes, and not of 1.19, got "${official}:0.19.9"; ` +
        `${fix}, or leave the rule out: by :erpc its notebooks call any version (livebook-attaches)`,
    ]);
    const reason = OptOut.because('its notebooks call by :erpc');
    expect(faults(`${official}:0.19.9`, elixir, { 'livebook-attaches': reason })).toEqual([]);
  });
});

describe('its file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'livebook-'));
  const outdir = join(folder, 'dist');
  const file = join(outdir, 'livebook', 'production.yaml');
  const printed: string[] = [];
  const written = (environment: NamedEnvironment, name = 'production') =>
    synth(outdir, { [name]: (app) => build(environment, app) });

  beforeEach(() => {
    printed.length = 0;
    jest.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line));
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
    rmSync(outdir, { recursive: true, force: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('stands beside the folder of the environment, and goes with the next run without it', () => {
    expect(written(clustered)).toBe(true);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^# No part of the environment: kubectl apply -f opens it, kubectl delete -f closes it\.\napiVersion/);
    expect(readdirSync(join(outdir, 'production')).filter((name) => name.includes('livebook'))).toEqual([]);
    expect(written(clustered)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(written(production)).toBe(true);
    expect(readdirSync(outdir)).toEqual(['production']);
  });

  test('is gone after a fault, with what was being written', () => {
    written(clustered);
    expect(written(vary(clustered, { kubernetes: '1.0' as never }))).toBe(false);
    expect(existsSync(join(outdir, 'livebook'))).toBe(false);
    expect(written({ ...clustered, name: 'one' }, 'one')).toBe(true);
    const two = synth(outdir, {
      one: (app) => build(clustered, app),
      two: (app) => build({ ...clustered, namespace: '-' }, app),
    });
    expect([two, existsSync(join(outdir, 'livebook'))]).toEqual([false, false]);
  });

  test('takes the place of no file that somebody else has written', () => {
    mkdirSync(join(outdir, 'livebook'), { recursive: true });
    writeFileSync(file, 'mine: true\n');
    expect(written(clustered)).toBe(false);
    const must = `production: [app] 'outdir' must be left to what is written here, got "${file}"; move the file, which somebody else has written`;
    expect(printed.join('\n')).toContain(must);
    expect(readFileSync(file, 'utf8')).toBe('mine: true\n');
    expect(written(production)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('mine: true\n');
  });

  test('is no environment of a previous output', () => {
    written(clustered);
    const run = (environment: NamedEnvironment) =>
      synth(join(folder, 'now'), { production: (app) => build(environment, app) }, { previous: outdir });
    expect([run(clustered), run(production)]).toEqual([true, true]);
    expect(printed.filter((line) => line.includes('compared'))).toEqual(Array(2).fill(`compared with ${outdir}: production`));
    expect(printed.filter((line) => /retired|kubectl apply leaves/.test(line))).toEqual([]);
  });

  test('is in a folder that no environment is called by', () => {
    expect(written(production, 'livebook')).toBe(false);
    expect(printed.join('\n')).toContain(
      'livebook: [app] \'name\' must be no name of a folder for something else, got "livebook"; rename the environment: the files ' +
        "of each LivebookDesk are in 'livebook'",
    );
  });

  test('is no service of compose.yaml', () => {
    const one = vary(development, { beam: { discovery: 'dns' }, quota: undefined });
    const compose = (environment: NamedEnvironment): string => {
      expect(synthStack({ ...facts, environments: { development: environment } }, { outdir })).toBe(true);
      return readFileSync(join(outdir, 'image', 'compose.yaml'), 'utf8');
    };
    const before = compose(one);
    expect(compose(vary(one, { livebook }))).toBe(before);
    const wrote = `wrote ${['development', 'livebook', 'image'].map((name) => `${outdir}/${name}`).join(', ')}\n`;
    expect(printed).toContain(wrote);
    expect(existsSync(join(outdir, 'livebook', 'development.yaml'))).toBe(true);
  });
});
