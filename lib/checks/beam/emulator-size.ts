import { parseQuantity } from '../../support/parse-quantity';
import { eachBeam } from '../each';
import { placeOf } from '../../model/beam';
import { map, valueAt } from '../../model/values';
import { emulatorValue, type VmFlag, vmFlags } from './flags';

const MEBIBYTE = 1024 ** 2;
/** What a VM has before any application: 40 MiB, as OTP 25 was seen to start. */
const BARE = 40 * MEBIBYTE;
/** Processes of a VM before any application. */
const PROCESSES = 40;

interface Cost {
  /** What the VM takes as a value at all. */
  readonly least: number;
  readonly most: number;
  /** Bytes that it needs for it. */
  readonly bytes: (value: number) => number;
  /** What takes them. */
  readonly what: string;
  /** What to write. */
  readonly fix: string;
}

const ofTable = (each: number) => (value: number) => each * 2 ** Math.ceil(Math.log2(Math.max(1, value)));

/** Measured with OTP 25: resident memory after the start, and which values it refuses. Tables grow to powers of two. */
const COSTS: Readonly<Record<string, Cost>> = {
  '+Q': { least: 1024, most: 2 ** 27 - 1, bytes: ofTable(12), what: 'the table of ports', fix: 'write +Q 65536' },
  '+P': { least: 1024, most: 2 ** 27 - 1, bytes: ofTable(12), what: 'the table of processes', fix: 'write +P 1048576 or less' },
  '+e': { least: 0, most: Infinity, bytes: ofTable(16), what: 'the list of ETS tables', fix: 'remove it: they are not limited' },
  '+t': { least: 8192, most: 2 ** 31 - 1, bytes: () => 0, what: 'atoms', fix: 'leave it out: it is 1048576' },
  '+A': { least: 0, most: 1024, bytes: () => 0, what: 'threads', fix: 'leave it out' },
  '+S': { least: 0, most: 1024, bytes: (value) => value * 0.5 * MEBIBYTE, what: 'schedulers', fix: 'write as many as CPUs' },
  '+SDio': { least: 1, most: 1024, bytes: (value) => value * 52 * 1024, what: 'threads for files', fix: 'write +SDio 10' },
};

/** Values in words, of which each process may fill as many before it collects its garbage. */
const HEAPS: Readonly<Record<string, { readonly processes: number; readonly what: string }>> = {
  '+hms': { processes: PROCESSES, what: `the first heaps of the ${PROCESSES} processes of a bare VM` },
  '+hmbs': { processes: 1, what: 'binaries of one process, before it looks for garbage' },
};

export const emulatorMemory = eachBeam({
  name: 'emulator-memory',
  sentence: 'What the flags of a BEAM reserve is in the range that it takes, and fits into the memory limit of its container.',
  why: 'The VM is killed while it boots, or refuses to: the pod restarts for ever, with nothing in the log of the application.',
  source: 'https://www.erlang.org/doc/apps/erts/erl_cmd.html',
  *each(beam) {
    if (beam.flagSources.length === 0) return;
    const limit = parseQuantity(valueAt(beam.spec, 'resources.limits.memory'));
    const flags = vmFlags(beam);
    for (const { flag, must, fix } of [...ofRange(flags), ...(limit === undefined ? [] : ofLimit(flags, limit))]) {
      yield { variable: flag.variable, must, got: `${flag.name} ${flag.value}`, fix };
    }
  },
});

interface Fault {
  readonly flag: VmFlag;
  readonly must: string;
  readonly fix: string;
}

