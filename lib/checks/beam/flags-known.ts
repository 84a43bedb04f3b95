import { newerThan } from '../../support/otp';
import type { Finding, Rule, World } from '../rule';
import { beamContainers, placeOf } from '../world/beam';
import { knownOf } from '../world/declared';
import { vmFlags } from './vm-flags';

/** An emulator refuses a flag that it does not know; one of its applications passes it over. */
export const flagsKnown: Rule = {
  name: 'flags-known',
  sentence: 'The VM of an image whose Erlang/OTP is known gets no flag that came later.',
  why: 'The VM prints how it is used and ends: no pod starts, and the log has nothing of the application. A flag of the distribution is passed over, and no node finds another.',
  source: 'https://www.erlang.org/doc/apps/erts/notes.html',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      const { otp, from } = knownOf(world, beam) ?? {};
      if (otp === undefined) continue;
      for (const { name, value, variable } of vmFlags(beam)) {
        const since = newerThan(otp, name);
        if (since === undefined) continue;
        const must = `not give ${name} to OTP ${otp}, as '${from}' has it: it came with OTP ${since}`;
        const fix = name.startsWith('+') ? "take it out of 'erlangFlags'" : "write epmd: true in 'beam'";
        yield {
          ...placeOf(beam, variable),
          must,
          got: `${name} ${value}`.trim(),
          fix: `${fix}, or build the image with a newer OTP`,
        };
      }
    }
  },
};
