import { planOf } from '../../lib/plan/plan';
import { planText, type Format } from '../../lib/plan/text';
import { worldOf } from '../../lib/plan/world';
import { readYaml } from '../../lib/support/read-yaml';
import type { Manifest } from '../../lib/index';

/** What is said where, in YAML of other people, one text becomes another one. */
function change(yaml: string, was: string, is: string, format: Format = 'text'): string {
  const world = (text: string) => worldOf(readYaml(text) as Manifest[]);
  return planText([planOf('shop', { world: world(yaml) }, { world: world(yaml.replaceAll(was, is)) })], format);
}

const object = (apiVersion: string, kind: string, rest: string): string =>
  `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: shop, namespace: shop}, ${rest}}`;
const pod = (rest: string): string => `template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: web, ${rest}}]}}`;
const rule = (backend: string): string =>
  `spec: {rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${backend}}}}]}}]}`;

describe('no value is shown', () => {
  test.each([
    ['of a Secret', object('v1', 'Secret', 'stringData: {foo: mellon}')],
    [
      'that kubectl apply has kept',
      object('v1', 'Secret', 'type: Opaque').replace('name: shop', 'name: a, annotations: {kept: mellon}'),
    ],
    [
      'of a header',
      object(
        'apps/v1',
        'Deployment',
        `spec: {${pod('readinessProbe: {httpGet: {httpHeaders: [{name: Authorization, value: mellon}]}}')}}`,
      ),
    ],
    ['of a variable of a custom kind', object('example.com/v1', 'Shop', 'spec: {env: [{name: DB_PASSWORD, value: mellon}]}')],
    ['of the words of one', object('example.com/v1', 'Shop', 'spec: {flags: [--password=mellon, --verbose]}')],
    ['of a Job that cannot change', object('batch/v1', 'Job', `spec: {${pod('env: [{name: DB_PASSWORD, value: mellon}]')}}`)],
  ])('%s', (_, yaml) => {
    const text = change(yaml, 'mellon', 'friend');
    expect(text).toContain('shop\n');
    expect(text).not.toContain('nothing changes');
    expect(text).not.toMatch(/mellon|friend/);
  });
});

describe('a field of which no section has words is told', () => {
  test.each([
    [
      'where an Ingress leads to',
      object('networking.k8s.io/v1', 'Ingress', rule('old')),
      'old',
      'new',
      'service.name old -> new',
    ],
    ['how it matches', object('networking.k8s.io/v1', 'Ingress', rule('old')), 'Prefix', 'Exact', 'pathType Prefix -> Exact'],
    [
      'a policy of pods that stand elsewhere',
      object(
        'networking.k8s.io/v1',
        'NetworkPolicy',
        'spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}',
      ),
      '10.0.0.0/8',
      '0.0.0.0/0',
      'cidr 10.0.0.0/8 -> 0.0.0.0/0',
    ],
    [
      'an empty selector in the place of another one',
      object('networking.k8s.io/v1', 'NetworkPolicy', 'spec: {podSelector: {}, ingress: [{from: [{ podSelector: {}}]}]}'),
      '{ podSelector',
      '{ namespaceSelector',
      'namespaceSelector added',
    ],
    [
      'another type of a Service',
      object('v1', 'Service', 'spec: {type: ClusterIP}'),
      'ClusterIP',
      'ExternalName',
      'type ClusterIP -> ExternalName',
    ],
    [
      'a right in another group',
      object('rbac.authorization.k8s.io/v1', 'Role', 'rules: [{apiGroups: [apps], resources: [scale], verbs: [get]}]'),
      'apps]',
      "'*']",
      'allows: Role shop: get scale.*',
    ],
  ])('%s', (_, yaml, was, is, said) => {
    expect(change(yaml, was, is)).toContain(said);
  });
});

describe('how pods are replaced', () => {
  test.each([
    ['DaemonSet', 'updateStrategy: {type: OnDelete}', 'one pod on each node, each once somebody deletes it'],
    ['DaemonSet', 'updateStrategy: {rollingUpdate: {maxUnavailable: 10%}}', 'one pod on each node, 10% at a time'],
    ['DaemonSet', 'minReadySeconds: 1', 'one pod on each node, one after another'],
    [
      'StatefulSet',
      'replicas: 3, updateStrategy: {rollingUpdate: {partition: 2}}',
      '1 pod of 3 pods, from the last one down: the partition keeps the others back',
    ],
    [
      'StatefulSet',
      'replicas: 3, updateStrategy: {rollingUpdate: {partition: 3}}',
      'none of 3 pods: the partition keeps them back',
    ],
  ])('of a %s with %s', (kind, spec, said) => {
    expect(change(object('apps/v1', kind, `spec: {${spec}, ${pod('image: shop:1')}}`), 'shop:1', 'shop:2')).toContain(
      `rolls: ${said}\n`,
    );
  });
});

