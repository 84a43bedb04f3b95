import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { DestinationRule, DestinationRuleSpecTrafficPolicyTlsMode as Tls } from '../../../imports/networking.istio.io';
import { edit, type Manifest } from '../../support/edit';
import { mapOf, mapsOf, type Member } from './members';

/** A Service without an address of its own, whose clients connect to pods. */
export interface Headless {
  readonly object: ApiObject;
  readonly manifest: Manifest;
  readonly name: string;
  /** Services with an address that lead to the same pods. */
  readonly beside: readonly ApiObject[];
}

/** The headless Services of members among some objects. */
export function headlessServices(
  objects: readonly { object: ApiObject; manifest: Manifest }[],
  members: readonly Member[],
): Headless[] {
  const services = objects.filter(({ manifest }) => manifest['kind'] === 'Service');
  return services.flatMap(({ object, manifest }) => {
    const { clusterIP, selector } = mapOf(manifest['spec']);
    const wanted = Object.entries(mapOf(selector));
    const finds = ({ labels }: Member) => wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
    if (clusterIP !== 'None' || !members.some(finds)) return [];
    const pods = JSON.stringify(selector);
    const same = services.filter((other) => other.object !== object && JSON.stringify(specOf(other)['selector']) === pods);
    const beside = same.filter((other) => specOf(other)['clusterIP'] !== 'None').map((other) => other.object);
    return [{ object, manifest, name: String(mapOf(manifest['metadata'])['name']), beside }];
  });
}

function specOf({ manifest }: { manifest: Manifest }): Manifest {
  return mapOf(manifest['spec']);
}

/** Names of ports that begin with one of these say what is spoken behind them. */
const PROTOCOLS = /^(?:tcp|tls|https?|http2|grpc(?:-web)?|mongo|mysql|redis)(?:-|$)/;

/**
 * Declares what is spoken on a Service's ports, and on those of the Services beside it, which the proxies would guess from
 * the first bytes; and ports that it does not have yet: on others a pod is called in clear text, which the other sidecar refuses.
 *
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#headless-services
 */
export function declarePorts({ object, beside }: Headless, more: readonly number[] = []): void {
  declare(object, more);
  for (const other of beside) declare(other, []);
}

function declare(object: ApiObject, more: readonly number[]): void {
  edit(object, (manifest) => {
    const spec = mapOf(manifest['spec']);
    const ports = mapsOf(spec['ports']);
    const missing = more.filter((number) => !ports.some(({ port }) => port === number));
    const declared = ports.map((port) => {
      const said = port['appProtocol'] !== undefined || PROTOCOLS.test(String(port['name'])) || port['protocol'] === 'UDP';
      return said ? port : { ...port, appProtocol: 'tcp' };
    });
    const added = missing.map((port) => ({ name: `tcp-${port}`, port }));
    return { ...manifest, spec: { ...spec, ports: [...declared, ...added] } };
  });
}

/**
 * Says that the pods behind a headless Service are called by mutual TLS. Istio finds that out by itself where a Service has
 * an address; what it takes for headless ones differed between its versions.
 *
 * @see https://github.com/istio/istio.io/issues/8393
 */
export function callEncrypted(scope: Construct, { name, manifest }: Headless, zone: string): DestinationRule {
  const labels = mapOf(mapOf(manifest['metadata'])['labels']);
  return new DestinationRule(scope, `To-${name}`, {
    metadata: { name, labels: { ...labels } },
    spec: { host: `${name}.${zone}`, trafficPolicy: { tls: { mode: Tls.ISTIO_UNDERSCORE_MUTUAL } } },
  });
}
