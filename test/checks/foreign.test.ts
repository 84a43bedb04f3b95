import { parseAllDocuments } from 'yaml';
import { clusterComplete } from '../../lib/checks/beam/cluster-complete';
import { distributionPinned, distributionPrivate } from '../../lib/checks/beam/distribution';
import { keyBaseLength } from '../../lib/checks/beam/serving';
import { apiRules } from '../../lib/checks/api/rules';
import { nodeIsItsPod } from '../../lib/checks/beam/nodes';
import { portTable } from '../../lib/checks/beam/emulator-size';
import { reservedVariables } from '../../lib/checks/beam/variables';
import { shellPassesSignals } from '../../lib/checks/beam/shutdown';
import { phxHostRouted } from '../../lib/checks/hosts/hosts';
import { oneOwner, selectorMatchesTemplate } from '../../lib/checks/identity/selectors';
import { claimExists } from '../../lib/checks/references/existing';
import { governingService, selectorFindsPods, serviceInItsNamespace } from '../../lib/checks/references/services';
import { databaseKeepsData } from '../../lib/checks/rollout/databases';
import { portNames, targetPorts } from '../../lib/checks/references/ports';
import { helmHookNamed } from '../../lib/checks/rollout/jobs';
import { livenessApart, probePorts, startupBudget } from '../../lib/checks/rollout/probes';
import { judge, objectsOf, worldOf } from '../../lib/checks/index';
import { servedReady } from '../../lib/checks/rollout/readiness';
import { singleWriter } from '../../lib/checks/rollout/claims';
import { secretInPlainText } from '../../lib/checks/secrets/shown';
import type { Manifest, Rule } from '../../lib/index';
import { foundIn } from '../support/raw';

/** What a rule says of YAML as teams write it by hand, with the severity where it is no error. */
function says(rule: Rule, ...documents: string[]): string[] {
  const manifests = documents.flatMap((text) => parseAllDocuments(text).map((one) => one.toJS() as Manifest));
  return foundIn(rule, manifests).map(
    ({ field, must, got, fix, severity }) =>
      `${severity ? `${severity}: ` : ''}${field} must ${must}, got ${JSON.stringify(got)}; ${fix}`,
  );
}

/** A controller of pods; what is given is YAML of its container. */
function controller(
  container = '',
  { kind = 'Deployment', pod = '', spec = '', name = 'shop', namespace = 'sales' } = {},
): string {
  const inside = (text: string, depth: number) => text.replaceAll(/^(?=.)/gm, ' '.repeat(depth));
  return `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${name} } }
${inside(spec, 2)}
  template:
    metadata: { labels: { app: ${name} } }
    spec:
${inside(pod, 6)}
      containers:
        - name: main
          image: registry.example.com/${name}:1.0.0
${inside(container, 10)}
`;
}

function service(spec: string, { name = 'shop', namespace = 'sales' } = {}): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;
}

const headless = service('{ clusterIP: None, selector: { app: shop }, ports: [{ port: 4369, name: epmd }] }', { name: 'nodes' });
const env = (...variables: string[]) => `env:\n${variables.map((one) => `  - ${one}`).join('\n')}`;
const POD_IP = '{ name: POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }';
const POD_NAME = '{ name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }';
const COOKIE = '{ name: RELEASE_COOKIE, valueFrom: { secretKeyRef: { name: shop, key: cookie } } }';
const LONG = '{ name: RELEASE_DISTRIBUTION, value: name }';

describe('one-owner, with a Pod beside its controller', () => {
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: { name: ask, namespace: sales, labels: { app: shop } }\nspec: { containers: [] }';

  test.each(['Deployment', 'StatefulSet'])('a %s does not take one that has neither its hash nor its number', (kind) => {
    expect(says(oneOwner, controller('', { kind }), pod)).toEqual([]);
  });

  test('warns of a Job, whose pods stay its own', () => {
    const job = controller('', { kind: 'Job', name: 'shop' })
      .replace('apps/v1', 'batch/v1')
      .replace('name: shop', 'name: migrate');
    expect(says(oneOwner, controller(), job)).toEqual([expect.stringMatching(/^warning: spec\.selector must/)]);
  });

  test('fails of a DaemonSet, which takes any', () => {
    expect(says(oneOwner, controller('', { kind: 'DaemonSet' }), pod)).toHaveLength(1);
  });
});