test('whoever names no namespace means the usual one', () => {
  const yaml = '{apiVersion: v1, kind: ConfigMap, metadata: {name: shop}, data: {a: b}}';
  expect(change(yaml, 'name: shop', 'name: shop, namespace: default')).not.toContain('delete');
  expect(change(yaml.replace('ConfigMap', 'Secret'), 'name: shop', 'name: other')).toContain(
    'kubectl -n default delete secret/shop',
  );
});

test('no terminal obeys a value, and nobody is mentioned', () => {
  const yaml = object('v1', 'ConfigMap', 'data: {a: old}');
  expect(change(yaml, 'old', '"\\e[31m @team"')).toContain('data.a old -> \\u001b[31m @team');
  expect(change(yaml, 'old', '"@team"', 'markdown')).toContain('@<!-- -->team');
  expect(change(yaml, 'old', 'shop@sha256', 'markdown')).toContain('shop@sha256');
});

test('of DNS records the new ones are told', () => {
  const ingress = object('networking.k8s.io/v1', 'Ingress', 'spec: {rules: [{host: a.example.com}, {host: b.example.com}]}');
  const text = change(ingress, 'host: b.example', 'host: c.example');
  expect(text).toContain('  Needed first\n    DNS records for c.example.com\n    no longer: DNS records for b.example.com\n');
});

test('of a checksum no more is shown than its beginning', () => {
  const yaml = object(
    'apps/v1',
    'Deployment',
    `spec: {${pod('image: shop:1').replace('labels:', 'annotations: {checksum/config: SUM}, labels:')}}`,
  );
  const [one, other] = ['3b9f1c07e2a84d56b0c9d1e8f7a62435', '0c4e7a91d3b25f68e1a7c0d94b8f6321'];
  expect(change(yaml.replace('SUM', one), one, other)).toContain('annotation checksum/config 3b9f1c07... -> 0c4e7a91...\n');
  expect(change(yaml.replace('SUM', one), one, `${one}0`)).toContain('annotation checksum/config changed\n');
});

test('no two labels look alike', () => {
  const policy = (label: string): string => `${object('apps/v1', 'Deployment', `spec: {${pod('image: shop:1')}}`)}
---
${object('networking.k8s.io/v1', 'NetworkPolicy', `spec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {${label}: web}}}]}]}`)}`;
  const said = (was: string, is: string): string => change(policy(was), was, is);
  expect(said('example.com/name', 'example.org/name')).toContain(
    `opens: Deployment shop may be reached by pods of example.org/name=web
    closes: Deployment shop may be reached by pods of example.com/name=web`,
  );
  expect(change(policy('"name"'), '"name"', 'app.kubernetes.io/name')).toContain(
    `opens: Deployment shop may be reached by pods of name=web
    closes: Deployment shop may be reached by pods of "name"=web`,
  );
});

describe('what it costs', () => {
  const set = (spec: string): string =>
    object('apps/v1', 'StatefulSet', `spec: {${spec}, ${pod('image: shop:1, resources: {requests: {memory: 1Gi}}')}}`);
  const claim = (size: string): string => `{metadata: {name: data}, spec: {resources: {requests: {storage: ${size}}}}}`;

  test('leaves out what is refused', () => {
    const yaml = set(`replicas: 2, volumeClaimTemplates: [${claim('1Gi')}]`);
    expect(change(yaml, 'storage: 1Gi', 'storage: 2Gi')).toMatch(
      /is refused by the API server[^]*What it costs: once nothing is refused, volumes: 2Gi -> 4Gi\n/,
    );
    expect(change(yaml, 'memory: 1Gi', 'memory: 2Gi')).toContain('memory requested: 2Gi -> 4Gi');
    const both = change(yaml, '1Gi', '2Gi');
    expect(both).toContain('once nothing is refused, memory requested: 2Gi -> 4Gi\n');
    expect(both).not.toContain('    memory requested');
  });

  test('counts claims that grow, wherever no pod is', () => {
    const yaml = object('v1', 'PersistentVolumeClaim', 'spec: {resources: {requests: {storage: 1Gi}}}');
    expect(change(yaml, '1Gi', '2Gi')).toContain('What it costs: volumes: 1Gi -> 2Gi\n');
    const cluster = object('postgresql.cnpg.io/v1', 'Cluster', 'spec: {instances: 3, storage: {size: 1Gi}}');
    expect(change(cluster, '1Gi', '2Gi')).toContain('volumes: 3Gi -> 6Gi\n');
  });
});

test('environments that change alike are told once, and nothing else is said of them', () => {
  const plans = (names: readonly string[]): string => {
    const world = (value: string) =>
      worldOf(readYaml(object('v1', 'Service', `spec: {selector: {app: ${value}}}`)) as Manifest[]);
    return planText(
      names.map((name, index) => planOf(name, { world: world('a') }, { world: world(index < 2 ? 'b' : 'c') })),
      'text',
    );
  };
  expect(plans(['production', 'staging'])).toBe(`production and staging
  The rest
    Service shop: selector.app a -> b
`);
  expect(plans(['production', 'staging', 'preview'])).toBe(`preview
  What it costs: as before
  The rest
    Service shop: selector.app a -> c

production and staging
  The rest
    Service shop: selector.app a -> b
`);
});

