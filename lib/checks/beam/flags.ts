import { newerThan } from '../../support/otp';
import { eachBeam } from '../each';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, commandOf, isMixRelease, placeOf, startsRelease, valueOf } from '../../model/beam';
import { knownOf } from '../../model/declared';
import { once } from '../../model/values';
import { either, onlyInLiteral, remedy, type Remedy } from '../../model/remedy';

/** A flag of the VM with its values, and the variable that brings it. */
export interface VmFlag {
  readonly variable: string;
  /** `-name`, `+S`, or `-kernel <parameter>`. */
  readonly name: string;
  readonly value: string;
}

/** Flags of the emulator that are a letter with a number behind it, with a space or without. */
const GLUED = /^\+([A-Za-z])(\d\S*)$/;

/** The flags that the YAML gives a VM, in the order in which it reads them. */
export const vmFlags = once(({ flagSources }: BeamContainer): readonly VmFlag[] =>
  flagSources.flatMap(({ variable, text }) => {
    const words = text.split(/\s+/).filter((word) => word !== '');
    const starts = words.flatMap((word, index) => (/^[-+][A-Za-z]/.test(word) ? [index] : []));
    return starts.flatMap((start, nth): VmFlag[] => {
      const [first = '', ...values] = words.slice(start, starts[nth + 1]);
      const [, letter, number] = GLUED.exec(first) ?? [];
      if (letter !== undefined) return [{ variable, name: `+${letter}`, value: number ?? '' }];
      return first === '-kernel' ? parameters(variable, values) : [{ variable, name: first, value: values.join(' ') }];
    });
  }),
);

function parameters(variable: string, words: readonly string[]): VmFlag[] {
  return words.flatMap((word, index) =>
    index % 2 === 0 ? [{ variable, name: `-kernel ${word}`, value: words[index + 1] ?? '' }] : [],
  );
}

/** The value that a flag of the emulator has in the end: of several, the last. */
export function emulatorValue(flags: readonly VmFlag[], name: string): VmFlag | undefined {
  return flags.filter((flag) => flag.name === name).at(-1);
}

export const flagsKnown = eachBeam({
  name: 'flags-known',
  sentence: 'The VM of an image whose Erlang/OTP is known gets no flag that came later.',
  why: 'The VM prints how it is used and ends: no pod starts, and the log has nothing of the application. A flag of the distribution is passed over, and no node finds another.',
  source: 'https://www.erlang.org/doc/apps/erts/notes.html',
  *each(beam, world) {
    const { otp, from } = knownOf(world, beam) ?? {};
    if (otp === undefined) return;
    for (const { name, value, variable } of vmFlags(beam)) {
      const since = newerThan(otp, name);
      if (since === undefined) continue;
      const must = `not give ${name} to OTP ${otp}, as '${from}' has it: it came with OTP ${since}`;
      const out = either('take it out', name.startsWith('+') ? "take it out of 'erlangFlags'" : "write epmd: true in 'beam'");
      yield { variable, must, got: `${name} ${value}`.trim(), ...remedy`${out}, or build the image with a newer OTP` };
    }
  },
});

/**
 * Flags that are not taken where they stand twice, as OTP 25 was seen to do: it then reads the cookie from a file that each
 * pod makes for itself, listens by `inet_tcp`, and on any port.
 */
const ONCE = ['-setcookie', '-proto_dist', '-erl_epmd_port'];
/** Flags of which one is taken where several stand. */
const SINGLE = /^-(?:kernel .*|start_epmd|dist_listen|connect_all|ssl_dist_optfile|epmd_module)$/;

/** What our own constructs call them. */
const IN_LITERAL: Readonly<Record<string, string>> = {
  '-kernel inet_dist_listen_min': "'port' of the BeamCluster, and 4370 without one",
  '-kernel inet_dist_listen_max': "two after 'port' of the BeamCluster, and 4379 without one",
  '-kernel inet_dist_use_interface': "'cluster' of the release, without which its node stays on the loopback interface",
  '-kernel prevent_overlapping_partitions': "'preventOverlappingPartitions' of the BeamCluster",
  '-erl_epmd_port': "'port' of the BeamCluster",
  '-start_epmd': "'epmd' of the BeamCluster",
  '-proto_dist': "'ipv6' or 'tls' of the BeamCluster",
  '-ssl_dist_optfile': "'tls' of the BeamCluster",
};

