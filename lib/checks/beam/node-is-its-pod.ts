import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, isLoopback, placeOf, valueOf } from '../world/beam';
import { scalar, specOf } from '../world/values';
import type { Pod } from '../world/pods';

/** dns_cluster and libcluster connect to `<base>@<address of the pod>`, and to no other name. */
export const nodeIsItsPod: Rule = {
  name: 'node-is-its-pod',
  sentence: "The name of a node that others look for ends in its own pod's address.",
  why: 'The others call it by the address that they found, it answers to another name only, and every node stays alone.',
  source: 'https://hexdocs.pm/dns_cluster/DNSCluster.html',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const { host, distribution } = beam.node;
      // What is no name at all, and one for the pod alone, is for other rules.
      if (!beam.clustered || host === undefined || isLoopback(host) || distribution === 'none') continue;
      // Without a lookup that is seen here, nodes may go by other names, but not by one that no pod of a Deployment has.
      if (!LOOKUPS.some((name) => valueOf(beam, name) !== undefined) && !isRecordOfNone(beam, host)) continue;
      if (/^<status\.podIPs?>$/.test(host) || isUnknown(host) || isRecordOfSet(beam, host)) continue;
      const service = serviceOf(beam.workload);
      const address = "write <release>@$(POD_IP), below POD_IP from the pod's status.podIP ('nodeVariables' of the BeamCluster)";
      const named = `, or by the records of its StatefulSet <release>@$(POD_NAME).${service}.${beam.workload.namespace}.svc.cluster.local, below POD_NAME from metadata.name`;
      const fix = service === undefined ? `${address}; pods have names that stay with 'stateful' alone` : `${address}${named}`;
      const got = valueOf(beam, 'RELEASE_NODE');
      yield { ...placeOf(beam, 'RELEASE_NODE'), must: "end in the pod's own address, by which other nodes call it", got, fix };
    }
  },
};

const LOOKUPS = ['DNS_CLUSTER_QUERY', 'LIBCLUSTER_SELECTOR'];

/** What a Secret holds stands as the name of its variable, and what no variable replaces is for another rule. */
function isUnknown(host: string): boolean {
  return /<[A-Za-z_]\w*>|\$\(/.test(host);
}

/**
 * Pods of a StatefulSet have records in DNS, below the Service that it names, which SRV lookups may be
 * told to go by.
 */
function isRecordOfSet({ workload }: BeamContainer, host: string): boolean {
  if (workload.kind !== 'StatefulSet') return false;
  const service = serviceOf(workload);
  // The search domains of the pod complete a short name.
  return `${host}.`.startsWith(service === undefined ? '<metadata.name>.' : `<metadata.name>.${service}.`);
}

/** Below a Service, pods of a StatefulSet alone have records by their own names. */
function isRecordOfNone({ workload }: BeamContainer, host: string): boolean {
  const { hostname, subdomain } = workload.spec;
  return (
    workload.kind !== 'StatefulSet' && host.startsWith('<metadata.name>.') && hostname === undefined && subdomain === undefined
  );
}

function serviceOf({ kind, object }: Pod): string | undefined {
  return kind === 'StatefulSet' ? scalar(specOf(object)['serviceName']) : undefined;
}
