import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { beamContainers, placeOf } from '../world/beam';
import { map } from '../world/values';

/** Without a limit the BEAM starts a scheduler for every CPU of the node, however few of them are the pod's. */
export const schedulerCount: Rule = {
  name: 'scheduler-count',
  sentence: 'A BEAM has no more schedulers than its container has CPUs.',
  why: 'On a node of 64 CPUs the VM starts 64 schedulers for one CPU, and they take turns waiting for each other.',
  source: 'https://www.erlang.org/doc/apps/erts/erl_cmd.html',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      if (beam.flags === undefined) continue;
      const limit = parseQuantity(map(map(beam.spec['resources'])['limits'])['cpu']);
      // Of several, the VM takes the last.
      const [given, total, online = total] = [...beam.flags.matchAll(/\+S\s*([\d<$][^\s:]*)(?::(\S+))?/g)].at(-1) ?? [];
      const place = placeOf(beam, 'ERL_FLAGS');
      const most = limit === undefined ? undefined : Math.max(1, Math.ceil(limit));
      if (given === undefined && (most === undefined || beam.legacy)) {
        const must = `set the schedulers with +S ${most === undefined ? 'where there is no CPU limit' : ', which old releases do not take from the limit'}`;
        const fix = `add +S ${most ?? 1}:${most ?? 1}, or as many as the CPU request has cores`;
        yield { ...place, must: must.replace(' ,', ','), got: beam.flags.trim() || undefined, fix };
      } else if (most !== undefined && Number(online) > most) {
        const fix = `write +S ${most}:${most}, or raise the CPU limit`;
        yield { ...place, must: `start no more schedulers than the CPU limit has cores, ${most}`, got: given, fix };
      }
    }
  },
};
