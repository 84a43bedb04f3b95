import { App, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { build, staging } from './support/stack';
import {
  type NamedEnvironment,
  Checks,
  NetworkFence,
  OptOut,
  ProbedDeployment,
  render,
  type Manifest,
  type Opening,
  type Peer,
} from '../lib/index';
import { declare } from '../lib/support/declare';
import type { Traffic } from '../lib/support/network';
import { chart, minimalDeployment, objects } from './support/chart';
import { balanced, certify, https, ingress, istio, ownGateway } from './support/variants';
import { vary, type Variation } from './support/vary';

/** Who is let in or reached without being named, by some objects; read without the rules of the library. */
function strangers(manifests: readonly Manifest[]): string[] {
  return manifests.flatMap(({ kind, metadata, spec = {} }) => {
    const at = (what: string) => `${kind} ${metadata.name}: ${what}`;
    const empty = (list: unknown) => !Array.isArray(list) || list.length === 0;
    if (kind === 'NetworkPolicy') {
      // Proxies of a Gateway are there for everyone.
      if (JSON.stringify(spec.podSelector ?? {}).includes('gateway-name')) return [];
      const rules = [...(spec.ingress ?? []), ...(spec.egress ?? [])] as Manifest[];
      return rules.flatMap((rule) => {
        const peers = (rule['from'] ?? rule['to']) as Manifest[] | undefined;
        const wide = peers?.some((peer) =>
          /^\{\}$|Selector":\{(?:"matchLabels":\{\})?\}|"(?:0\.0\.0\.0|::)\/0"/.test(JSON.stringify(peer)),
        );
        return empty(peers) || wide === true || empty(rule['ports']) ? [at(JSON.stringify(rule))] : [];
      });
    }
    if (kind === 'Service')
      return spec.type === 'LoadBalancer' && empty(spec.loadBalancerSourceRanges) ? [at('every range')] : [];
    if (kind === 'Ingress') {
      const ranges: unknown = metadata.annotations?.['alb.ingress.kubernetes.io/inbound-cidrs'];
      return spec.ingressClassName === 'alb' && !ranges ? [at('every range')] : [];
    }
    if (kind !== 'AuthorizationPolicy' || spec.targetRefs) return [];
    // Who comes in clear text has no name in a mesh: addresses in the fence say who that is.
    const clear = manifests.find((one) => one['kind'] === 'PeerAuthentication' && one['metadata'].name === metadata.name);
    const isClear = (rule: Manifest) => {
      const ports = ((rule['to'] ?? []) as Manifest[]).flatMap(({ operation }) => operation.ports as string[]);
      return !('from' in rule) && ports.length > 0 && ports.every((one) => clear?.['spec'].portLevelMtls?.[one] !== undefined);
    };
    return ((spec.rules ?? []) as Manifest[])
      .filter((rule) => !isClear(rule))
      .flatMap((rule) => {
        const sources = (rule['from'] ?? []) as Manifest[];
        const named = sources.every(({ source }) => Object.values(source as object).every((list) => !empty(list)));
        const ports = (rule['to'] ?? []) as Manifest[];
        return empty(sources) || !named || ports.some(({ operation }) => empty(operation.ports))
          ? [at(JSON.stringify(rule))]
          : [];
      });
  });
}

const namespace = fc.constantFrom('gateway', 'proxies', 'monitoring');
const range = fc.constantFrom('10.0.0.0/8', '192.0.2.0/24', 'fd00::/64');
const peer: fc.Arbitrary<Peer> = fc.oneof(
  namespace.map((one) => ({ namespace: one })),
  range.map((cidr) => ({ cidr })),
);
/** Often empty. */
const some = <T>(one: fc.Arbitrary<T>, empty = 4) =>
  fc.oneof(
    { weight: empty, arbitrary: fc.constant<T[]>([]) },
    { weight: 4, arbitrary: fc.array(one, { minLength: 1, maxLength: 2 }) },
  );
/** Empty now and then: those are refused. */
const refused = <T>(one: fc.Arbitrary<T>) => some(one, 1);
const port = fc.integer({ min: 1, max: 65535 });
const opening: fc.Arbitrary<Opening> = fc.record({ port, peer });

const route: fc.Arbitrary<Variation> = fc.oneof(
  fc.constant({ route: undefined }),
  fc.constantFrom('istio' as const, 'gke' as const, 'nginx-gateway-fabric' as const).map((controller) => ({
    route: ownGateway(controller),
    amend: certify,
  })),
  fc.constant({ route: istio }),
  fc.tuple(refused(range), refused(range)).map(([sourceRanges, subnets]) => ({
    route: ingress({ alb: { scheme: 'internal', sourceRanges, subnets } }),
  })),
);
const exposure: fc.Arbitrary<Variation> = fc.oneof(
  fc.constant({}),
  fc.tuple(refused(range), refused(range), fc.boolean()).map(([ranges, subnets, aws]) => ({
    web: { https, exposure: balanced(aws ? { aws: { scheme: 'internal', subnets } } : { other: {} }, ranges) },
  })),
);
const mesh = fc.oneof(
  fc.constant(undefined),
  refused(namespace).map((gateways) => ({ gateways })),
);

test('no list of an environment that is empty opens anything: it is refused, or lets nobody in', () => {
  let accepted = 0;
  // No pod has a port for metrics, so that nobody may be named.
  const monitoring = fc.constantFrom<NamedEnvironment['monitoring']>([], OptOut.because('nobody is drawn this time'));
  const lists = fc.record({ clients: some(peer), monitoring, egress: some(opening), mesh, route, exposure });
  fc.assert(
    fc.property(lists, ({ route: { amend, ...led }, exposure: reached, clients, ...drawn }) => {
      const quota = { cpu: Cpu.units(50), memory: Size.gibibytes(50), storage: Size.gibibytes(50), pods: 50 };
      const app = new App();
      const environment: NamedEnvironment = vary(
        staging,
        drawn,
        led,
        { web: { clients }, quota },
        reached,
        amend ? { amend } : {},
      );
      build(environment, app);
      // Who is not let in is a fault of its own, which would hide the others.
      for (const rule of ['network-open', 'empty-is-everyone', 'network-private'])
        Checks.of(app).leaveOut(rule, OptOut.because('this test looks at the YAML itself'));
      const { files, faults } = render(app);
      if (faults.length > 0) return;
      accepted += 1;
      const documents = [...files.values()].flatMap((text) => parseAllDocuments(text).map((one) => one.toJS() as Manifest));
      expect(strangers(documents)).toEqual([]);
    }),
    { numRuns: 25, seed: 2911 },
  );
  expect(accepted).toBeGreaterThan(8);
});

const traffic = (pods: string): fc.Arbitrary<Traffic> =>
  fc.record(
    {
      pods: fc.constant(pods),
      labels: fc.constant({}),
      reachesOut: fc.boolean(),
      sends: some(opening),
      serves: some(port),
      metrics: fc.oneof(port, some(port)),
    },
    { requiredKeys: ['pods', 'labels', 'reachesOut', 'sends'] },
  );

test('no list that a fence is given or that pods declare opens anything while it is empty', () => {
  const all = { clients: some(peer), dns: some(peer), monitoring: some(peer), egress: some(opening) };
  const drawn = fc.record({ ...all, declared: fc.tuple(traffic('web'), traffic('worker')), own: some(opening) });
  fc.assert(
    fc.property(drawn, ({ declared, own, monitoring, ...lists }) => {
      const tried = chart();
      declare(tried, { traffic: [...declared] });
      new ProbedDeployment(tried, 'Web', { ...minimalDeployment, egress: own });
      // Ports that nobody may ask want a reason, and those who would ask for none are refused.
      const measured = declared.some(({ metrics = [] }) => [metrics].flat().length > 0);
      const nobody = measured ? OptOut.because('nobody is drawn this time') : [];
      new NetworkFence(tried, 'Fence', { ...lists, monitoring: measured && monitoring.length > 0 ? monitoring : nobody });
      expect(strangers(objects(tried))).toEqual([]);
    }),
    { numRuns: 300, seed: 2911 },
  );
});

test('the reader of these tests finds what is open', () => {
  const policy = (spec: Manifest) => ({ kind: 'NetworkPolicy', metadata: { name: 'one' }, spec });
  const ports = [{ port: 80 }];
  const open = [
    ...[[], [{}], [{ namespaceSelector: {} }], [{ ipBlock: { cidr: '::/0' } }]].map((from) =>
      policy({ ingress: [{ from, ports }] }),
    ),
    policy({ egress: [{ to: [], ports }] }),
    policy({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [] }] }),
    { kind: 'Service', metadata: { name: 'one' }, spec: { type: 'LoadBalancer', loadBalancerSourceRanges: [] } },
    { kind: 'Ingress', metadata: { name: 'one' }, spec: { ingressClassName: 'alb' } },
    ...[[], [{ source: { namespaces: [] } }]].map((from) => ({
      kind: 'AuthorizationPolicy',
      metadata: { name: 'one' },
      spec: { rules: [{ from, to: [{ operation: { ports: ['80'] } }] }] },
    })),
  ];
  for (const manifest of open) expect(strangers([manifest])).toHaveLength(1);
});
