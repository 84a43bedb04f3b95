import { eachBeam } from '../each';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, cookieVariableOf, isLoopback, placeOf, valueOf } from '../../model/beam';
import type { Pod } from '../../model/pods';
import { meshes } from '../../model/ports';
import { scalar, specOf } from '../../model/values';
import { type VmFlag, vmFlags } from './flags';
import { either, onlyInLiteral, remedy } from '../../model/remedy';

export const nodeName = eachBeam({
  name: 'node-name',
  sentence: 'The name of a BEAM node fits its kind: a full host name or an address needs RELEASE_DISTRIBUTION=name.',
  why: 'A release is started with short names unless told otherwise; it refuses "app@10.0.0.7" then, and the pod restarts for ever.',
  source: 'https://hexdocs.pm/mix/Mix.Tasks.Release.html#module-environment-variables',
  *each(beam) {
    const { base = '', host, distribution } = beam.node;
    const value = valueOf(beam, 'RELEASE_NODE');
    // What refers to a variable below it, or stands in a ConfigMap, has another fault, of which another rule tells.
    if (value === undefined || distribution === 'none' || value.includes('$(')) return;
    const place = { variable: 'RELEASE_NODE', got: value };
    if (!/^(?:[\w-]|<[\w.]+>)+$/.test(base)) {
      const fix = 'write it as <release>@$(POD_IP)';
      yield { ...place, must: "begin with letters, digits, '_' or '-'", fix };
    } else if (host !== undefined && distribution === 'sname' && isFull(host)) {
      const fix = 'set RELEASE_DISTRIBUTION=name beside it';
      yield { ...place, must: 'have no dots behind the @ while the distribution has short names', fix };
    } else if (host !== undefined && distribution === 'name' && !isFull(host) && !host.includes('<')) {
      const fix = 'write the address, $(POD_IP), or a full host name behind the @';
      yield { ...place, must: 'have a full host name behind the @ where RELEASE_DISTRIBUTION is name', fix };
    }
  },
});

/** Whether a host has dots or is an address, whatever stands for the fields of the pod in it. */
function isFull(host: string): boolean {
  return host.includes('<status.') || /[.:]/.test(host.replaceAll(/<[^>]*>/g, ''));
}

export const nodeIsItsPod = eachBeam({
  name: 'node-is-its-pod',
  sentence: "The name of a node that others look for ends in its own pod's address.",
  why: 'The others call it by the address that they found, it answers to another name only, and every node stays alone.',
  source: 'https://hexdocs.pm/dns_cluster/DNSCluster.html',
  *each(beam) {
    const { host, distribution } = beam.node;
    // What is no name at all, and one for the pod alone, is for other rules.
    if (!beam.clustered || host === undefined || isLoopback(host) || distribution === 'none') return;
    // Without a lookup that is seen here, nodes may go by other names, but not by one that no pod of a Deployment has.
    if (!LOOKUPS.some((name) => valueOf(beam, name) !== undefined) && !isRecordOfNone(beam, host)) return;
    if (/^<status\.podIPs?>$/.test(host) || isUnknown(host) || isRecordOfSet(beam, host)) return;
    const service = serviceOf(beam.workload);
    const more = onlyInLiteral(" ('nodeVariables' of the BeamCluster)");
    const named = `, or by the records of its StatefulSet <release>@$(POD_NAME).${service}.${beam.workload.namespace}.svc.cluster.local, below POD_NAME from metadata.name`;
    const set = either('pods of a StatefulSet alone have names that stay', "pods have names that stay with 'stateful' alone");
    const other = service === undefined ? remedy`; ${set}` : named;
    const way = remedy`write <release>@$(POD_IP), below POD_IP from the pod's status.podIP${more}${other}`;
    const got = valueOf(beam, 'RELEASE_NODE');
    yield { variable: 'RELEASE_NODE', must: "end in the pod's own address, by which other nodes call it", got, ...way };
  },
});

const LOOKUPS = ['DNS_CLUSTER_QUERY', 'LIBCLUSTER_SELECTOR'];

