import type { Manifest } from '../support/edit';
import type { FinishedObject } from './rule';
import { selectorMatches } from './selects';
import { namespaceOf, type Index, type Workload } from './workloads';
import { numberOr, record, records, text } from './yaml-values';

/** Which end of a connection a NetworkPolicy stands at. */
export type Direction = 'ingress' | 'egress';

/** The NetworkPolicies that close a direction of a workload's pods, all but what they allow. */
export function policiesOn({ namespace, labels }: Workload, direction: Direction, index: Index): readonly FinishedObject[] {
  return index.ofKind('NetworkPolicy').filter((policy) => {
    const { podSelector, policyTypes, egress } = record(policy.manifest['spec']);
    const types: unknown[] = Array.isArray(policyTypes) ? policyTypes : ['Ingress', ...(egress === undefined ? [] : ['Egress'])];
    const closes = types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
    return closes && namespaceOf(policy) === namespace && selectorMatches(podSelector, labels);
  });
}

/** A connection between the pods of two workloads. */
export interface Connection {
  /** The pods that the policies stand at. */
  readonly here: Workload;
  /** The pods at the other end. */
  readonly there: Workload;
  readonly direction: Direction;
  /** TCP port of the pod that receives. */
  readonly port: number;
}

/** Whether any of the policies allows a connection. */
export function allows(policies: readonly FinishedObject[], connection: Connection, index: Index): boolean {
  const { direction } = connection;
  return policies.some(({ manifest }) =>
    records(record(manifest['spec'])[direction]).some((rule) => {
      const peers = records(rule[direction === 'ingress' ? 'from' : 'to']);
      const ports = records(rule['ports']);
      const peerFits = peers.length === 0 || peers.some((peer) => isPeer(peer, connection, index));
      return peerFits && (ports.length === 0 || ports.some((port) => isPort(port, connection)));
    }),
  );
}

/** Ranges of addresses are for the world outside: what they mean for pods depends on the network. */
function isPeer({ podSelector, namespaceSelector, ipBlock }: Manifest, { here, there }: Connection, index: Index): boolean {
  if (ipBlock !== undefined) return false;
  const inNamespace =
    namespaceSelector === undefined
      ? here.namespace === there.namespace
      : selectorMatches(namespaceSelector, namespaceLabels(there.namespace, index));
  return inNamespace && (podSelector === undefined || selectorMatches(podSelector, there.labels));
}

function namespaceLabels(namespace: string, index: Index): Manifest {
  const object = index.find('Namespace', '', namespace);
  return { ...record(record(object?.manifest['metadata'])['labels']), 'kubernetes.io/metadata.name': namespace };
}

function isPort({ protocol, port, endPort }: Manifest, connection: Connection): boolean {
  if ((text(protocol) ?? 'TCP') !== 'TCP') return false;
  if (port === undefined) return true;
  if (typeof port === 'number') return connection.port >= port && connection.port <= numberOr(port, endPort);
  const { here, there, direction } = connection;
  const { containers } = direction === 'ingress' ? here : there;
  const declared = containers.flatMap(({ spec }) => records(spec['ports']));
  return declared.some(({ name, containerPort }) => name === port && containerPort === connection.port);
}
