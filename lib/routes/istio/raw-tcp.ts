import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { DestinationRule, DestinationRuleSpecTrafficPolicyTlsMode as Tls } from '../../../imports/networking.istio.io';
import type { Manifest } from '../../support/edit';
import { map, maps } from '../../support/is-map';
import { type Member, type Standing } from './members';

/** A Service without an address of its own, whose clients connect to pods. */
export interface Headless {
  readonly object: ApiObject;
  readonly manifest: Manifest;
  readonly name: string;
  /** Services with an address that lead to the same pods. */
  readonly beside: readonly ApiObject[];
}

/** The headless Services of members among some objects. */
export function headlessServices(objects: readonly Standing[], members: readonly Member[]): Headless[] {
  const services = objects.filter(({ manifest }) => manifest['kind'] === 'Service');
  return services.flatMap(({ object, manifest }) => {
    const { clusterIP, selector } = map(manifest['spec']);
    const wanted = Object.entries(map(selector));
    const finds = ({ labels }: Member) => wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
    if (clusterIP !== 'None' || !members.some(finds)) return [];
    const pods = JSON.stringify(selector);
    const same = services.filter((other) => other.object !== object && JSON.stringify(specOf(other)['selector']) === pods);
    const beside = same.filter((other) => specOf(other)['clusterIP'] !== 'None').map((other) => other.object);
    return [{ object, manifest, name: String(map(manifest['metadata'])['name']), beside }];
  });
}

function specOf({ manifest }: Pick<Standing, 'manifest'>): Manifest {
  return map(manifest['spec']);
}

/** Names of ports that begin with one of these say what is spoken behind them. */
const PROTOCOLS = /^(?:tcp|tls|https?|http2|grpc(?:-web)?|mongo|mysql|redis)(?:-|$)/;

/**
 * Declares what is spoken on a Service's ports, which the proxies would guess from the first bytes, and ports that it does not
 * have yet: on others a pod is called in clear text, which the other sidecar refuses.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#headless-services
 */
export function declaringPorts(manifest: Manifest, more: readonly number[]): Manifest {
  const spec = map(manifest['spec']);
  const ports = maps(spec['ports']);
  const missing = more.filter((number) => !ports.some(({ port }) => port === number));
  const declared = ports.map((port) => {
    const said = port['appProtocol'] !== undefined || PROTOCOLS.test(String(port['name'])) || port['protocol'] === 'UDP';
    return said ? port : { ...port, appProtocol: 'tcp' };
  });
  const added = missing.map((port) => ({ name: `tcp-${port}`, port }));
  return { ...manifest, spec: { ...spec, ports: [...declared, ...added] } };
}

/**
 * Says that the pods behind a headless Service are called by mutual TLS. Istio finds that out by itself where a Service has
 * an address; what it takes for headless ones differed between its versions.
 *
 * @see https://github.com/istio/istio.io/issues/8393
 */
export function callEncrypted(scope: Construct, id: string, { name, manifest }: Headless, zone: string): DestinationRule {
  const labels = map(map(manifest['metadata'])['labels']);
  return new DestinationRule(scope, id, {
    metadata: { name, labels: { ...labels } },
    spec: { host: `${name}.${zone}`, trafficPolicy: { tls: { mode: Tls.ISTIO_UNDERSCORE_MUTUAL } } },
  });
}