describe('aliases of YAML', () => {
  test.each([
    ['in itself', 'a: &a {b: [*a]}', 'an alias of a value that it stands in itself'],
    [
      'without an end',
      [
        'a0: &a0 [x, x, x, x, x, x, x, x, x]',
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `a${n}: &a${n} [${`*a${n - 1}, `.repeat(9)}]`),
      ].join('\n'),
      'aliases that stand for more than 400000 values',
    ],
  ])('are told %s', (_, yaml, said) => {
    expect(() => readYaml(yaml)).toThrow(said);
  });

  test.each(['a: &a {b: 1}\nc: [*a, *a]', 'a: &a {b: 1}\nc:\n  <<: *a', 'a: "x & *y"'])('are read where they end: %s', (yaml) => {
    expect(readYaml(yaml)).toHaveLength(1);
  });
});

describe('a Job', () => {
  const job = (name: string, rest = ''): string =>
    `{apiVersion: batch/v1, kind: Job, metadata: {${name}, namespace: shop}, spec: {${rest}${pod('image: shop:1')}}}`;
  const hook = 'name: migrate, annotations: {helm.sh/hook: pre-upgrade}';
  test.each([
    [
      'that gets its name later',
      job('generateName: migrate-'),
      'shop:1',
      'shop:2',
      'Job migrate-* runs\n      image 1 -> 2\n      each creation makes another one, under a name of its own',
    ],
    [
      'that is a hook',
      job(hook),
      'shop:1',
      'shop:2',
      'Job migrate runs\n      image 1 -> 2\n      it is a hook, which is made anew each time',
    ],
    [
      'that goes on',
      job('name: migrate', 'suspend: true, '),
      'suspend: true',
      'suspend: false',
      'Job migrate runs: it is no longer suspended\n',
    ],
    [
      'that stops',
      job('name: migrate', 'suspend: false, '),
      'suspend: false',
      'suspend: true',
      'Job migrate is suspended: its pods are stopped\n',
    ],
    [
      'that is new and waits',
      job('name: migrate', 'suspend: true, '),
      'name: migrate',
      'name: seed',
      'Job seed is new, and suspended: it runs once somebody lets it\n',
    ],
    [
      'that is made anew and waits',
      job('name: migrate-0123456789', 'suspend: true, ').replace('shop:1', 'shop:0123456789'),
      '0123456789',
      'abcdef0123',
      'Job migrate is another one, and suspended: it runs once somebody lets it\n      image 0123456789 -> abcdef0123\n',
    ],
  ])('%s', (_, yaml, was, is, said) => {
    expect(change(yaml, was, is)).toContain(said);
  });

  test('of which nothing is said that its name is not known', () => {
    const all = `${job('generateName: migrate-')}\n---\n${job('generateName: seed-')}\n---\n${object('v1', 'ConfigMap', 'data: {a: old}')}`;
    expect(change(all, 'old', 'new')).toBe(`shop
  What happens, in order
    Job migrate-* runs once more, as it is
      each creation makes another one, under a name of its own
    Job seed-* runs once more, as it is
      each creation makes another one, under a name of its own
  What it costs: as before
  The rest
    ConfigMap shop: data.a old -> new
`);
  });
});

test('what brings a Secret, an address or the unknown is left behind one by one, and is in no command with others', () => {
  const named = (name: string): string =>
    ['external-secrets.io/v1 ExternalSecret', 's3.aws.upbound.io/v1 Bucket', 'v1 Service', 'v1 ServiceAccount', 'v1 Secret']
      .map((one) => one.split(' '))
      .map(([apiVersion = '', kind = '']) => object(apiVersion, kind, 'spec: {type: LoadBalancer}').replace('name: shop', name))
      .join('\n---\n');
  const text = change(`${object('v1', 'ConfigMap', 'data: {}')}\n---\n${named('name: old')}`, named('name: old'), '');
  expect(text).toContain(`    kubectl apply leaves 1 object that is gone from the output
      kubectl -n shop delete serviceaccount/old
      Argo CD and Flux with prune delete them
`);
  for (const line of [
    'kubectl apply leaves ExternalSecret old; the Secret that it makes goes with it\n      once nobody needs it: kubectl -n shop delete externalsecret.external-secrets.io/old\n',
    'kubectl apply leaves Bucket old; nobody here knows what this kind keeps\n      once nobody needs it: kubectl -n shop delete bucket.s3.aws.upbound.io/old\n',
    'kubectl apply leaves Service old; the address that DNS names goes with it\n',
    'kubectl apply leaves Secret old, which keeps data\n      once the data are saved: kubectl -n shop delete secret/old\n',
  ])
    expect(text).toContain(line);
});
