import { isIP } from 'node:net';
import { isQualifiedName } from '../../support/forms';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { nodePortsOf } from '../../model/services';
import { list } from '../../model/values';
import {
  always,
  between,
  distinct,
  each,
  is,
  neededWith,
  notWith,
  onlyWith,
  PORT,
  text,
  where,
  type TypeRule,
} from './condition';

/** What a Service listens on. */
export const servicePorts: TypeRule = {
  name: 'service-ports',
  sentence: 'A Service has ports from 1 to 65535, each with a name of its own.',
  why: 'The API server refuses the Service, and the application has no address.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services',
  types: {
    ServiceSpec: [
      always(
        'ports',
        'have a port',
        'add the port that clients use',
        (got, { type, clusterIP }) => list(got).length > 0 || type === 'ExternalName' || clusterIP === 'None',
      ),
      distinct('ports[].name', (first) => `differ from that of ${first.replace('.name', '')}`, 'rename one of the two'),
    ],
    ServicePort: [
      is('port targetPort', PORT),
      where('appProtocol', 'name a protocol', 'write a name such as https or kubernetes.io/h2c', text(isQualifiedName)),
    ],
  },
};

function isExternal(type: unknown): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

const ADDRESS = ['be an address', "write the address; a headless Service has clusterIP: 'None'"] as const;

function isClusterIP(text: string): boolean {
  return isIP(text) !== 0 || text === 'None' || text === '';
}

/** A Service whose type was changed by a patch keeps the fields of the former one. */
export const serviceFields: TypeRule = {
  name: 'service-fields',
  sentence: 'A Service has only fields that fit its type.',
  why: 'The API server refuses a nodePort on a ClusterIP Service, and the application has no address.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types',
  types: {
    ServiceSpec: [
      // Only a LoadBalancer may have these.
      onlyWith(
        'loadBalancerClass loadBalancerSourceRanges allocateLoadBalancerNodePorts',
        { type: 'LoadBalancer' },
        'take it out, or change the type',
      ),
      where(
        'ports[].nodePort',
        "stand with type 'NodePort' or 'LoadBalancer' alone",
        'take it out, or change the type',
        (got, { type }) => typeof got !== 'number' || got === 0 || isExternal(type),
      ),
      where(
        'externalTrafficPolicy',
        "stand with type 'NodePort' or 'LoadBalancer' alone",
        'take it out',
        (_got, { type, externalIPs }) => isExternal(type) || list(externalIPs).length > 0,
      ),
      where(
        'healthCheckNodePort',
        "stand with type 'LoadBalancer' and externalTrafficPolicy 'Local' alone",
        'take it out',
        (got, { type, externalTrafficPolicy }) =>
          typeof got !== 'number' || got === 0 || (type === 'LoadBalancer' && externalTrafficPolicy === 'Local'),
      ),
      onlyWith('sessionAffinityConfig', { sessionAffinity: 'ClientIP' }, 'take it out'),
      // What stands where an address belongs is most often a name.
      where('clusterIP', ...ADDRESS, text(isClusterIP)),
      each('clusterIPs', ...ADDRESS, text(isClusterIP)),
      each(
        'externalIPs',
        ...ADDRESS,
        text((ip) => isIP(ip) !== 0),
      ),
      where('clusterIPs', 'begin with clusterIP', 'leave it out, or give both', (got, { clusterIP }) =>
        [undefined, clusterIP].includes(list(got)[0]),
      ),
      where(
        'clusterIP',
        (_got, { type }) => `not be None with type '${type}'`,
        'make a second Service for outside',
        (got, { type }) => got !== 'None' || !isExternal(type),
      ),
      notWith('clusterIP', { type: 'ExternalName' }, 'take it out'),
      neededWith('externalName', { type: 'ExternalName' }, 'write the host outside'),
    ],
    ClientIPConfig: [is('timeoutSeconds', between(1, 86400), 'write seconds, as in 10800')],
  },
};

/** A port of the nodes belongs to one Service of the whole cluster, whatever it speaks. */
export const nodePortOnce: Rule = {
  name: 'node-port-once',
  sentence: 'No two Services open the same port of the nodes.',
  why: 'The API server refuses the second with "provided port is already allocated", after the objects before it were changed.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  *find(world: World): Iterable<Finding> {
    const taken = new Map<number, { object: FinishedObject; service: number }>();
    for (const object of inventoryOf(world).ofKind('Service')) {
      for (const { field, number, service } of nodePortsOf(object)) {
        const first = taken.get(number);
        if (!first) taken.set(number, { object, service });
        // One port of a Service may be open by TCP and by UDP.
        else if (first.object !== object || first.service !== service) {
          const whose = first.object === object ? 'this Service opens already' : `[${first.object.construct.node.path}] opens`;
          const fix = 'choose another of 30000 to 32767, or leave it to the cluster';
          yield { object, field, must: `be another port than ${whose}`, got: number, fix };
        }
      }
    }
  },
};
