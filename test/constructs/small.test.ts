import { App, Chart, Duration } from 'cdk8s';
import {
  DisruptionBudget,
  HashedConfigMap,
  KeyedSecret,
  PodService,
  render,
  type DisruptionBudgetProps,
  type Exposure,
  type HashedConfigMapProps,
  type KeyedSecretProps,
  type Manifest,
  type PodServiceProps,
  type SecretKey,
  type SecretSource,
} from '../../lib/index';
import type { AwsLoadBalancer } from '../../lib/constructs/load-balancer/aws';
import type { AzureLoadBalancer } from '../../lib/constructs/load-balancer/azure';
import type { GcpLoadBalancer } from '../../lib/constructs/load-balancer/gcp';
import type { LoadBalancer } from '../../lib/constructs/load-balancer/load-balancer';
import { declaredIn } from '../../lib/support/declare';
import { chart, objects, one, refusals, refusalsOf } from '../support/chart';

const labels = { 'app.kubernetes.io/name': 'shop' };
const nameRule = (most: number) =>
  `be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most ${most} characters`;

describe('a KeyedSecret', () => {
  const secretKeyBase = 'x'.repeat(64);
  type Keys = 'SECRET_KEY_BASE' | 'SMTP_PASSWORD';
  const keys: readonly Keys[] = ['SECRET_KEY_BASE', 'SMTP_PASSWORD'];
  const literal: SecretSource<Keys> = { literal: { SECRET_KEY_BASE: secretKeyBase, SMTP_PASSWORD: 'y' } };

  test('that exists makes no object, only the references', () => {
    const tried = chart();
    const secret = new KeyedSecret(tried, 'Secret', { name: 'shop', keys, source: { existing: true } });
    const key: SecretKey = secret.key('SMTP_PASSWORD');
    expect(objects(tried)).toEqual([]);
    expect(key).toEqual({ secret: 'shop', key: 'SMTP_PASSWORD' });
    expect([secret.secretName, secret.keys]).toEqual(['shop', keys]);
  });

  test('with everything set stands in the YAML', () => {
    const everything: Required<KeyedSecretProps<Keys>> = { name: 'shop', labels, keys, source: literal };
    const tried = chart();
    new KeyedSecret(tried, 'Secret', everything);
    expect(objects(tried)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'shop', namespace: 'test', labels },
        // Under stringData, a key that is taken out would stay in the cluster.
        data: { SECRET_KEY_BASE: Buffer.from(secretKeyBase).toString('base64'), SMTP_PASSWORD: 'eQ==' },
      },
    ]);
  });

  test('keeps every character of a value', () => {
    const tried = chart();
    const value = 'tschüß ≠ \n"x"\u0000';
    new KeyedSecret(tried, 'Secret', { name: 'shop', keys: ['TOKEN'], source: { literal: { TOKEN: value } } });
    const { data } = one(tried, 'Secret') as { data: { TOKEN: string } };
    expect(Buffer.from(data.TOKEN, 'base64').toString()).toBe(value);
  });

  test('has keys that the compiler knows', () => {
    const secret = new KeyedSecret(chart(), 'Secret', { name: 'shop', keys, source: { existing: true } });
    // @ts-expect-error -- misspelt
    expect(secret.key('SECRET_KEY_BSE').key).toBe('SECRET_KEY_BSE');
  });

  const wrong = (value: unknown) => ({ literal: { SECRET_KEY_BASE: secretKeyBase, SMTP_PASSWORD: value as string } });
  test.each<[string, Partial<KeyedSecretProps<Keys>>, string]>([
    ['its name is none', { name: 'Shop' }, `'name' must ${nameRule(253)}, got "Shop"; rename it, for example "shop"`],
    [
      'a key is none',
      { keys: ['SMTP PASSWORD' as Keys], source: { existing: true } },
      "'keys' must hold keys of at most 253 letters, digits, '-', '_' and '.', got \"SMTP PASSWORD\"; rename the key",
    ],
    [
      'a value is missing',
      { source: wrong(undefined) },
      "'source.literal.SMTP_PASSWORD' must have a text as its value, got nothing; write one that is good for development",
    ],
    [
      'its key is misspelt',
      { source: { literal: { SECRET_KEY_BASE: secretKeyBase, SMTP_PASSWRD: 'hush' } as unknown as Record<Keys, string> } },
      "'source.literal.SMTP_PASSWORD' must have a text as its value, got nothing; rename the key SMTP_PASSWRD, or SMTP_PASSWORD in 'keys'",
    ],
    [
      'a value is empty',
      { source: wrong('') },
      '\'source.literal.SMTP_PASSWORD\' must have a text as its value, got "an empty text"; write one that is good for development',
    ],
    [
      'a value is no text, without printing it',
      { source: wrong(4711) },
      '\'source.literal.SMTP_PASSWORD\' must have a text as its value, got "a number"; write one that is good for development',
    ],
    [
      'Phoenix would refuse SECRET_KEY_BASE, without printing it',
      { source: { literal: { SECRET_KEY_BASE: 'hunter2', SMTP_PASSWORD: 'y' } } },
      "'source.literal.SECRET_KEY_BASE' must have 64 bytes or more, as Phoenix demands, got \"7 bytes\"; make one with 'mix phx.gen.secret'",
    ],
  ])('fails when %s', (_, props, sentence) => {
    const faults = refusalsOf((tried) => new KeyedSecret(tried, 'Secret', { name: 'shop', keys, source: literal, ...props }));
    expect(faults).toEqual([`[chart/Secret] ${sentence}`]);
  });

  test('counts the bytes of SECRET_KEY_BASE, as Plug does', () => {
    const source = { literal: { SECRET_KEY_BASE: 'é'.repeat(32), SMTP_PASSWORD: 'y' } };
    expect(refusalsOf((tried) => new KeyedSecret(tried, 'Secret', { name: 'shop', keys, source }))).toEqual([]);
  });
});

