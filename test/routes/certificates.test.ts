import { App, Chart, Duration, JsonPatch } from 'cdk8s';
import { wildcardNeedsDns } from '../../lib/checks/hosts/tls';
import {
  type NamedEnvironment,
  CertificateIssuer,
  dnsAnnotations,
  DnsRecord,
  EnvironmentChart,
  patch,
  render,
  RouteCertificate,
  type CertificateIssuerProps,
  type DnsRecordProps,
  type DnsSettings,
  type IssuerReference,
  type IssuerSource,
  type Manifest,
  type RouteCertificateProps,
  type WebRoute,
} from '../../lib/index';
import { environments, preview, build } from '../support/stack';
import { staging } from '../support/alone';
import { chart, objects, one, refusalsOf } from '../support/chart';
import { faultsOf } from '../support/environments';
import { said } from '../support/said';
import { quotaOf, vary } from '../support/vary';

const gateway = { http01: { gateway: { name: 'public', namespace: 'gateway' } } };
const acme = { server: 'production', email: 'ops@example.com', challenge: gateway } as const;

function issuerOf(source: IssuerSource): Manifest {
  const tried = chart();
  new CertificateIssuer(tried, 'Issuer', { name: 'letsencrypt', source });
  return one(tried, 'Issuer');
}

describe('an issuer', () => {
  test('of Let’s Encrypt answers behind a Gateway, in pods that the fence can find', () => {
    const everything: Required<CertificateIssuerProps> = { name: 'letsencrypt', source: { acme } };
    const tried = chart();
    const { reference } = new CertificateIssuer(tried, 'Issuer', everything);
    expect(reference).toEqual({ kind: 'Issuer', name: 'letsencrypt' });
    expect(one(tried, 'Issuer')).toMatchObject({
      metadata: { name: 'letsencrypt', namespace: 'test', labels: { 'app.kubernetes.io/instance': 'letsencrypt' } },
      spec: {
        acme: {
          server: 'https://acme-v02.api.letsencrypt.org/directory',
          email: 'ops@example.com',
          privateKeySecretRef: { name: 'letsencrypt-account' },
          solvers: [
            {
              http01: {
                gatewayHTTPRoute: {
                  parentRefs: [{ kind: 'Gateway', name: 'public', namespace: 'gateway' }],
                  serviceType: 'ClusterIP',
                  podTemplate: { metadata: { labels: { 'app.kubernetes.io/instance': 'letsencrypt-solver' } } },
                },
              },
            },
          ],
        },
      },
    });
  });

  test('answers behind an Ingress of a class', () => {
    const { solvers } = issuerOf({ acme: { ...acme, server: 'staging', challenge: { http01: { ingressClass: 'traefik' } } } })[
      'spec'
    ].acme as { solvers: Manifest[] };
    expect(solvers[0]?.['http01'].ingress).toMatchObject({ ingressClassName: 'traefik', serviceType: 'ClusterIP' });
  });

  test.each<[string, Parameters<typeof dns>[0], Manifest]>([
    [
      'Route 53',
      { route53: { region: 'eu-central-1', hostedZoneId: 'Z1' } },
      { route53: { region: 'eu-central-1', hostedZoneID: 'Z1' } },
    ],
    [
      'Cloud DNS',
      { cloudDns: { project: 'shop', serviceAccount: { secret: 'dns', key: 'key.json' } } },
      { cloudDNS: { project: 'shop', serviceAccountSecretRef: { name: 'dns', key: 'key.json' } } },
    ],
    [
      'Cloudflare',
      { cloudflare: { apiToken: { secret: 'dns', key: 'token' } } },
      { cloudflare: { apiTokenSecretRef: { name: 'dns', key: 'token' } } },
    ],
    [
      'Azure',
      { azureDns: { subscriptionId: 's', resourceGroup: 'g', zone: 'example.com', identity: 'i' } },
      {
        azureDNS: {
          subscriptionID: 's',
          resourceGroupName: 'g',
          hostedZoneName: 'example.com',
          managedIdentity: { clientID: 'i' },
        },
      },
    ],
  ])('writes records at %s', (_, provider, expected) => {
    expect(dns(provider)).toEqual(expected);
  });

  test('is an authority of our own, or every certificate itself', () => {
    expect(issuerOf({ ca: { secret: 'our-ca' } })['spec']).toEqual({ ca: { secretName: 'our-ca' } });
    expect(issuerOf('self-signed')['spec']).toEqual({ selfSigned: {} });
  });

  test.each<[string, unknown, string]>([
    [
      'the word is unknown',
      'selfsigned',
      "'source' must be 'self-signed' or an object with one of acme, ca, got \"selfsigned\"; did you mean 'self-signed'?",
    ],
    [
      'the server is unknown',
      { acme: { ...acme, server: 'test' } },
      "'source.acme.server' must be 'production' or 'staging', got \"test\"; write one of the 2 words",
    ],
    [
      'nobody is written to',
      { acme: { ...acme, email: 'ops' } },
      '\'source.acme.email\' must be an address, got "ops"; name a mailbox that somebody reads: the authority warns there',
    ],
  ])('fails when %s', (_, source, sentence) => {
    const make = (tried: Chart) => new CertificateIssuer(tried, 'Issuer', { name: 'issuer', source: source as IssuerSource });
    expect(refusalsOf(make)).toEqual([`[chart/Issuer] ${sentence}`]);
  });

  test('fails when the provider of records is unknown', () => {
    const source = { acme: { ...acme, challenge: { dns01: { bind: {} } } } } as unknown as IssuerSource;
    expect(() => issuerOf(source)).toThrow(
      "[chart/Issuer] 'source.acme.challenge.dns01' must be one of route53, cloudDns, cloudflare, azureDns, got \"bind\"; write { route53: { region: 'eu-central-1' } }",
    );
  });
});