/** What a Secret holds stands as the name of its variable, and what no variable replaces is for another rule. */
function isUnknown(host: string): boolean {
  return /<[A-Za-z_]\w*>|\$\(/.test(host);
}

/** Pods of a StatefulSet have records in DNS, below the Service that it names, which SRV lookups may be told to go by. */
function isRecordOfSet({ workload }: BeamContainer, host: string): boolean {
  if (workload.kind !== 'StatefulSet') return false;
  const service = serviceOf(workload);
  // The search domains of the pod complete a short name.
  return `${host}.`.startsWith(service === undefined ? '<metadata.name>.' : `<metadata.name>.${service}.`);
}

/** Below a Service, pods of a StatefulSet alone have records by their own names. */
function isRecordOfNone({ workload: { kind, spec } }: BeamContainer, host: string): boolean {
  const { hostname, subdomain } = spec;
  return kind !== 'StatefulSet' && host.startsWith('<metadata.name>.') && hostname === undefined && subdomain === undefined;
}

function serviceOf({ kind, object }: Pod): string | undefined {
  return kind === 'StatefulSet' ? scalar(specOf(object)['serviceName']) : undefined;
}

export const oneMesh: Rule = {
  name: 'one-mesh',
  sentence: 'All nodes that look for each other have the same cookie and the same base name.',
  why: 'Nodes with another cookie are refused and nodes with another base name are never found: two halves work side by side.',
  source: 'https://hexdocs.pm/dns_cluster/DNSCluster.html',
  *find(world: World): Iterable<Finding> {
    for (const [query, [first, ...others]] of meshes(world)) {
      for (const other of first ? others : []) {
        const beside = `of ${first?.workload.kind} ${first?.workload.name}, which looks up ${query} too`;
        const cookies = [first, other].map((beam) => beam?.variables.byName.get(cookieVariableOf(beam, world))?.secret);
        if (cookies.every((cookie) => cookie !== undefined) && cookies[0] !== cookies[1]) {
          const must = `come from the same key as that ${beside}`;
          yield { ...placeOf(other, cookieVariableOf(other, world)), must, got: cookies[1], fix: `use the key ${cookies[0]}` };
        }
        const [base, otherBase] = [first?.node.base, other.node.base];
        if (base !== undefined && otherBase !== undefined && base !== otherBase) {
          const must = `begin with "${base}@" like that ${beside}`;
          const fix = 'use one base name, or give each release a headless Service of its own';
          yield { ...placeOf(other, 'RELEASE_NODE'), must, got: otherBase, fix };
        }
      }
    }
  },
};

/** What both ends of a connection go by, and its default. */
const SHARED: ReadonlyMap<string, string> = new Map([
  ['-kernel prevent_overlapping_partitions', 'true'],
  ['-kernel net_ticktime', '60'],
  ['-kernel net_tickintensity', '4'],
  ['-kernel dist_auto_connect', 'as usual'],
  ['-kernel connect_all', 'true'],
  ['-connect_all', 'true'],
  ['-proto_dist', 'inet_tcp'],
]);

export const sameMeshOptions: Rule = {
  name: 'same-mesh-options',
  sentence: 'All nodes of a mesh have the same options of the distribution, and none of them is hidden.',
  why: 'Nodes that disagree about who is gone throw each other out, over and over; a hidden one gets no message of PubSub.',
  source: 'https://www.erlang.org/doc/apps/kernel/kernel_app.html',
  *find(world: World): Iterable<Finding> {
    for (const [query, beams] of meshes(world)) {
      // What stands in a Secret or in a file of the image is not known.
      const known = beams.filter(({ flags }) => flags !== undefined).map((beam) => ({ beam, flags: vmFlags(beam) }));
      for (const { beam, flags } of known) yield* hidden(beam, flags);
      const [first, ...others] = known;
      if (!first) continue;
      const beside = `in ${first.beam.workload.kind} ${first.beam.workload.name}, which looks up ${query} too`;
      for (const { beam, flags } of others) {
        for (const [name, usual] of SHARED) {
          const [wanted, own] = [first.flags, flags].map((list) => list.find((flag) => flag.name === name));
          const [value, got] = [wanted?.value ?? usual, own?.value ?? usual];
          if (value === got) continue;
          const must = `have ${name} as it is ${beside}: ${value}`;
          const fix = 'give all nodes of the mesh the same';
          yield { ...placeOf(beam, own?.variable ?? wanted?.variable ?? 'ERL_AFLAGS'), must, got, fix };
        }
      }
    }
  },
};

function* hidden(beam: BeamContainer, flags: readonly VmFlag[]): Iterable<Finding> {
  const flag = flags.find(({ name, value }) => name === '-hidden' && value !== 'false');
  if (!flag) return;
  const fix = 'remove it: only nodes that look on, such as a shell, are hidden';
  yield { ...placeOf(beam, flag.variable), must: 'not hide a node from those that it is to meet', got: flag.name, fix };
}
