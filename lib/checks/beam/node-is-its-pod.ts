import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, isLoopback, placeOf, valueOf } from '../world/beam';

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
      // Without a lookup that is seen here, nodes may go by other names.
      if (!LOOKUPS.some((name) => valueOf(beam, name) !== undefined)) continue;
      if (/^<status\.podIPs?>$/.test(host) || isUnknown(host) || isRecordOfSet(beam, host)) continue;
      const fix = "write <release>@$(POD_IP), below POD_IP from the pod's status.podIP ('nodeVariables' of the BeamCluster)";
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

/** Pods of a StatefulSet have records in DNS, which libcluster and SRV lookups of dns_cluster may be told to go by. */
function isRecordOfSet({ workload }: BeamContainer, host: string): boolean {
  return workload.kind === 'StatefulSet' && host.startsWith('<metadata.name>.');
}