describe('a HashedConfigMap', () => {
  const everything: Required<HashedConfigMapProps> = { name: 'shop', labels, data: { 'app.json': '{}', PORT: '4000' } };
  const made = (props: HashedConfigMapProps) => {
    const tried = chart();
    return { tried, config: new HashedConfigMap(tried, 'Config', props) };
  };
  const nameOf = (props: HashedConfigMapProps): string => one(made(props).tried, 'ConfigMap')['metadata'].name as string;

  test('cannot be changed, and is named by its data', () => {
    const { metadata, ...rest } = one(made(everything).tried, 'ConfigMap');
    expect(rest).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', data: { 'app.json': '{}', PORT: '4000' }, immutable: true });
    expect(metadata).toEqual({ name: expect.stringMatching(/^shop-[0-9a-f]{10}$/), namespace: 'test', labels });
  });

  test.each(['A', '.env', 'a'.repeat(253)])('may have the key %s', (key) => {
    const faults = refusalsOf((tried) => new HashedConfigMap(tried, 'Config', { ...everything, data: { [key]: '' } }));
    expect(faults).toEqual([]);
  });

  test('has one name for the same data and another for other data', () => {
    expect(nameOf(everything)).toBe(nameOf({ ...everything, labels: {} }));
    expect(nameOf({ ...everything, data: { PORT: '4001' } })).not.toBe(nameOf(everything));
  });

  test('is found under its final name by a reference in another object', () => {
    const { tried, config } = made(everything);
    new HashedConfigMap(tried, 'Reader', { name: 'reader', labels, data: { NAME: config.configMapName } });
    const [first, second] = objects(tried) as [Manifest, Manifest];
    expect(second['data'].NAME).toBe(first['metadata'].name);
  });

  test.each<[string, Partial<HashedConfigMapProps>, string]>([
    [
      'the name leaves no room for the hash',
      { name: 'a'.repeat(243) },
      `'name' must ${nameRule(242)}, got "${'a'.repeat(116)}...; rename it, for example "${'a'.repeat(242)}"`,
    ],
    [
      'a key has a slash',
      { data: { 'etc/app': '' } },
      "'data' must hold keys of at most 253 letters, digits, '-', '_' and '.', got \"etc/app\"; rename the key",
    ],
    [
      'a key climbs out of its folder',
      { data: { '..': '' } },
      "'data' must hold keys of at most 253 letters, digits, '-', '_' and '.', got \"..\"; rename the key",
    ],
    [
      'a value is a number',
      { data: { PORT: 4000 as unknown as string } },
      "'data.PORT' must be a string, got 4000; write it in quotes, '4000'",
    ],
  ])('fails when %s', (_, props, sentence) => {
    const faults = refusalsOf((tried) => new HashedConfigMap(tried, 'Config', { ...everything, ...props }));
    expect(faults).toEqual([`[chart/Config] ${sentence}`]);
  });

  test('holds what etcd takes, to the byte', () => {
    const faultsOf = (bytes: number): readonly string[] => {
      const app = new App();
      const tried = new Chart(app, 'chart', { namespace: 'shop', disableResourceNameHashes: true });
      new HashedConfigMap(tried, 'Config', { ...everything, data: { large: 'x'.repeat(bytes) } });
      return render(app).faults.filter((fault) => fault.includes('data-size'));
    };
    expect(faultsOf(1048576)).toEqual([]);
    expect(faultsOf(1048577)).toEqual([
      "[chart/Config/Default] 'data' must hold at most 1048576 bytes, got 1048577; put large files into the image, or into a volume (data-size)",
    ]);
  });
});