describe('probes of programs that are no BEAM', () => {
  const both = (path: string) => `livenessProbe: { httpGet: { path: ${path}, port: 80 } }
readinessProbe: { httpGet: { path: ${path}, port: 80 } }`;

  test('may ask the same where no database is behind them', () => {
    expect(says(livenessApart, controller(both('/')))).toEqual([]);
  });

  test('are warned of where one is', () => {
    const database = '{ name: DATABASE_URL, value: "postgres://db/shop" }';
    expect(says(livenessApart, controller(`${both('/up')}\n${env(database)}`))).toEqual([
      expect.stringMatching(/^warning: spec\.template\.spec\.containers\[0\]\.livenessProbe must ask something else/),
    ]);
  });

  test('ask a broker of Erlang about itself', () => {
    const broker = `image: rabbitmq:4-management\n${both('/health')}\n${env(COOKIE)}`;
    expect(says(livenessApart, controller(broker))).toEqual([]);
    expect(says(livenessApart, controller(`${both('/health')}\n${env(COOKIE)}`))).toHaveLength(1);
  });

  test('ask the database itself by a command', () => {
    const ready = '{ exec: { command: [pg_isready] } }';
    const probes = `livenessProbe: ${ready}\nreadinessProbe: ${ready}\n${env('{ name: POSTGRES_USER, value: shop }')}`;
    expect(says(livenessApart, controller(probes))).toEqual([]);
  });

  test('need no startup probe where half a minute is left to the start', () => {
    expect(says(startupBudget, controller(both('/')))).toEqual([]);
    expect(says(startupBudget, controller('livenessProbe: { httpGet: { port: 80 }, periodSeconds: 5 }'))).toHaveLength(1);
    // The same of a release is refused: code and migrations are looked at before it answers.
    expect(says(startupBudget, controller(`${both('/')}\n${env('{ name: PHX_HOST, value: shop.example.com }')}`))).toHaveLength(
      1,
    );
  });

  test('may ask a port that the list of ports leaves out', () => {
    const undeclared = 'ports: [{ containerPort: 9443 }]\nreadinessProbe: { httpGet: { port: 8081 } }';
    expect(says(probePorts, controller(undeclared))).toEqual([]);
    expect(says(probePorts, controller(undeclared.replace('9443', '8081, protocol: UDP')))).toHaveLength(1);
    expect(says(probePorts, controller(`${undeclared}\n${env('{ name: PHX_SERVER, value: "true" }')}`))).toHaveLength(1);
  });
});

describe('target-ports, of a Service that is right elsewhere', () => {
  const ports = 'ports: [{ containerPort: 4000, name: http }]';
  const of = (list: string) => service(`{ selector: { app: shop }, ports: [${list}] }`);

  test('warns of a port that no container lists', () => {
    const found = says(targetPorts, controller(ports), of('{ port: 80, targetPort: http }, { port: 9568, name: metrics }'));
    expect(found).toEqual([
      expect.stringMatching(/^warning: spec\.ports\[1\]\.port must be a port that Deployment shop listens on/),
    ]);
  });

  test('fails where that is its only one', () => {
    expect(says(targetPorts, controller(ports), of('{ port: 80, targetPort: 4001 }'))).toEqual([
      expect.stringMatching(/^spec\.ports\[0\]\.targetPort must be/),
    ]);
  });

  test('warns where a variable of a Secret that is not in the input may say so', () => {
    const hidden = controller(`${ports}\nenvFrom: [{ secretRef: { name: shop } }]`);
    expect(says(targetPorts, hidden, of('{ port: 80, targetPort: 4001 }'))).toEqual([
      expect.stringMatching(/^warning: spec\.ports\[0\]\.targetPort must be/),
    ]);
    expect(says(targetPorts, hidden, of('{ port: 80, targetPort: 4000 }'))).toEqual([]);
  });
});