function dns(
  dns01: Extract<Extract<IssuerSource, { acme: unknown }>['acme']['challenge'], { dns01: unknown }>['dns01'],
): Manifest {
  return issuerOf({ acme: { ...acme, challenge: { dns01 } } })['spec'].acme.solvers[0].dns01 as Manifest;
}

const minimal: RouteCertificateProps = {
  name: 'web',
  hosts: ['shop.example.com'],
  issuer: { kind: 'ClusterIssuer', name: 'letsencrypt' },
};

describe('a certificate', () => {
  test('is explicit, with a new key each time', () => {
    const tried = chart();
    expect(new RouteCertificate(tried, 'Certificate', minimal).secret).toBe('web-tls');
    expect(one(tried, 'Certificate')['spec']).toEqual({
      secretName: 'web-tls',
      dnsNames: ['shop.example.com'],
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt' },
    });
  });

  test('with everything set', () => {
    const everything: Required<RouteCertificateProps> = { ...minimal, hosts: ['*.example.com'], duration: Duration.days(30) };
    const tried = chart();
    new RouteCertificate(tried, 'Certificate', everything);
    expect(one(tried, 'Certificate')['spec']).toMatchObject({ dnsNames: ['*.example.com'], duration: '2592000s' });
  });

  test.each<[string, Partial<RouteCertificateProps>, string]>([
    ['it is for nobody', { hosts: [] }, "'hosts' must name a host, got \"\"; write ['app.example.com']"],
    ['a host stands twice', { hosts: ['a.b', 'a.b'] }, '\'hosts\' must name each host once, got "a.b"; take one of them out'],
    [
      'it is too short to be renewed',
      { duration: Duration.minutes(5) },
      "'duration' must be whole seconds from 3600s to 315360000s, got 300s; omit it to use 90 days",
    ],
  ])('fails when %s', (_, props, sentence) => {
    const make = (tried: Chart) => new RouteCertificate(tried, 'Certificate', { ...minimal, ...props });
    expect(refusalsOf(make)).toEqual([`[chart/Certificate] ${sentence}`]);
  });
});

/** Staging with an issuer of its own and a certificate. */
function certified(source: IssuerSource, hosts: readonly string[]): NamedEnvironment {
  return vary(staging, {
    amend: ({ release }) => {
      const routes = Chart.of(release);
      const { reference } = new CertificateIssuer(routes, 'Issuer', { name: 'letsencrypt', source });
      new RouteCertificate(routes, 'Certificate', { name: 'kube-native', hosts, issuer: reference });
    },
  });
}

test('a certificate fails when a host is an address of the web, by a rule that names the prop', () => {
  expect(render(build(certified({ acme }, [staging.web.host, 'https://a.b']))).faults).toEqual([
    '[30-phoenix/Certificate] \'hosts[1]\' must be a DNS name in lower case, without scheme, port or path, got "https://a.b"; write it as app.example.com or *.example.com (valid-hosts)',
  ]);
});

