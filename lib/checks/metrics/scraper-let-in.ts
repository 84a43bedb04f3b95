import type { Finding, Rule, World } from '../rule';
import { blamed, covers, fencing, namedPorts } from '../world/fences';
import { fencesOf } from '../world/network-policies';
import { scrapedPorts } from '../world/metrics';

/** Who writes a monitor seldom writes the policies of the pods that it asks. */
export const scraperLetIn: Rule = {
  name: 'scraper-let-in',
  sentence: 'The NetworkPolicies of pods that a monitor has Prometheus ask let somebody connect to the port.',
  why: 'Each scrape runs into its time-out: the target is down, its alerts never fire, and the dashboards are empty.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
  *find(world: World): Iterable<Finding> {
    const fences = fencesOf(world);
    if (fences.length === 0) return;
    const told = new Set<string>();
    for (const { workload, number, monitor } of scrapedPorts(world)) {
      const closing = fencing(fences, workload, 'Ingress');
      const port = { number, protocol: 'TCP' };
      const named = namedPorts(workload);
      const isOpen = closing.some((fence) =>
        fence.rules.Ingress.some(({ ports }) => ports?.some((one) => covers(one, port, named)) ?? true),
      );
      const key = `${workload.object.construct.node.path} ${number}`;
      if (closing.length === 0 || isOpen || told.has(key)) continue;
      told.add(key);
      const must = `let Prometheus connect to port ${number} of ${workload.kind} ${workload.name}, which ${monitor.manifest['kind']} ${String(monitor.manifest['metadata']?.name)} has it ask`;
      const fix = 'let its namespace in at that port, or take the monitor out';
      yield { object: blamed(closing), field: 'spec.ingress', must, got: 'no rule for that port', fix };
    }
  },
};
