import type { Finding, Rule, World } from '../rule';
import { beamContainers } from '../world/beam';
import { map, scalars } from '../world/values';

/** `bin/<release> rpc` and its like start a whole VM, which connects to the first one and asks it. */
export const probeStartsVm: Rule = {
  name: 'probe-starts-vm',
  sentence: 'No probe starts a second BEAM in the container.',
  why: 'Each probe boots a VM next to the one that serves: under load it is too slow, counts as dead, and every pod is restarted.',
  source: 'https://adoptingerlang.org/docs/production/kubernetes/',
  *find(world: World): Iterable<Finding> {
    for (const { workload, path, spec } of beamContainers(world)) {
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        const command = scalars(map(map(spec[probe])['exec'])['command']);
        if (command.length === 0 || !STARTS_VM.test(command.join(' '))) continue;
        const field = `${path}.${probe}.exec.command`;
        const fix = 'ask by httpGet, or open the port with tcpSocket';
        yield { object: workload.object, field, must: 'not start a BEAM', got: command.join(' '), fix };
      }
    }
  },
};

const STARTS_VM = /\bbin\/[\w.-]+["']?\s+(?:ping|rpc|rpcterms|pid|eval|remote|remote_console|command|describe|status)\b/;