describe('an environment that asks for its own certificates', () => {
  const environment = certified({ acme }, [staging.web.host]);

  test('passes all rules', () => {
    expect(render(build(environment)).faults).toEqual([]);
  });

  test('opens the port of the pods that answer the authority, to clients alone', () => {
    const app = build(environment);
    const policies = app.charts.flatMap((one) => one.toJson() as Manifest[]).filter(({ kind }) => kind === 'NetworkPolicy');
    expect(policies.find(({ metadata }) => metadata.name === 'letsencrypt-solver')?.['spec']).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'letsencrypt-solver' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateway' } } }],
          ports: [{ port: 8089, protocol: 'TCP' }],
        },
      ],
    });
  });
});

describe("the certificate of an environment's route", () => {
  const routed = (certificate: WebRoute['certificate']): NamedEnvironment =>
    vary(staging, {
      route: {
        ingress: { controller: 'traefik', redirects: ['www.staging.example.com'] },
        certificate,
        proxies: [{ namespace: 'traefik' }],
      },
    });
  const challenge = { http01: { ingressClass: 'traefik' } } as const;

  test('is signed by an Issuer that is made here, which the proxies reach', () => {
    const app = build(routed({ acme: { server: 'production', email: 'ops@example.com', challenge } }));
    expect(render(app)).toMatchObject({ faults: [], assumed: [] });
    const all = app.charts.flatMap((one) => one.toJson() as Manifest[]);
    expect(all.find(({ kind }) => kind === 'Certificate')?.['spec']).toMatchObject({
      dnsNames: [staging.web.host, 'www.staging.example.com'],
      issuerRef: { kind: 'Issuer', name: 'kube-native' },
    });
    expect(all.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'kube-native-solver')).toBeDefined();
  });

  test('of a ClusterIssuer is asked how that answers, unless it is said', () => {
    const letsencrypt = { kind: 'ClusterIssuer', name: 'letsencrypt' } as const;
    expect(render(build(routed({ ...letsencrypt, challenge: 'dns01' })))).toMatchObject({ faults: [], assumed: [] });
    expect(render(build(routed(letsencrypt))).assumed).toEqual([
      expect.stringMatching(/^ClusterIssuer letsencrypt is taken to answer by dns01, .* certificate: \{ acme: /),
    ]);
    const http01 = { ...letsencrypt, challenge: 'http01' } as unknown as IssuerReference;
    expect(render(build(routed(http01))).faults).toEqual([
      expect.stringContaining(
        "'issuer.challenge' must be 'dns01' or 'none' of a ClusterIssuer, whose pods for http01 would stand",
      ),
    ]);
  });

  test('fails when it names no issuer whole', () => {
    const nameless = { name: 'letsencrypt' } as unknown as IssuerReference;
    expect(() => build(routed(nameless))).toThrow("'route.certificate.kind' must be given");
  });
});

test('the pods that answer for each host of a certificate count in the quota', () => {
  const quota = { ...quotaOf(staging), pods: 5 };
  const faults = (source: IssuerSource) =>
    render(build(vary(certified(source, [staging.web.host, 'a.example.com', 'b.example.com']), { quota }))).faults;
  expect(faults('self-signed')).toEqual([]);
  expect(faults({ acme })).toEqual([
    '[00-namespace/ResourceQuota] \'spec.hard["pods"]\' must be at least 8, the sum of 1 x 1 kube-native-postgresql + 3 x 1 kube-native + 1 x 1 kube-native-migrate + 3 x 1 letsencrypt, got "5"; raise the quota, or lower replicas, surge or requests (quota-fits)',
  ]);
});

test('a platform has its wildcard for previews signed in the namespace of the shared Gateway', () => {
  const app = new App();
  const home = new EnvironmentChart(app, 'certificates', { namespace: 'gateway', partOf: 'platform' });
  const source = { acme: { ...acme, challenge: { dns01: { route53: { region: 'eu-central-1' } } } } } as const;
  const { reference: issuer } = new CertificateIssuer(home, 'Issuer', { name: 'letsencrypt', source });
  const host = 'preview.kube-native.example.com';
  expect(preview(7, 'registry.example.com/kube-native:pr-7').web.host).toBe(`7.${host}`);
  const { secret } = new RouteCertificate(home, 'Previews', { name: 'previews', hosts: [`*.${host}`], issuer });
  new DnsRecord(home, 'Record', { name: 'previews', hosts: [`*.${host}`], targets: ['203.0.113.7'] });
  expect(render(app).faults).toEqual([]);
  expect(secret).toBe('previews-tls');
  expect(objects(home).map(({ kind, metadata }) => `${metadata.namespace}/${kind}`)).toEqual([
    'gateway/Issuer',
    'gateway/Certificate',
    'gateway/DNSEndpoint',
  ]);
});

