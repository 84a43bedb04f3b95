import { build, development, preview } from '../support/stack';
import {
  type NamedEnvironment,
  CertificateIssuer,
  Checks,
  DnsRecord,
  dnsAnnotations,
  render,
  RouteCertificate,
  type Exposure,
  type IssuerSource,
  type Manifest,
} from '../../lib/index';
import { yaml } from '../../lib/support/yaml';
import { chart, objects } from '../support/chart';
import { staging } from '../support/alone';
import { invalidObjects } from '../support/models';
import { vary, type Variation } from '../support/vary';

/** The text of an environment's Service for browsers, and of its fence, where nothing is refused. */
function roadOf(environment: NamedEnvironment): string {
  const app = build(environment);
  expect(render(app).faults).toEqual([]);
  const own = ({ kind, metadata }: Manifest) =>
    ['Service', 'NetworkPolicy', 'ResourceQuota'].includes(kind as string) &&
    /^(kube-native|budget)$/.test(metadata.name as string);
  const text = yaml(Checks.of(app).world.objects.flatMap(({ manifest }) => (own(manifest) ? [manifest] : [])));
  expect(invalidObjects([text])).toEqual([]);
  return text;
}

const balancer = (cloud: Extract<Exposure, { loadBalancer: unknown }>['loadBalancer']['cloud']): Variation => ({
  web: {
    exposure: {
      loadBalancer: { sourceRanges: ['203.0.113.0/24'], cloud, annotations: dnsAnnotations({ hosts: [staging.web.host] }) },
    },
    https: { secret: 'kube-native-tls' },
  },
});

test.each<[string, NamedEnvironment]>([
  ['a load balancer of AWS', vary(staging, balancer({ aws: { scheme: 'internet-facing', subnets: ['10.0.0.0/20'] } }))],
  ['a load balancer of Google', vary(staging, balancer({ gcp: { scheme: 'external' } }))],
  ['a load balancer of Azure', vary(staging, balancer({ azure: { scheme: 'internal', subnet: 'web' } }))],
  ['another load balancer', vary(staging, balancer({ other: { class: 'metallb.io/metallb' } }))],
  [
    'ports of the nodes, with HTTPS',
    vary(development, {
      web: {
        host: 'kube-native.localhost',
        url: { scheme: 'https', port: 30401 },
        https: { secret: 'local-tls' },
        exposure: { nodePort: 30400, httpsNodePort: 30401 },
      },
    }),
  ],
])('%s leads to the pods', (_, environment) => {
  expect(roadOf(environment)).toMatchSnapshot();
});

test('certificates and records are written out', () => {
  const tried = chart();
  const email = 'ops@example.com';
  const sources: Record<string, IssuerSource> = {
    records: { acme: { server: 'production', email, challenge: { dns01: { route53: { region: 'eu-central-1' } } } } },
    answers: { acme: { server: 'staging', email, challenge: { http01: { ingressClass: 'traefik' } } } },
    ours: { ca: { secret: 'our-ca' } },
    laptop: 'self-signed',
  };
  for (const [name, source] of Object.entries(sources)) new CertificateIssuer(tried, name, { name, source });
  const hosts = ['*.preview.example.com'];
  new RouteCertificate(tried, 'Certificate', { name: 'previews', hosts, issuer: { kind: 'Issuer', name: 'records' } });
  new DnsRecord(tried, 'Record', { name: 'previews', hosts, targets: ['203.0.113.7'] });
  const text = yaml(objects(tried));
  expect(invalidObjects([text])).toEqual([]);
  expect(text).toMatchSnapshot();
});

test('a preview becomes exactly these files', () => {
  const { files, faults } = render(build(preview(123, 'registry.example.com/kube-native:pr-123')));
  expect(faults).toEqual([]);
  expect(invalidObjects([...files.values()])).toEqual([]);
  const inOrder = [...files].toSorted(([one], [other]) => (one < other ? -1 : 1));
  expect(inOrder.map(([name, text]) => `# preview-123/${name}\n${text}`).join('\n')).toMatchSnapshot();
});
