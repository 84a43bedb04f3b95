import type { Manifest } from '../../lib/index';

interface Arrow {
  readonly from: string;
  readonly label: string;
  readonly to: string;
}

const LINE = '<br>';
const MESH = 'cdk8s-phoenix/mesh';

/** The way of a request through the objects of an environment, as Mermaid: from the address bar to what its pods may call. */
export function routePicture(objects: readonly Manifest[]): string {
  const of = (kind: string) => objects.filter((object) => object['kind'] === kind);
  const routes = of('HTTPRoute');
  const hosts = routes.flatMap(({ spec }) => spec.hostnames as string[]);
  const gateways = routes.flatMap(({ spec }) => spec.parentRefs as Manifest[]).map(gatewayOf);
  const called = [...new Set(gateways)].map((to) => ({ from: 'browser', label: [...new Set(hosts)].join(LINE), to }));
  const routed = routes.flatMap(throughRoute);
  const services = of('Service').filter(({ metadata }) => routed.some(({ to }) => to === `Service ${metadata.name}`));
  return draw([...called, ...routed, ...services.flatMap((service) => throughService(service, of))]);
}

const gatewayOf = ({ name, namespace }: Manifest): string => `Gateway ${name}${LINE}in ${namespace}`;

/** From the listeners of its Gateways to a route, and on to its Services. */
function throughRoute({ metadata, spec }: Manifest): Arrow[] {
  const rules = spec.rules as Manifest[];
  const codes = rules.flatMap(({ filters = [] }) => filters as Manifest[]).map(({ requestRedirect }) => requestRedirect);
  const answers = codes.map(({ statusCode, scheme }) => `${LINE}answers ${statusCode}: ${scheme}`).join('');
  const own = `HTTPRoute ${metadata.name}${answers}`;
  const parents = spec.parentRefs as Manifest[];
  const backends = rules.flatMap(({ backendRefs = [], matches }) => {
    const paths = (matches as Manifest[]).map(({ path }) => path.value).join(', ');
    return (backendRefs as Manifest[]).map(({ name, port }) => ({
      from: own,
      label: `${paths} to ${port}`,
      to: `Service ${name}`,
    }));
  });
  return [
    ...parents.map((parent) => ({ from: gatewayOf(parent), label: `listener ${parent['sectionName']}`, to: own })),
    ...backends,
  ];
}

/** From a Service to its pods, and on to what the fence lets them call. */
function throughService({ metadata, spec }: Manifest, of: (kind: string) => Manifest[]): Arrow[] {
  const chosen = (labels: Manifest | undefined): boolean =>
    Object.entries(spec.selector).every(([name, value]) => labels?.[name] === value);
  const pods = of('Deployment').filter((one) => chosen(one['spec'].template.metadata.labels));
  const policy = of('NetworkPolicy').find((one) => chosen(one['spec'].podSelector.matchLabels));
  return pods.flatMap((deployment) => {
    const to = `pods of ${deployment['metadata'].name}`;
    const number = portOf(deployment, spec.ports[0].targetPort);
    const comers = (policy?.['spec'].ingress as Manifest[]).filter(({ ports }) =>
      (ports as Manifest[]).some(({ port }) => port === number),
    );
    const label = [`port ${number}, open to`, ...comers.flatMap(({ from }) => (from as Manifest[]).map(peerOf))].join(LINE);
    return [{ from: `Service ${metadata.name}`, label, to }, ...beyond(deployment, to, policy, of)];
  });
}

/** What pods call, names of hosts aside. */
function beyond(deployment: Manifest, from: string, policy: Manifest | undefined, of: (kind: string) => Manifest[]): Arrow[] {
  const database = databaseOf(deployment, of('ConfigMap'));
  const all = of('Deployment');
  const openings = (policy?.['spec'].egress as Manifest[]).flatMap(({ to, ports }) =>
    (ports as Manifest[]).flatMap(({ port, endPort }) =>
      (to as Manifest[]).map((peer) => ({ port: port as number, range: endPort ? `${port} to ${endPort}` : `${port}`, peer })),
    ),
  );
  const ends = openings
    .filter(({ port }) => port !== 53)
    .map(({ port, range, peer }) => {
      const mesh = peer['podSelector']?.matchLabels[MESH];
      const nodes = all.filter(({ spec }) => spec.template.metadata.labels[MESH] === mesh).map(({ metadata }) => metadata.name);
      const name = `${port}` === database.port ? `database ${database.name}${LINE}${peerOf(peer)}` : peerOf(peer);
      return { range, to: mesh === undefined ? name : ['nodes of', ...nodes].join(LINE) };
    });
  const ranges = (to: string) => ends.filter((end) => end.to === to).map(({ range }) => range);
  return [...new Set(ends.map(({ to }) => to))].map((to) => ({ from, label: `port ${ranges(to).join(', ')}`, to }));
}

function portOf({ spec }: Manifest, name: string): number {
  const ports = (spec.template.spec.containers as Manifest[]).flatMap((container) => container['ports'] as Manifest[]);
  return ports.find((port) => port['name'] === name)?.['containerPort'];
}

function databaseOf({ spec }: Manifest, configMaps: readonly Manifest[]): { name: string; port: string } {
  const { name } = spec.template.spec.containers[0].envFrom[0].configMapRef;
  const { pathname, port } = new URL(configMaps.find(({ metadata }) => metadata.name === name)?.['data'].DATABASE_URL);
  return { name: pathname.slice(1), port };
}

function peerOf({ ipBlock, namespaceSelector, podSelector }: Manifest): string {
  if (ipBlock) return ipBlock.cidr;
  const [value] = Object.values<string>((namespaceSelector ?? podSelector).matchLabels);
  return `${namespaceSelector ? 'namespace' : 'pods of'} ${value}`;
}

function draw(arrows: readonly Arrow[]): string {
  const nodes = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))];
  const id = (node: string) => `n${nodes.indexOf(node) + 1}`;
  return [
    'flowchart LR',
    ...nodes.map((node) => `  ${id(node)}["${node}"]`),
    ...arrows.map(({ from, label, to }) => `  ${id(from)} -- "${label}" --> ${id(to)}`),
  ].join('\n');
}
