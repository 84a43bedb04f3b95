import type { Finding, Rule, World } from '../rule';
import { cookieVariableOf, placeOf } from '../world/beam';
import { meshes } from '../world/ports';

/** Nodes with different cookies refuse each other, and dns_cluster dials others under its own base name. */
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
