import { spawnSync } from 'node:child_process';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export function row(what: string, milliseconds: readonly number[], note = ''): void {
  const [least, middle, most] = [Math.min(...milliseconds), median(milliseconds), Math.max(...milliseconds)];
  console.log(`${what.padEnd(58)} ${middle.toFixed(1).padStart(9)} ms  [${least.toFixed(1)} to ${most.toFixed(1)}] ${note}`);
}

/** What a command line takes of the processor, its children and all threads included, in milliseconds: others on the machine do not count. */
export function processorTime(line: string, cwd = '.'): number {
  const script = `TIMEFORMAT='%3U %3S'; time { ${line}; } >/dev/null 2>/tmp/bench-errors-$$ || { cat /tmp/bench-errors-$$ >&2; exit 1; }; rm -f /tmp/bench-errors-$$`;
  // Node 20 reads further authorities at every start, which takes as long as the start.
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: '' };
  const { status, stderr } = spawnSync('bash', ['-c', script], { cwd, env, encoding: 'utf8' });
  const [, user, system] = /^([\d.]+) ([\d.]+)$/m.exec(stderr.replaceAll(',', '.')) ?? [];
  if (status !== 0 || user === undefined) throw new Error(`${line} in ${cwd}: ${stderr}`);
  return 1000 * (Number(user) + Number(system));
}

/** A command line that is measured, by what it is called. */
export interface Measured {
  readonly name: string;
  readonly line: string;
  readonly cwd?: string;
}

/** Each command once a round, in turn, so that whatever slows the machine slows all of them; the first round is not counted. */
export function interleaved(commands: readonly Measured[], rounds: number): Map<string, number[]> {
  const times = new Map<string, number[]>(commands.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1)
    for (const { name, line, cwd } of commands) {
      const taken = processorTime(line, cwd);
      if (round > 0) times.get(name)?.push(taken);
    }
  return times;
}
