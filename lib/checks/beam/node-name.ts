import type { Finding, Rule, World } from '../rule';
import { beamContainers, placeOf, valueOf } from '../world/beam';

/** The VM refuses a name of the wrong kind and ends. */
export const nodeName: Rule = {
  name: 'node-name',
  sentence: 'The name of a BEAM node fits its kind: a full host name or an address needs RELEASE_DISTRIBUTION=name.',
  why: 'A release is started with short names unless told otherwise; it refuses "app@10.0.0.7" then, and the pod restarts for ever.',
  source: 'https://hexdocs.pm/mix/Mix.Tasks.Release.html#module-environment-variables',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const { base = '', host, distribution } = beam.node;
      const value = valueOf(beam, 'RELEASE_NODE');
      // What refers to a variable below it, or stands in a ConfigMap, has another fault, of which another rule tells.
      if (value === undefined || distribution === 'none' || value.includes('$(')) continue;
      const place = { ...placeOf(beam, 'RELEASE_NODE'), got: value };
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
    }
  },
};

/** Whether a host has dots or is an address, whatever stands for the fields of the pod in it. */
function isFull(host: string): boolean {
  return host.includes('<status.') || /[.:]/.test(host.replaceAll(/<[^>]*>/g, ''));
}
