import type { Manifest } from '../../support/edit';
import type { FinishedObject, Rule } from '../rule';
import { blamed, covers, fencing, namedPorts } from '../../model/fences';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { sidecarsOf } from '../../model/istio';
import { type Scraped, scrapedPorts } from '../../model/metrics';
import { fencesOf } from '../../model/network-policies';
import { privatePods, type PrivatePods } from '../../model/ports';
import { backends, portsOfService, servicesBehind } from '../../model/routes';
import { selectorMatches, serviceSelects } from '../../model/selectors';
import { opensOutside, serviceTargets } from '../../model/services';
import { map, namespaceOf, scalar, specOf } from '../../model/values';

/** Who writes a monitor seldom writes the policies of the pods that it asks. */
export const scraperLetIn: Rule = {
  name: 'scraper-let-in',
  sentence: 'The NetworkPolicies of pods that a monitor has Prometheus ask let somebody connect to the port.',
  why: 'Each scrape runs into its time-out: the target is down, its alerts never fire, and the dashboards are empty.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
  *find(world) {
    const fences = fencesOf(world);
    if (fences.length === 0) return;
    const told = new Set<string>();
    for (const { workload, number, monitor } of scrapedPorts(world)) {
      const closing = fencing(fences, workload, 'Ingress');
      const port = { number, protocol: 'TCP' };
      const named = namedPorts(workload);
      const isOpen = closing.some((fence) =>
        fence.rules.Ingress.some(({ ports }) => ports?.some((one) => covers(one, port, named)) ?? true),
      );
      const key = `${workload.object.construct.node.path} ${number}`;
      if (closing.length === 0 || isOpen || told.has(key)) continue;
      told.add(key);
      const must = `let Prometheus connect to port ${number} of ${workload.kind} ${workload.name}, which ${monitor.manifest['kind']} ${String(monitor.manifest['metadata']?.name)} has it ask`;
      const fix = 'let its namespace in at that port, or take the monitor out';
      yield { object: blamed(closing), field: 'spec.ingress', must, got: 'no rule for that port', fix };
    }
  },
};

/** A strict mesh refuses whoever shows no certificate, and Prometheus asks pods by their own addresses. */
export const scraperInClearText: Rule = {
  name: 'scraper-in-clear-text',
  sentence: 'A port that Prometheus asks without a certificate is not under strict mTLS of Istio.',
  why: 'The proxy of the pod resets each scrape, while the NetworkPolicies, the port and the pods all look right.',
  source: 'https://istio.io/latest/docs/ops/integrations/prometheus/#tls-settings',
  *find(world) {
    const inventory = inventoryOf(world);
    if (inventory.ofKind('PeerAuthentication').length === 0) return;
    const told = new Set<string>();
    for (const scraped of scrapedPorts(world)) {
      const { monitor, field, workload, number } = scraped;
      if (told.has(`${workload.name} ${number}`) || showsCertificate(scraped.endpoint) || !isStrict(scraped, inventory)) continue;
      told.add(`${workload.name} ${number}`);
      const must = `show a certificate of the mesh, which port ${number} of ${workload.kind} ${workload.name} demands`;
      const fix =
        "let the port be PERMISSIVE in portLevelMtls of a PeerAuthentication with the pods' labels, or write tlsConfig with a certificate of the mesh";
      yield { object: monitor, field, must, got: 'no tlsConfig', fix };
    }
  },
};

function showsCertificate({ scheme, tlsConfig }: Manifest): boolean {
  return String(scheme).toLowerCase() === 'https' || Object.keys(map(tlsConfig)).length > 0;
}

/** Whether the policy that counts for the port is strict: one with the pods' labels goes before that of the namespace. */
function isStrict({ workload, number }: Scraped, inventory: Inventory): boolean {
  const sidecar = sidecarsOf(inventory).get(workload);
  if (!sidecar) return false;
  const past = scalar(sidecar.annotations['traffic.sidecar.istio.io/excludeInboundPorts']) ?? '';
  if (past.split(',').some((one) => one.trim() === `${number}` || one.trim() === '*')) return false;
  const near = inventory.ofKind('PeerAuthentication').filter(({ manifest }) => namespaceOf(manifest) === workload.namespace);
  const isOwn = (object: FinishedObject) => Object.keys(map(map(specOf(object)['selector'])['matchLabels'])).length > 0;
  const whole = near.some((object) => !isOwn(object) && map(specOf(object)['mtls'])['mode'] === 'STRICT');
  const own = near.filter((object) => isOwn(object) && selectorMatches(specOf(object)['selector'], workload.labels));
  if (own.length === 0) return whole;
  return own.every((object) => {
    const { mtls, portLevelMtls } = specOf(object);
    const mode = scalar(map(map(portLevelMtls)[`${number}`])['mode']) ?? scalar(map(mtls)['mode']) ?? 'UNSET';
    return mode === 'STRICT' || (mode === 'UNSET' && whole);
  });
}

export const metricsInside: Rule = {
  name: 'metrics-inside',
  sentence: 'No route, load balancer or port of the nodes leads to a port for metrics.',
  why: 'Routes, hosts, versions of all dependencies and names of jobs are there to be read by everyone, and each request costs as much as a scrape.',
  source: 'https://prometheus.io/docs/operating/security/',
  severity: 'warning',
  *find(world) {
    const inventory = inventoryOf(world);
    const measured = privatePods(world).filter(({ uses }) => [...uses.values()].includes('metrics'));
    if (measured.length === 0) return;
    const fix = 'leave the port out of it: Prometheus asks pods by their own addresses';
    for (const service of inventory.ofKind('Service')) {
      if (!opensOutside(service)) continue;
      const { type = 'ClusterIP' } = specOf(service);
      const got = type === 'ClusterIP' ? 'externalIPs' : `a ${String(type)}`;
      for (const [index, entry] of portsOfService(service).entries()) {
        const to = target(service, entry, measured, inventory);
        if (to) yield { object: service, field: `spec.ports[${index}]`, must: `not lead to ${to}`, got, fix };
      }
    }
    for (const { object, portField, port, service, meant } of servicesBehind(backends(inventory), inventory)) {
      const [entry] = meant;
      const to = entry && target(service, entry, measured, inventory);
      if (to) yield { object, field: portField, must: `not lead to ${to}`, got: port, fix };
    }
  },
};

/** The port for metrics behind one of a Service, for sentences. */
function target(service: FinishedObject, entry: object, measured: readonly PrivatePods[], inventory: Inventory) {
  const { selector } = specOf(service);
  const home = namespaceOf(service.manifest);
  const found = measured.filter(({ namespace, labels }) => namespace === home && serviceSelects(selector, labels));
  const numbers = inventory
    .servedBy(service)
    .flatMap((workload) => serviceTargets(service.manifest, workload, (one) => one === entry));
  const met = found.find(({ uses }) => numbers.some(({ number }) => uses.get(number) === 'metrics'));
  return met && `the port for metrics of ${met.title}`;
}