export const flagsAgree: Rule = {
  name: 'flags-agree',
  sentence: 'No flag of the VM is written a second time with another value, in ERL_AFLAGS, ERL_FLAGS, ERL_ZFLAGS or vm.args.',
  why: 'One of the two counts, and for a cookie none: the node has another name than its tools believe, or a port that the fence closes.',
  source: 'https://www.erlang.org/doc/apps/erts/erl_cmd.html',
  *find(world: World): Iterable<Finding> {
    const told = new Set<string>();
    for (const beam of beamContainers(world)) {
      if (beam.flagSources.length === 0) continue;
      const flags = vmFlags(beam);
      for (const { flag, must, ...way } of [...ofNode(beam, flags), ...twice(flags), ...inVain(flags)]) {
        const place = placeOf(beam, flag.variable);
        const key = `${place.object.construct.node.path} ${place.field} ${flag.name}`;
        if (told.has(key)) continue;
        told.add(key);
        yield { ...place, must, got: `${flag.name} ${flag.value}`.trim(), ...way };
      }
    }
  },
};

interface Fault extends Remedy {
  readonly flag: VmFlag;
  readonly must: string;
}

/** The boot script of a release gives the VM its name and its cookie, from variables that its other commands read too. */
function* ofNode(beam: BeamContainer, flags: readonly VmFlag[]): Iterable<Fault> {
  const { distribution } = beam.node;
  const signs = ['RELEASE_NODE', 'RELEASE_DISTRIBUTION', 'RELEASE_COOKIE'].some((name) => beam.variables.byName.has(name));
  if (distribution === 'none' || !isMixRelease(beam) || (!signs && !startsRelease(commandOf(beam)))) return;
  for (const flag of flags) {
    if (flag.name === '-setcookie') {
      const must = 'not give a cookie beside that of the boot script: of two, the VM takes neither';
      yield { flag, must, fix: 'remove it, and take RELEASE_COOKIE from a Secret' };
    } else if (flag.name === '-name' || flag.name === '-sname') {
      if (flag.name === `-${distribution}` && flag.value === valueOf(beam, 'RELEASE_NODE')) continue;
      const more = onlyInLiteral(" ('nodeVariables' of the BeamCluster)");
      const way = remedy`remove it, and set RELEASE_NODE and RELEASE_DISTRIBUTION${more}`;
      yield { flag, must: 'not name the node: the boot script does, and its rpc and remote ask for that name', ...way };
    }
  }
}

/** Of parameters of the kernel, sometimes the first counts and sometimes the last: it depends on the others. */
function* twice(flags: readonly VmFlag[]): Iterable<Fault> {
  const first = new Map<string, VmFlag>();
  for (const flag of flags) {
    const { name, value } = flag;
    const known = first.get(name);
    if (!known) first.set(name, flag);
    else if (name !== '-setcookie' && (ONCE.includes(name) || (SINGLE.test(name) && known.value !== value))) {
      const prop = IN_LITERAL[name];
      const way = remedy`keep one of the two${prop === undefined ? '' : onlyInLiteral(`; it is ${prop}`)}`;
      yield { flag, must: `not give ${name} again, which is "${known.value}" in ${known.variable}`, ...way };
    }
  }
}

/** Flags of the emulator: the last one counts, so one that stands in an earlier variable does nothing. */
function* inVain(flags: readonly VmFlag[]): Iterable<Fault> {
  for (const [index, flag] of flags.entries()) {
    const later = flags
      .slice(index + 1)
      .filter(({ name, variable }) => name === flag.name && variable !== flag.variable)
      .at(-1);
    if (!/^\+(?:[SQPtAe]|SDio)$/.test(flag.name) || flag.variable !== 'ERL_AFLAGS' || !later || later.value === flag.value)
      continue;
    const must = `not give ${flag.name} in vain: the VM takes the last, "${later.value}" of ${later.variable}`;
    const more = onlyInLiteral(": 'erlangFlags' of the release");
    yield { flag, must, ...remedy`remove it, or write it behind the other${more}` };
  }
}
