import { BlockList } from 'node:net';
import { App, JsonPatch } from 'cdk8s';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { build } from './support/stack';
import { type NamedEnvironment, OptOut, patch, render, type BackingService, type Manifest, type Opening } from '../lib/index';
import { staging } from './support/alone';
import { vary } from './support/vary';

/** Where a URL may lead: an address, a name of the internet, a Service of another namespace. */
const target = fc.oneof(
  fc.constantFrom('203.0.113.7', '198.51.100.20', '10.8.0.9').map((host) => ({ host, at: { ip: host } })),
  fc.constantFrom('s3.example.net', 'queue.example.org').map((host) => ({ host, at: {} })),
  fc.constantFrom('cache', 'broker').map((namespace) => ({ host: `main.${namespace}.svc.cluster.local`, at: { namespace } })),
);
const port = fc.constantFrom(5672, 6379, 9000, 8443);
const scheme = fc.constantFrom('https', 'redis', 'amqp', 'http');
const opening: fc.Arbitrary<Opening> = fc.record(
  {
    port,
    peer: fc.oneof(
      fc.constantFrom('203.0.113.0/24', '198.51.100.20/32', '10.0.0.0/8', '192.0.2.0/24').map((cidr) => ({ cidr })),
      fc.constantFrom('cache', 'broker').map((namespace) => ({ namespace })),
    ),
  },
  { requiredKeys: ['port'] },
);
/** How the variable comes to the pods: as it is, in a list of further ones, or with what leads to it. */
const said = fc.constantFrom('amended', 'declared', 'excused');
const drawn = fc.record({ target, port, scheme, said, egress: fc.array(opening, { maxLength: 3 }) });
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

function environmentOf({ target: { host, at }, port: number, scheme: protocol, said: way, egress }: Drawn): NamedEnvironment {
  const url = `${protocol}://${host}:${number}/`;
  const cidrs = 'ip' in at ? [`${at.ip}/32`] : 'everyone';
  const service: BackingService =
    way === 'excused' ? OptOut.because('browsers go there, and no pod does') : 'namespace' in at ? { url } : { url, cidrs };
  const backingServices = way === 'amended' ? undefined : { RANDOM_URL: service };
  return vary(staging, { egress, backingServices });
}

/** Whether the written policies let the web pods send to a place, judged from the YAML alone. */
function open(files: ReadonlyMap<string, string>, { target: { at }, port: number }: Drawn): boolean {
  const documents = [...files.values()].flatMap((text) => parseAllDocuments(text).map((one) => one.toJS() as Manifest));
  const policy = documents.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'kube-native');
  const rules = (policy?.['spec'].egress ?? []) as { to?: Manifest[]; ports?: { port: number; endPort?: number }[] }[];
  return rules.some(({ to, ports }) => {
    const fits = ports?.some((one) => one.port <= number && number <= (one.endPort ?? one.port)) ?? true;
    return fits && (to?.some((peer) => meets(peer, at)) ?? true);
  });
}

function meets({ ipBlock, namespaceSelector }: Manifest, at: { ip?: string; namespace?: string }): boolean {
  if (ipBlock !== undefined) {
    const [address = '', prefix = ''] = String(ipBlock.cidr).split('/');
    // Which addresses a name of the internet has stands nowhere: its author opened one.
    if (at.ip === undefined) return at.namespace === undefined;
    const list = new BlockList();
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
    return list.check(at.ip);
  }
  return at.namespace !== undefined && namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] === at.namespace;
}

test('each URL in a variable leads where the fence is open, or is refused by name', () => {
  const seen = { reached: 0, refused: 0, excused: 0 };
  fc.assert(
    fc.property(drawn, (one) => {
      const app = new App();
      const { host } = one.target;
      const value = `${one.scheme}://${host}:${one.port}/`;
      const amend: NamedEnvironment['amend'] = ({ release }) => {
        const variable = JsonPatch.add('/spec/template/spec/containers/0/env/-', { name: 'RANDOM_URL', value });
        if (one.said !== 'declared') patch(release.web.deployment, 'a variable that no prop declares', variable);
      };
      build(vary(environmentOf(one), { amend }), app);
      const { files, faults } = render(app);
      const refused = faults.some((fault) => fault.includes('RANDOM_URL') && fault.endsWith('(hosts-reachable)'));
      expect(faults.filter((fault) => !fault.includes('RANDOM_URL'))).toEqual([]);
      if (one.said === 'excused') seen.excused += 1;
      else if (refused) seen.refused += 1;
      else seen.reached += 1;
      if (one.said === 'excused') expect(faults).toEqual([]);
      else if (faults.length === 0) expect(open(files, one)).toBe(true);
    }),
    { numRuns: 40, seed: 1129 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
});
