import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { map, namespaceOf, scalar, specOf } from '../world/values';
import { type Scraped, scrapedPorts } from '../world/metrics';
import { selectorMatches } from '../world/selectors';
import { sidecarsOf } from '../world/istio';

/** A strict mesh refuses whoever shows no certificate, and Prometheus asks pods by their own addresses. */
export const scraperInClearText: Rule = {
  name: 'scraper-in-clear-text',
  sentence: 'A port that Prometheus asks without a certificate is not under strict mTLS of Istio.',
  why: 'The proxy of the pod resets each scrape, while the NetworkPolicies, the port and the pods all look right.',
  source: 'https://istio.io/latest/docs/ops/integrations/prometheus/#tls-settings',
  *find(world: World): Iterable<Finding> {
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