/** The number of a flag; of `+S 4:2` the first, as all of them are started. */
function numberOf({ value }: VmFlag): number | undefined {
  const [, digits] = /^(\d+)(?::\d+)?$/.exec(value) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function* ofRange(flags: readonly VmFlag[]): Iterable<Fault> {
  for (const flag of flags) {
    const { least, most, fix } = COSTS[flag.name] ?? {};
    const number = numberOf(flag);
    if (least === undefined || most === undefined || number === undefined || (number >= least && number <= most)) continue;
    yield { flag, must: `give ${flag.name} a number from ${least} to ${most}, as the VM takes no other`, fix: fix ?? '' };
  }
}

function* ofLimit(flags: readonly VmFlag[], limit: number): Iterable<Fault> {
  const given = Object.entries(COSTS).flatMap(([name, cost]) => {
    const flag = emulatorValue(flags, name);
    const number = flag && numberOf(flag);
    return flag && number !== undefined && number <= cost.most ? [{ flag, ...cost, takes: cost.bytes(number) }] : [];
  });
  const sum = given.reduce((total, { takes }) => total + takes, BARE);
  const [largest] = given.sort((one, other) => other.takes - one.takes);
  if (largest && sum > limit) {
    const { flag, what, takes, fix } = largest;
    const must = `leave the VM room in the limit of ${inMebibytes(limit)}, of which ${what} alone takes ${inMebibytes(takes)}`;
    yield { flag, must, fix: `${fix}, or raise the memory limit` };
  }
  for (const [name, { processes, what }] of Object.entries(HEAPS)) {
    const flag = emulatorValue(flags, name);
    const takes = (flag ? (numberOf(flag) ?? 0) : 0) * 8 * processes;
    if (!flag || takes <= limit) continue;
    const must = `fit the memory limit of ${inMebibytes(limit)}: ${what} may take ${inMebibytes(takes)}`;
    yield { flag, must, fix: 'leave it out, and give the processes that need it a size of their own with spawn_opt' };
  }
  yield* ofCarriers(flags, limit);
}

/** The super carriers, in MiB: 8 were the least that a bare VM started with, and below 2 it has no room for literals. */
function* ofCarriers(flags: readonly VmFlag[], limit: number): Iterable<Fault> {
  const carrier = emulatorValue(flags, '+MMscs');
  const size = (carrier && numberOf(carrier)) ?? 0;
  if (carrier && size * MEBIBYTE > limit) {
    const must = `reserve no more than the memory limit of ${inMebibytes(limit)}: a node with less to give stops the VM`;
    yield { flag: carrier, must, fix: 'write less than the limit, or leave it out' };
  }
  const alone = emulatorValue(flags, '+MMsco')?.value === 'true';
  if (carrier && alone && size > 0 && size < BARE / MEBIBYTE) {
    const must = `hold the VM of ${inMebibytes(BARE)} at least, which may use nothing else with +MMsco true`;
    yield { flag: carrier, must, fix: 'write about three quarters of the memory limit, or leave both out' };
  }
  const literals = emulatorValue(flags, '+MIscs');
  if (literals && (numberOf(literals) ?? 2) < 2) {
    const must = 'leave room for literals, without which the VM does not start';
    yield { flag: literals, must, fix: 'leave it out: it is 1024' };
  }
}

function inMebibytes(bytes: number): string {
  return `${Math.round(bytes / MEBIBYTE)}Mi`;
}

export const schedulerCount = eachBeam({
  name: 'scheduler-count',
  sentence: 'A BEAM has no more schedulers than its container has CPUs.',
  why: 'On a node of 64 CPUs the VM starts 64 schedulers for one CPU, and they take turns waiting for each other.',
  source: 'https://www.erlang.org/doc/apps/erts/erl_cmd.html',
  severity: 'warning',
  *each(beam) {
    if (beam.flags === undefined) return;
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
  },
});

export const portTable = eachBeam({
  name: 'port-table',
  sentence: 'The table of ports of a BEAM has a size of its own.',
  why: 'Its default follows the open-file limit of the node: on some, the VM takes gigabytes at its start and is killed for it.',
  source: 'https://github.com/teslamate-org/teslamate/issues/4999',
  severity: 'warning',
  *each(beam) {
    if (beam.flags === undefined || /\+Q\s*[\d<$]/.test(beam.flags)) return;
    const must = 'give the port table a size with +Q';
    yield { variable: 'ERL_FLAGS', must, got: beam.flags.trim() || undefined, fix: 'add +Q 65536' };
  },
});