test('port-names, where no container has named a port, offers none', () => {
  const found = says(
    portNames,
    controller('ports: [{ containerPort: 4000 }]'),
    service('{ selector: { app: shop }, ports: [{ port: 80, targetPort: web }] }'),
  );
  expect(found).toEqual([expect.stringMatching(/got "?web"?; name the container's port so$/)]);
});

describe('nodes of a release', () => {
  const named = (host: string) => env(POD_IP, POD_NAME, LONG, `{ name: RELEASE_NODE, value: "shop@${host}" }`, COOKIE);

  test('may look for each other as the image is told, where a headless Service lists them', () => {
    expect(says(clusterComplete, controller(named('$(POD_IP)')), headless)).toEqual([]);
    expect(says(clusterComplete, controller(named('$(POD_IP)')))).toEqual([expect.stringContaining('DNS_CLUSTER_QUERY')]);
  });

  test('fail with the record of a StatefulSet in a Deployment, which no pod of it has', () => {
    const container = named('$(POD_NAME).nodes.sales.svc.cluster.local');
    expect(says(nodeIsItsPod, controller(container), headless)).toEqual([
      expect.stringContaining("RELEASE_NODE must end in the pod's own address, by which other nodes call it"),
    ]);
    expect(says(nodeIsItsPod, controller(container, { kind: 'StatefulSet', spec: 'serviceName: nodes' }), headless)).toEqual([]);
    expect(says(nodeIsItsPod, controller(container, { pod: 'hostname: shop\nsubdomain: nodes' }), headless)).toEqual([]);
  });

  test('may have their address in HOSTNAME', () => {
    const address = '{ name: HOSTNAME, valueFrom: { fieldRef: { fieldPath: status.podIP } } }';
    expect(says(reservedVariables, controller(env(LONG, address)))).toEqual([]);
    expect(says(reservedVariables, controller(env(LONG, '{ name: HOSTNAME, value: localhost }')))).toHaveLength(1);
  });

  test('are not open to others by a route inside of a mesh', () => {
    const route = (gateways: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: epmd, namespace: sales }
spec: { hosts: [nodes], ${gateways}tcp: [{ route: [{ destination: { host: nodes, port: { number: 4369 } } }] }] }`;
    expect(says(distributionPrivate, controller(named('$(POD_IP)')), headless, route(''))).toEqual([]);
    expect(says(distributionPrivate, controller(named('$(POD_IP)')), headless, route('gateways: [mesh], '))).toEqual([]);
    expect(says(distributionPrivate, controller(named('$(POD_IP)')), headless, route('gateways: [public], '))).toHaveLength(1);
  });
});

describe('what runs a BEAM', () => {
  const taken = (container: string) => {
    const found = says(portTable, controller(container));
    return found.length > 0;
  };

  test.each([
    'command: [/bin/sh]\nargs: [-c, bin/shop start]',
    'command: [mix]\nargs: [phx.server]',
    'command: [sh, -c, "mix do ecto.create, ecto.migrate"]',
    'command: [sh, -c, "/app/bin/shop eval Shop.Release.migrate"]',
    'image: ghcr.io/plausible/community-edition:v3.0.0',
    'image: registry.example.com/elixir-shop:1.0.0',
    'image: registry.example.com/phoenix:1.0.0\nports: [{ containerPort: 4000 }]',
  ])('is taken for it: %j', (container) => {
    expect(taken(container)).toBe(true);
  });

  test.each([
    'image: registry.example.com/phoenix:1.0.0\nports: [{ containerPort: 6006 }]',
    'command: [sh, -c, /usr/bin/shop start]',
    'command: [nginx, start]',
    'image: registry.example.com/plausible-exporter:1.0.0',
  ])('is not: %j', (container) => {
    expect(taken(container)).toBe(false);
  });
});

describe('a pod without a fence', () => {
  const node = env(POD_IP, LONG, '{ name: RELEASE_NODE, value: "shop@$(POD_IP)" }', COOKIE);
  const policy =
    'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: all, namespace: sales }\nspec: { podSelector: {}, policyTypes: [Ingress] }';

  test('needs no pinned ports of the distribution: any is open', () => {
    expect(says(distributionPinned, controller(node), headless)).toEqual([]);
    expect(says(distributionPinned, controller(node), headless, policy)).toHaveLength(1);
  });
});

describe('served-ready, beside the Service of the nodes', () => {
  test('is not asked by who looks for nodes, which may be booting', () => {
    expect(says(servedReady, controller('ports: [{ containerPort: 4369 }]'), headless)).toEqual([]);
    const unheard = service('{ clusterIP: None, selector: { app: shop }, ports: [{ port: 8000 }] }', { name: 'lookup' });
    expect(says(servedReady, controller('ports: [{ containerPort: 4000 }]'), unheard)).toEqual([]);
  });

  test('names the Service that has an address', () => {
    const listens = 'ports: [{ containerPort: 8000 }]';
    const pods = service('{ clusterIP: None, selector: { app: shop }, ports: [{ port: 8000 }] }', { name: 'pods' });
    expect(says(servedReady, controller(listens), pods, service('{ selector: { app: shop }, ports: [{ port: 80 }] }'))).toEqual([
      expect.stringContaining('because a Service sends requests'),
    ]);
    expect(says(servedReady, controller(listens), pods)).toHaveLength(1);
  });
});

describe('single-writer, of pods that stay on one node', () => {
  const claim =
    'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: files, namespace: sales }\nspec: { accessModes: [ReadWriteOnce] }';
  const volume = 'volumes: [{ name: files, persistentVolumeClaim: { claimName: files } }]';
  const near = (app: string) =>
    `affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: ${app} } } }] } }`;

  test('lets the new one come beside the old one', () => {
    expect(says(singleWriter, controller('', { pod: volume }), claim)).toHaveLength(1);
    expect(says(singleWriter, controller('', { pod: `${volume}\n${near('shop')}` }), claim)).toEqual([]);
    expect(says(singleWriter, controller('', { pod: `${volume}\n${near('other')}` }), claim)).toHaveLength(1);
  });
});

describe('what one fault explains', () => {
  const judgedBy = (rules: readonly Rule[], ...documents: string[]) =>
    judge(worldOf(objectsOf(documents.map((text) => parseAllDocuments(text)[0]?.toJS() as Manifest))), rules).map(
      ([{ name }]) => name,
    );

  test('a version that is gone explains the fields that it had', () => {
    const asked = apiRules.filter(({ name }) => ['api-version', 'ingress-fields'].includes(name));
    const ingress = (version: string) => `
apiVersion: networking.k8s.io/${version}
kind: Ingress
metadata: { name: shop, namespace: sales }
spec: { rules: [{ host: shop.example.com, http: { paths: [{ backend: { serviceName: shop, servicePort: 80 } }] } }] }`;
    expect(judgedBy(asked, ingress('v1beta1'))).toEqual(['api-version']);
    expect(new Set(judgedBy(asked, ingress('v1')))).toEqual(new Set(['ingress-fields']));
  });

  test('a cookie in plain text is told once', () => {
    const cookie = env(
      POD_IP,
      LONG,
      '{ name: RELEASE_NODE, value: "shop@$(POD_IP)" }',
      '{ name: RELEASE_COOKIE, value: monster }',
    );
    const both = [clusterComplete, secretInPlainText];
    expect(judgedBy(both, controller(cookie), headless)).toEqual(['secret-in-plain-text']);
    expect(judgedBy([clusterComplete], controller(cookie), headless)).toEqual(['cluster-complete']);
  });
});

describe('key-base-length', () => {
  const short = 'made-up-by-hand';
  const secret = (data: string) => `apiVersion: v1\nkind: Secret\nmetadata: { name: shop, namespace: sales }\n${data}`;
  const read = env('{ name: SECRET_KEY_BASE, valueFrom: { secretKeyRef: { name: shop, key: base } } }');

  test('fails when the key is shorter than the cookies of Plug want it', () => {
    const found = says(keyBaseLength, controller(env(`{ name: SECRET_KEY_BASE, value: ${short} }`)));
    expect(found).toEqual([
      'spec.template.spec.containers[0].env.SECRET_KEY_BASE must have 64 bytes or more, got "15 bytes"; make one with mix phx.gen.secret',
    ]);
  });

  test('fails at the Secret, once for all who read it', () => {
    const encoded = Buffer.from(short).toString('base64');
    const two = [controller(read), controller(read, { name: 'worker' })];
    expect(says(keyBaseLength, ...two, secret(`data: { base: ${encoded} }`))).toEqual([
      expect.stringMatching(/^data\.base must/),
    ]);
    expect(says(keyBaseLength, ...two, secret(`stringData: { base: ${short} }`))).toEqual([
      expect.stringMatching(/^stringData\.base must/),
    ]);
  });

  test('takes a long one, one that the cluster has, and what runs migrations alone', () => {
    expect(says(keyBaseLength, controller(env(`{ name: SECRET_KEY_BASE, value: ${'k'.repeat(64)} }`)))).toEqual([]);
    expect(says(keyBaseLength, controller(read))).toEqual([]);
    const job = controller(env(`{ name: SECRET_KEY_BASE, value: ${short} }`), { kind: 'Job' });
    expect(says(keyBaseLength, job.replace('apps/v1', 'batch/v1'))).toEqual([]);
  });
});

describe('shell-passes-signals', () => {
  const release = env('{ name: PHX_SERVER, value: "true" }');
  const shell = (script: string) => controller(`command: [/bin/sh, -c]\nargs: [${JSON.stringify(script)}]\n${release}`);

  test('warns of a shell that stays above the release', () => {
    expect(says(shellPassesSignals, shell('bin/shop eval Shop.Release.migrate && \\\n bin/shop start'))).toEqual([
      'spec.template.spec.containers[0].args[0] must end with exec, got "bin/shop start"; write exec bin/shop start: the shell becomes the program, and SIGTERM reaches it',
    ]);
    expect(shellPassesSignals.severity).toBe('warning');
  });

  test.each([
    'bin/shop migrate && exec bin/shop start',
    'bin/shop start',
    'set -e\ncd /app\n# the server\nbin/shop start',
    "trap 'kill $!' TERM; bin/shop start & wait",
  ])('finds nothing in %j', (script) => {
    expect(says(shellPassesSignals, shell(script))).toEqual([]);
  });
});

describe('service-in-its-namespace', () => {
  const nodes = (value: string) => controller(env(`{ name: NODES, value: ${value} }`));

  test('fails when a name kept the namespace that its Service left', () => {
    expect(says(serviceInItsNamespace, nodes('nodes.default.svc.cluster.local'), headless)).toEqual([
      'spec.template.spec.containers[0].env.NODES must name Service nodes in its own namespace, sales, got "nodes.default.svc"; write nodes.sales.svc in NODES, or nodes alone',
    ]);
  });

  test('takes the right one, one of another namespace, and one that is not here at all', () => {
    const other = service('{ selector: { app: other } }', { name: 'nodes', namespace: 'default' });
    expect(says(serviceInItsNamespace, nodes('nodes.sales.svc.cluster.local'), headless)).toEqual([]);
    expect(says(serviceInItsNamespace, nodes('nodes.default.svc'), headless, other)).toEqual([]);
    expect(says(serviceInItsNamespace, nodes('db.default.svc'), headless)).toEqual([]);
  });
});

describe('what else YAML by hand has', () => {
  test('a host of the laptop behind a load balancer is warned of', () => {
    const balancer = service('{ type: LoadBalancer, selector: { app: shop }, ports: [{ port: 80, targetPort: 4000 }] }');
    expect(says(phxHostRouted, controller(env('{ name: PHX_HOST, value: localhost }')), balancer)).toEqual([
      expect.stringMatching(/^warning: .*PHX_HOST must be the host by which Service shop is reached, got "localhost"/),
    ]);
    expect(says(phxHostRouted, controller(env('{ name: PHX_HOST, value: shop.example.com }')), balancer)).toEqual([]);
  });

  test('a Service with an address is enough for a StatefulSet of one pod, and not for more', () => {
    const set = (replicas: number) => controller('', { kind: 'StatefulSet', spec: `serviceName: shop\nreplicas: ${replicas}` });
    const address = service('{ selector: { app: shop } }');
    expect(says(governingService, set(1), address)).toEqual([expect.stringMatching(/^warning: spec\.serviceName must/)]);
    expect(says(governingService, set(2), address)).toEqual([expect.stringMatching(/^spec\.serviceName must/)]);
  });

  test('a selector that is not there is to be written', () => {
    const without = controller().replace(/^ {2}selector.*\n/m, '');
    expect(says(selectorMatchesTemplate, without)).toEqual([
      expect.stringMatching(/; write these labels into spec\.selector\.matchLabels$/),
    ]);
  });

  test('a cookie of HTTP in a probe, and JSON around references, are no secrets', () => {
    const probe = 'readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: Cookie, value: session=of-the-probe }] } }';
    expect(says(secretInPlainText, controller(probe))).toEqual([]);
    const keys = (value: string) => controller(env(`{ name: API_SECRET_KEYS, value: '${value}' }`));
    expect(says(secretInPlainText, keys('{"default":"$(API_SECRET_KEY)"}'))).toEqual([]);
    expect(says(secretInPlainText, keys('{"default":"$(API_SECRET_KEY)","old":"correct-horse"}'))).toHaveLength(1);
  });
});

describe('database-keeps-data', () => {
  const mount = (path: string) => `volumeMounts: [{ name: data, mountPath: ${path} }]`;

  test('fails when a database writes into its container alone', () => {
    expect(says(databaseKeepsData, controller('image: mysql:8.4'))).toEqual([
      'spec.template.spec.containers[0].volumeMounts must have a volume at /var/lib/mysql, got undefined; mount a volume of a PersistentVolumeClaim there; an emptyDir where the data may be lost with the pod',
    ]);
    expect(says(databaseKeepsData, controller(`image: postgres:18\n${mount('/etc/postgresql')}`))).toHaveLength(1);
  });

  test.each([
    ['a volume at its folder', `image: postgres:17\n${mount('/var/lib/postgresql/data')}`],
    ['one around it', `image: mongo:8\n${mount('/data')}`],
    ['another folder', `image: postgres:17\n${mount('/data')}\n${env('{ name: PGDATA, value: /data/pg }')}`],
    ['a client', 'image: postgres:17\ncommand: [pg_dump]'],
    ['another program', 'image: registry.example.com/mysql-exporter:1.0.0'],
  ])('takes %s', (_, container) => {
    expect(says(databaseKeepsData, controller(container))).toEqual([]);
  });
});

describe('names of what is made elsewhere', () => {
  test('a claim template takes the place of the volume of its name', () => {
    const templates = 'volumeClaimTemplates: [{ metadata: { name: data } }]';
    const volume = (name: string) => `volumes: [{ name: ${name}, persistentVolumeClaim: { claimName: data } }]`;
    const set = (name: string) => controller('', { kind: 'StatefulSet', spec: templates, pod: volume(name) });
    expect(says(claimExists, set('data'))).toEqual([]);
    expect(says(claimExists, set('other'))).toHaveLength(1);
  });

  test('pods of a namespace of which there are none here are somebody else’s', () => {
    const monitored = service('{ selector: { app: exporter } }', { name: 'exporter', namespace: 'monitoring' });
    expect(says(selectorFindsPods, controller(), monitored)).toEqual([
      expect.stringMatching(/^warning: spec\.selector must find/),
    ]);
    expect(says(selectorFindsPods, controller(), monitored.replace('monitoring', 'sales'))).toEqual([
      expect.stringMatching(/^spec\.selector must find/),
    ]);
  });
});

describe('helm-hook-named', () => {
  const job = (annotations: string) =>
    `apiVersion: batch/v1\nkind: Job\nmetadata: { name: migrate, annotations: { ${annotations} } }\nspec: {}`;

  test('warns of a Job that is no hook, for all that it says', () => {
    expect(says(helmHookNamed, job('helm.sh/hook-delete-policy: hook-succeeded'))).toEqual([
      'metadata.annotations["helm.sh/hook"] must be given beside helm.sh/hook-delete-policy, got undefined; write pre-install,pre-upgrade, or another time, or take helm.sh/hook-delete-policy out',
    ]);
    expect(helmHookNamed.severity).toBe('warning');
  });

  test.each(['helm.sh/hook: pre-upgrade, helm.sh/hook-weight: "1"', 'helm.sh/hook: pre-upgrade', 'team: shop'])(
    'takes %s',
    (annotations) => {
      expect(says(helmHookNamed, job(annotations))).toEqual([]);
    },
  );
});
