import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { isInside, parseCidr } from '../world/cidr';
import { inventoryOf } from '../world/inventory';
import { map, maps, specOf } from '../world/values';
import { portFault } from './port-values';

type Fault = Omit<Finding, 'object'>;

/** Who may talk to whom. */
export const networkPolicyFields: Rule = {
  name: 'network-policy-fields',
  sentence: 'Peers of a NetworkPolicy are pods, namespaces or addresses, and ranges go upwards.',
  why: 'The API server refuses the policy: with a deny in force before it, the pods stay cut off.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('NetworkPolicy')) {
      const spec = specOf(object);
      const { policyTypes } = spec;
      if (Array.isArray(policyTypes) && policyTypes.length > 2) {
        const fix = 'name Ingress and Egress, each once';
        yield { object, field: 'spec.policyTypes', must: 'have two items at most', got: policyTypes, fix };
      }
      for (const [direction, peers] of [
        ['ingress', 'from'],
        ['egress', 'to'],
      ] as const) {
        for (const [index, rule] of maps(spec[direction]).entries()) {
          const at = `spec.${direction}[${index}]`;
          for (const [number, port] of maps(rule['ports']).entries())
            for (const fault of portFaults(port)) yield { ...fault, object, field: `${at}.ports[${number}].${fault.field}` };
          for (const [number, peer] of maps(rule[peers]).entries())
            for (const fault of peerFaults(peer)) yield { ...fault, object, field: `${at}.${peers}[${number}]${fault.field}` };
        }
      }
    }
  },
};

function* portFaults({ port, endPort }: Manifest): Iterable<Fault> {
  const fault = portFault(port);
  if (fault) yield { field: 'port', got: port, ...fault };
  if (typeof endPort !== 'number') return;
  if (typeof port !== 'number')
    yield {
      field: 'endPort',
      must: 'stand beside a port that is a number',
      got: endPort,
      fix: 'write the first port of the range as a number',
    };
  else if (endPort < port || endPort > 65535)
    yield { field: 'endPort', must: `be from ${port} to 65535`, got: endPort, fix: 'write the last port of the range' };
}

function* peerFaults({ ipBlock, podSelector, namespaceSelector }: Manifest): Iterable<Fault> {
  const selectors = Object.entries({ podSelector, namespaceSelector }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  const block = ipBlock !== undefined && ipBlock !== null;
  if (!block && selectors.length === 0)
    yield {
      field: '',
      must: 'have podSelector, namespaceSelector or ipBlock',
      got: undefined,
      fix: 'write podSelector: {} for all pods of the namespace',
    };
  if (!block) return;
  const [first] = selectors;
  if (first) yield { field: '.ipBlock', must: `not stand beside ${first[0]}`, got: 'both', fix: 'make a peer for each' };
  const { cidr, except } = map(ipBlock);
  const whole = parseCidr(cidr);
  if (typeof cidr === 'string' && cidr !== '' && !whole)
    yield { field: '.ipBlock.cidr', must: 'be a CIDR block', got: cidr, fix: 'write it as 10.0.0.0/8' };
  if (!Array.isArray(except)) return;
  for (const [index, part] of except.entries()) {
    const inner = parseCidr(part);
    if (whole && inner && isInside(inner, whole)) continue;
    yield {
      field: `.ipBlock.except[${index}]`,
      must: 'be a smaller block inside of cidr',
      got: part,
      fix: 'leave it out, or widen cidr',
    };
  }
}
