import { isIP } from 'node:net';
import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { list, map, maps, specOf } from '../world/values';

type Fault = Omit<Finding, 'object'>;
const EXTERNAL = new Set(['NodePort', 'LoadBalancer']);
/** Fields that only a LoadBalancer may have. */
const OF_BALANCERS = ['loadBalancerClass', 'loadBalancerSourceRanges', 'allocateLoadBalancerNodePorts'];

/** A Service whose type was changed by a patch keeps the fields of the former one. */
export const serviceFields: Rule = {
  name: 'service-fields',
  sentence: 'A Service has only fields that fit its type.',
  why: 'The API server refuses a nodePort on a ClusterIP Service, and the application has no address.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('Service'))
      for (const fault of faultsOf(specOf(object))) yield { ...fault, object };
  },
};

function* faultsOf(spec: Manifest): Iterable<Fault> {
  const { type = 'ClusterIP', externalTrafficPolicy, externalIPs, externalName, clusterIP } = spec;
  const external = EXTERNAL.has(type);
  for (const [index, { nodePort }] of maps(spec['ports']).entries()) {
    if (typeof nodePort !== 'number' || nodePort === 0 || external) continue;
    const field = `spec.ports[${index}].nodePort`;
    yield {
      field,
      must: "stand with type 'NodePort' or 'LoadBalancer' alone",
      got: nodePort,
      fix: 'take it out, or change the type',
    };
  }
  const hasIPs = Array.isArray(externalIPs) && externalIPs.length > 0;
  if (externalTrafficPolicy !== undefined && externalTrafficPolicy !== null && !external && !hasIPs)
    yield {
      field: 'spec.externalTrafficPolicy',
      must: "stand with type 'NodePort' or 'LoadBalancer' alone",
      got: externalTrafficPolicy,
      fix: 'take it out',
    };
  for (const name of OF_BALANCERS) {
    const got: unknown = spec[name];
    if (got === undefined || got === null || type === 'LoadBalancer' || (Array.isArray(got) && got.length === 0)) continue;
    yield { field: `spec.${name}`, must: "stand with type 'LoadBalancer' alone", got, fix: 'take it out, or change the type' };
  }
  yield* addresses(spec);
  yield* clusterAddress(type, clusterIP, externalName);
  yield* affinity(spec);
}

/** What stands where an address belongs: most often a name. */
function* addresses({
  type,
  clusterIP,
  clusterIPs,
  externalIPs,
  externalTrafficPolicy,
  healthCheckNodePort,
}: Manifest): Iterable<Fault> {
  const given = Object.entries({ clusterIP: [clusterIP], clusterIPs: list(clusterIPs), externalIPs: list(externalIPs) });
  for (const [name, values] of given) {
    const got = values.find((value) => typeof value === 'string' && !isAddress(value, name));
    if (got === undefined) continue;
    yield {
      field: `spec.${name}`,
      must: 'be an address',
      got,
      fix: "write the address; a headless Service has clusterIP: 'None'",
    };
  }
  const [first] = list(clusterIPs);
  if (first !== undefined && first !== clusterIP) {
    const must = 'begin with clusterIP';
    yield { field: 'spec.clusterIPs', must, got: clusterIPs, fix: 'leave it out, or give both' };
  }
  if (typeof healthCheckNodePort !== 'number' || healthCheckNodePort === 0) return;
  if (type === 'LoadBalancer' && externalTrafficPolicy === 'Local') return;
  const must = "stand with type 'LoadBalancer' and externalTrafficPolicy 'Local' alone";
  yield { field: 'spec.healthCheckNodePort', must, got: healthCheckNodePort, fix: 'take it out' };
}

function isAddress(value: string, name: string): boolean {
  return isIP(value) !== 0 || (name !== 'externalIPs' && (value === 'None' || value === ''));
}

function* clusterAddress(type: string, clusterIP: unknown, externalName: unknown): Iterable<Fault> {
  if (type === 'ExternalName') {
    if (typeof externalName !== 'string' || externalName === '')
      yield {
        field: 'spec.externalName',
        must: "be given with type 'ExternalName'",
        got: externalName,
        fix: 'write the host outside',
      };
    if (typeof clusterIP === 'string' && clusterIP !== '')
      yield { field: 'spec.clusterIP', must: "not be given with type 'ExternalName'", got: clusterIP, fix: 'take it out' };
  } else if (clusterIP === 'None' && EXTERNAL.has(type))
    yield {
      field: 'spec.clusterIP',
      must: `not be None with type '${type}'`,
      got: clusterIP,
      fix: 'make a second Service for outside',
    };
}

function* affinity({ sessionAffinity, sessionAffinityConfig }: Manifest): Iterable<Fault> {
  if (sessionAffinityConfig === undefined || sessionAffinityConfig === null) return;
  if (sessionAffinity !== 'ClientIP')
    yield {
      field: 'spec.sessionAffinityConfig',
      must: "stand with sessionAffinity 'ClientIP' alone",
      got: sessionAffinityConfig,
      fix: 'take it out',
    };
  const { timeoutSeconds: got } = map(map(sessionAffinityConfig)['clientIP']);
  if (typeof got !== 'number' || (got >= 1 && got <= 86400)) return;
  yield {
    field: 'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
    must: 'be from 1 to 86400',
    got,
    fix: 'write seconds, as in 10800',
  };
}