describe('wildcard-needs-dns', () => {
  const wildcard = (source: IssuerSource) =>
    said(wildcardNeedsDns, ({ release }) => {
      const routes = new EnvironmentChart(release.node.root, '40-routes', {
        namespace: 'kube-native-staging',
        partOf: 'kube-native',
      });
      const { reference } = new CertificateIssuer(routes, 'Issuer', { name: 'letsencrypt', source });
      new RouteCertificate(routes, 'Wildcard', { name: 'wildcard', hosts: ['*.preview.example.com'], issuer: reference });
    });

  test('fails when the issuer answers by HTTP', () => {
    expect(wildcard({ acme })).toEqual([
      '[40-routes/Wildcard] \'hosts\' must name no wildcard, because Issuer letsencrypt answers by HTTP alone, got "*.preview.example.com"; give the issuer a DNS-01 challenge, or name each host (wildcard-needs-dns)',
    ]);
  });

  test('is silent where records are written, where no authority asks, and in all environments', () => {
    expect(wildcard({ acme: { ...acme, challenge: { dns01: { route53: { region: 'eu-central-1' } } } } })).toEqual([]);
    expect(wildcard('self-signed')).toEqual([]);
    for (const environment of environments) {
      expect(faultsOf(environment).filter((fault) => fault.endsWith('(wildcard-needs-dns)'))).toEqual([]);
    }
  });

  test('bears anything', () => {
    const broken = said(wildcardNeedsDns, ({ release }) => {
      const { certificate } = new RouteCertificate(Chart.of(release), 'Odd', { ...minimal, hosts: ['*.example.com'] });
      patch(certificate, 'nonsense', JsonPatch.replace('/spec/issuerRef', 7));
    });
    expect(broken).toEqual([]);
  });
});

describe('records', () => {
  test('are annotations of what has the address', () => {
    const everything: Required<DnsSettings> = {
      hosts: ['a.example.com', 'b.example.com'],
      target: '203.0.113.7',
      ttl: Duration.minutes(1),
    };
    expect(dnsAnnotations(everything)).toEqual({
      'external-dns.alpha.kubernetes.io/hostname': 'a.example.com,b.example.com',
      'external-dns.alpha.kubernetes.io/target': '203.0.113.7',
      'external-dns.alpha.kubernetes.io/ttl': '60',
      'external-dns.kubernetes.io/hostname': 'a.example.com,b.example.com',
      'external-dns.kubernetes.io/target': '203.0.113.7',
      'external-dns.kubernetes.io/ttl': '60',
    });
    expect(dnsAnnotations({})).toEqual({});
  });

  const record: DnsRecordProps = { name: 'web', hosts: ['*.preview.example.com'], targets: ['203.0.113.7'] };
  const made = (props: Partial<DnsRecordProps> = {}): unknown => {
    const tried = chart();
    new DnsRecord(tried, 'Record', { ...record, ...props });
    return one(tried, 'DNSEndpoint')['spec'].endpoints;
  };

  test('are an object, where no other has the address', () => {
    expect(made()).toEqual([{ dnsName: '*.preview.example.com', recordType: 'A', targets: ['203.0.113.7'], recordTTL: 300 }]);
  });

  test('with everything set', () => {
    const everything: Required<DnsRecordProps> = {
      ...record,
      hosts: ['a.b', 'c.d'],
      targets: ['2001:db8::1'],
      ttl: Duration.hours(1),
    };
    expect(made(everything)).toEqual(
      ['a.b', 'c.d'].map((dnsName) => ({ dnsName, recordType: 'AAAA', targets: ['2001:db8::1'], recordTTL: 3600 })),
    );
    expect(made({ targets: ['lb.example.net'] })).toMatchObject([{ recordType: 'CNAME', targets: ['lb.example.net'] }]);
  });

  test.each([
    ['addresses of two kinds are mixed', ['203.0.113.7', '2001:db8::1'], '"203.0.113.7, 2001:db8::1"'],
    ['there is no target', [], '""'],
    ['there are two aliases', ['a.example.net', 'b.example.net'], '"a.example.net, b.example.net"'],
  ])('fails when %s', (_, targets, got) => {
    expect(refusalsOf((tried) => new DnsRecord(tried, 'Record', { ...record, targets }))).toEqual([
      `[chart/Record] 'targets' must be IPv4 addresses, IPv6 addresses, or one host name, got ${got}; make a record for each kind`,
    ]);
  });
});