test('a DisruptionBudget lets a drained node take one pod, and any pod that is not ready', () => {
  const everything: Required<DisruptionBudgetProps> = { name: 'shop-web', labels };
  const tried = chart();
  new DisruptionBudget(tried, 'Budget', everything);
  expect(objects(tried)).toEqual([
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'shop-web', namespace: 'test', labels },
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: { 'app.kubernetes.io/instance': 'shop-web' } },
      },
    },
  ]);
});

describe('a PodService', () => {
  const aws = { scheme: 'internet-facing', subnets: ['10.0.0.0/20'] } as const;
  const certificateArn = 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c';
  const encrypted = { containerPorts: { http: 4000, https: 4001 }, ports: { http: 80, https: 443 } };
  const minimal: PodServiceProps = { name: 'shop', labels, containerPorts: { http: 4000 }, ports: { http: 80 } };
  const specOf = (props: PodServiceProps): unknown => {
    const tried = chart();
    new PodService(tried, 'Service', props);
    return one(tried, 'Service')['spec'];
  };

  test('is reached from inside the cluster, and knows ports by their names', () => {
    expect(specOf(minimal)).toEqual({
      type: 'ClusterIP',
      selector: { 'app.kubernetes.io/instance': 'shop' },
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
    });
  });

  test('with everything set opens one port of every node', () => {
    const exposure: Exposure = { nodePort: 30400 };
    const everything: Required<PodServiceProps> = {
      ...minimal,
      pods: 'shop',
      healthPort: 4000,
      containerPorts: { http: 4000, metrics: 9568 },
      ports: { http: 80, metrics: 9568 },
      exposure,
    };
    expect(specOf(everything)).toEqual({
      type: 'NodePort',
      selector: { 'app.kubernetes.io/instance': 'shop' },
      ports: [
        { name: 'http', port: 80, targetPort: 'http', nodePort: 30400 },
        { name: 'metrics', port: 9568, targetPort: 'metrics' },
      ],
    });
  });

  test('opens another port of every node for TLS', () => {
    const ports = { containerPorts: { http: 4000, https: 4001 }, ports: { http: 80, https: 443 } };
    expect(specOf({ ...minimal, ...ports, exposure: { nodePort: 30400, httpsNodePort: 30401 } })).toMatchObject({
      ports: [
        { name: 'http', nodePort: 30400 },
        { name: 'https', port: 443, targetPort: 'https', nodePort: 30401 },
      ],
    });
  });

  test.each<[Exposure, number, number]>([
    ['ClusterIP', 0, 0],
    [{ nodePort: 30400 }, 2, 0],
    [{ loadBalancer: { sourceRanges: 'everyone', cloud: { other: {} } } }, 2, 1],
    [{ loadBalancer: { sourceRanges: 'everyone', cloud: { aws } } }, 0, 1],
  ])('counts what it takes of a quota: %j', (exposure, nodePorts, loadBalancers) => {
    const service = new PodService(chart(), 'Service', { ...minimal, ...encrypted, exposure });
    expect([service.nodePorts, service.loadBalancers]).toEqual([nodePorts, loadBalancers]);
  });

  test('takes annotations for the proxy in front of it', () => {
    const tried = chart();
    new PodService(tried, 'Service', minimal).annotate({ 'cloud.google.com/neg': '{"ingress":true}' });
    expect(one(tried, 'Service')['metadata'].annotations).toEqual({ 'cloud.google.com/neg': '{"ingress":true}' });
  });

  test.each<[string, Partial<PodServiceProps>, string]>([
    [
      'a port is none of the container',
      { ports: { https: 443 } },
      '\'ports\' must refer to container ports by name, got "https"; use one of http',
    ],
    [
      'a port does not exist',
      { ports: { http: 0 } },
      "'ports.http' must be a whole number from 1 to 65535, got 0; use 80 for web traffic",
    ],
    [
      "a node's port is out of their range",
      { exposure: { nodePort: 4000 } },
      "'exposure.nodePort' must be a whole number from 30000 to 32767, got 4000; use a free one such as 30400",
    ],
    [
      'a port of nodes is for TLS that the pods do not have',
      { exposure: { nodePort: 30400, httpsNodePort: 30401 } },
      "'exposure.httpsNodePort' must stand beside a port named https, got 30401; give the release 'https', or remove it",
    ],
    [
      'a load balancer lets nobody in',
      { exposure: { loadBalancer: { sourceRanges: [], cloud: { other: {} } } } },
      "'exposure.loadBalancer.sourceRanges' must name a range, or be 'everyone', got []; write them as ['203.0.113.0/24'], or 'everyone'",
    ],
    [
      'a load balancer is made by nobody',
      { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: {} as never } } },
      "'exposure.loadBalancer.cloud' must be one of aws, gcp, azure, other, got nothing; write { aws: { scheme: 'internet-facing', subnets: ['10.0.0.0/20'] } }, { gcp: { scheme: 'external' } }, { azure: { scheme: 'external' } } or { other: {} }",
    ],
    [
      'the cloud is a word',
      { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: 'azure' as never } } },
      "'exposure.loadBalancer.cloud' must be an object with one of aws, gcp, azure, other, got \"azure\"; write { aws: { scheme: 'internet-facing', subnets: ['10.0.0.0/20'] } }, { gcp: { scheme: 'external' } }, { azure: { scheme: 'external' } } or { other: {} }",
    ],
    [
      'the type of a Service is written out',
      { exposure: 'NodePort' as never },
      "'exposure' must be 'ClusterIP' or an object with one of nodePort, loadBalancer, got \"NodePort\"; write 'ClusterIP', { nodePort: 30400 } or { loadBalancer: { sourceRanges: 'everyone', cloud: { other: {} } } }",
    ],
    [
      'AWS decrypts for pods that expect TLS',
      { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { aws: { ...aws, certificateArn } } } } },
      "'exposure.loadBalancer.cloud.aws.backendProtocol' must be 'tcp' where the pods have no https, got \"ssl\"; give the release 'https', or write 'tcp' and leave out force_ssl",
    ],
    [
      'AWS should remember a connection for longer than it can',
      { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { aws: { ...aws, idleTimeout: Duration.hours(2) } } } } },
      "'exposure.loadBalancer.cloud.aws.idleTimeout' must be whole seconds from 60s to 6000s, got 7200s; omit it to use 350s",
    ],
    [
      'Azure should remember a connection for longer than it can',
      {
        exposure: {
          loadBalancer: { sourceRanges: 'everyone', cloud: { azure: { scheme: 'external', idleTimeout: Duration.hours(1) } } },
        },
      },
      "'exposure.loadBalancer.cloud.azure.idleTimeout' must be whole minutes from 4 to 30, got 3600s; omit it to use 4 minutes",
    ],
    [
      'Azure should give an internal one a public address',
      { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { azure: { scheme: 'internal', publicIp: 'shop' } } } } },
      "'exposure.loadBalancer.cloud.azure.publicIp' must be omitted where scheme is 'internal', got \"shop\"; remove it",
    ],
    [
      'Google should open an external one to all regions',
      { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { gcp: { scheme: 'external', globalAccess: true } } } } },
      "'exposure.loadBalancer.cloud.gcp.globalAccess' must be omitted where scheme is 'external', got true; remove it: every region reaches an external one",
    ],
  ])('fails when %s', (_, props, sentence) => {
    const faults = refusalsOf((tried) => new PodService(tried, 'Service', { ...minimal, ...props }));
    expect(faults).toEqual([`[chart/Service] ${sentence}`]);
  });
});

describe('a load balancer', () => {
  const ranges = ['203.0.113.0/24'];
  const labelled = { name: 'shop', labels, containerPorts: { http: 4000, https: 4001 }, ports: { http: 80, https: 443 } };
  const made = (balancer: LoadBalancer, props: Partial<PodServiceProps> = {}): Manifest => {
    const tried = chart();
    new PodService(tried, 'Service', { ...labelled, ...props, exposure: { loadBalancer: balancer } });
    expect(refusals(tried)).toEqual([]);
    return one(tried, 'Service');
  };
  const http = { name: 'http', port: 80, targetPort: 'http' };
  const https = { name: 'https', port: 443, targetPort: 'https' };
  const selector = { 'app.kubernetes.io/instance': 'shop' };

  test('of AWS reaches the pods by their own addresses, and shows them those of their clients', () => {
    const aws: Required<AwsLoadBalancer> = {
      scheme: 'internet-facing',
      subnets: ['10.0.0.0/20'],
      certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c',
      backendProtocol: 'ssl',
      idleTimeout: Duration.minutes(30),
    };
    const { metadata, spec } = made({ sourceRanges: ranges, cloud: { aws }, annotations: { 'example.com/owner': 'shop' } });
    expect(metadata.annotations).toEqual({
      'example.com/owner': 'shop',
      'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing',
      'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip',
      'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes': 'preserve_client_ip.enabled=true',
      'service.beta.kubernetes.io/aws-load-balancer-ssl-cert': aws.certificateArn,
      'service.beta.kubernetes.io/aws-load-balancer-ssl-ports': '443',
      'service.beta.kubernetes.io/aws-load-balancer-backend-protocol': 'ssl',
      'service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-80': 'tcp.idle_timeout.seconds=1800',
    });
    expect(spec).toEqual({
      type: 'LoadBalancer',
      loadBalancerClass: 'service.k8s.aws/nlb',
      allocateLoadBalancerNodePorts: false,
      loadBalancerSourceRanges: ranges,
      selector,
      ports: [http, https],
    });
  });

  test('of AWS sends what it decrypted to the port for clear text, where it is told to', () => {
    const aws: AwsLoadBalancer = {
      scheme: 'internal',
      subnets: ['10.0.0.0/20'],
      certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c',
      backendProtocol: 'tcp',
    };
    const { metadata, spec } = made(
      { sourceRanges: ranges, cloud: { aws } },
      { containerPorts: { http: 4000 }, ports: { http: 80 } },
    );
    expect(spec.ports).toEqual([http, { ...https, targetPort: 'http' }]);
    expect(metadata.annotations).not.toHaveProperty('service.beta.kubernetes.io/aws-load-balancer-backend-protocol');
  });

  test.each<[string, LoadBalancer['cloud'], Record<string, string> | undefined]>([
    [
      'Google, inside',
      { gcp: { scheme: 'internal', globalAccess: true } satisfies GcpLoadBalancer },
      {
        'networking.gke.io/load-balancer-type': 'Internal',
        'networking.gke.io/internal-load-balancer-allow-global-access': 'true',
      },
    ],
    [
      'Google, outside',
      { gcp: { scheme: 'external', address: 'shop' } },
      {
        'cloud.google.com/l4-rbs': 'enabled',
        'networking.gke.io/load-balancer-ip-addresses': 'shop',
      },
    ],
    [
      'Azure, inside',
      { azure: { scheme: 'internal', subnet: 'apps' } satisfies AzureLoadBalancer },
      {
        'service.beta.kubernetes.io/azure-load-balancer-internal': 'true',
        'service.beta.kubernetes.io/azure-load-balancer-internal-subnet': 'apps',
      },
    ],
    [
      'Azure, outside',
      { azure: { scheme: 'external', publicIp: 'shop', resourceGroup: 'network', idleTimeout: Duration.minutes(30) } },
      {
        'service.beta.kubernetes.io/azure-pip-name': 'shop',
        'service.beta.kubernetes.io/azure-load-balancer-resource-group': 'network',
        'service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout': '30',
      },
    ],
    ['whatever the cluster has', { other: {} }, undefined],
  ])('of %s is the way of the nodes that have a pod', (_, cloud, annotations) => {
    const { metadata, spec } = made({ sourceRanges: 'everyone', cloud });
    expect(metadata.annotations).toEqual(annotations);
    expect(spec).toEqual({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', selector, ports: [http, https] });
  });

  test('of one kind among several has a class', () => {
    expect(made({ sourceRanges: ranges, cloud: { other: { class: 'metallb.io/metallb' } } })['spec']).toMatchObject({
      loadBalancerClass: 'metallb.io/metallb',
      loadBalancerSourceRanges: ranges,
    });
  });

  test('and its clients are let in by the fence, to the ports of the pods', () => {
    const tried = chart();
    const aws = { scheme: 'internal', subnets: ['10.0.0.0/20'] } as const;
    new PodService(tried, 'Service', { ...labelled, exposure: { loadBalancer: { sourceRanges: ranges, cloud: { aws } } } });
    expect(declaredIn(tried).visitors).toEqual([
      { pods: 'shop', port: 4000, peer: { cidr: '203.0.113.0/24' } },
      { pods: 'shop', port: 4000, peer: { cidr: '10.0.0.0/20' } },
      { pods: 'shop', port: 4001, peer: { cidr: '203.0.113.0/24' } },
      { pods: 'shop', port: 4001, peer: { cidr: '10.0.0.0/20' } },
    ]);
  });
});
