import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helmWords, writeChart } from './chart';
import { bundled, checkOut, here, remove, type Checkout } from './checkout';
import { interleaved, median, type Measured } from './measure';

const STAGES = ['development', 'staging', 'production'];
const HELM = 'helm template, three times';

/**
 * Compares this folder with a commit and with Helm, in one run: what whole processes take of the processor, then a warm environment, then
 * many of them. Without `helm` the ratios to it are left out; it is looked for in the PATH.
 */
export function compare(ref: string | undefined, rounds: number, sizes: readonly number[]): void {
  const sides = [here(), ...(ref === undefined ? [] : [checkOut(ref)])];
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  writeChart(folder);
  try {
    sides.forEach(({ name }, index) => console.log(`${letter(index)} = ${name}`));
    const helm = helmLines(folder);
    if (helm.length === 0) console.log('helm is not in the PATH: ratios to it are left out');
    compareProcesses(sides, helm, rounds);
    compareWarm(sides, rounds);
    compareMany(sides, helm, sizes);
  } finally {
    rmSync(folder, { recursive: true });
    sides.slice(1).forEach(remove);
  }
}

function compareProcesses(sides: readonly Checkout[], helm: readonly string[], rounds: number): void {
  const commands = sides.flatMap((side, index) => processes(side, letter(index)));
  if (helm.length > 0) commands.push({ name: HELM, line: helm.join(' && ') });
  const times = interleaved(commands, rounds);
  console.log(`\nuser and system time of whole processes, medians of ${rounds} rounds`);
  for (const [name, taken] of times) print(name, taken, times.get(HELM), times.get(name.replace(/^A/, 'B')));
}

/** A stack of three environments: as one file, of its TypeScript, and through the CLI. */
function processes({ folder: cwd, app }: Checkout, name: string): Measured[] {
  const cli = 'node_modules/.bin/cdk8s synth --check-upgrade=false';
  // What is behind the bundler.
  const node = /[^&]+$/.exec(app)?.[0].trim() ?? app;
  return [
    { name: `${name} node, nothing to do`, line: 'node -e 0', cwd },
    { name: `${name} from TypeScript`, line: app, cwd },
    { name: `${name} compiled`, line: node, cwd },
    { name: `${name} through cdk8s synth`, line: cli, cwd },
  ];
}

/** One environment in a process that has made others before. */
function compareWarm(sides: readonly Checkout[], rounds: number): void {
  const programs = sides.map((side) => bundled(side, 'environments.ts'));
  const taken = sides.map((): number[] => []);
  for (let round = 0; round < Math.min(rounds, 5); round += 1)
    programs.forEach((program, index) => taken[index]?.push(run(program, 'warm', 240).each));
  console.log('\none environment, warm: built, checked and rendered');
  taken.forEach((times, index) => print(letter(index), times, undefined, index === 0 ? taken[1] : undefined));
}

/** Many environments in one process of their own, written as files. */
function compareMany(sides: readonly Checkout[], helm: readonly string[], sizes: readonly number[]): void {
  const programs = sides.map((side) => bundled(side, 'environments.ts'));
  for (const size of sizes) {
    console.log(`\neach of ${size} environments in one process, beside one process of helm for each`);
    const rounds = size > 1000 ? 1 : 3;
    const taken = sides.map((): number[] => []);
    const peaks = sides.map((): number[] => []);
    const single: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      programs.forEach((program, index) => {
        const { each, peak } = run(program, 'many', size);
        taken[index]?.push(each);
        peaks[index]?.push(peak);
      });
      for (const [, times] of interleaved(
        helm.map((line, index) => ({ name: `${index}`, line })),
        5,
      ))
        single.push(...times);
    }
    const yardstick = helm.length > 0 ? single : undefined;
    taken.forEach((times, index) => {
      const note = `peak memory ${median(peaks[index] ?? []).toFixed(0)} MiB`;
      print(letter(index), times, yardstick, index === 0 ? taken[1] : undefined, note);
    });
    if (yardstick) print('helm template', yardstick, undefined, undefined);
  }
}

function run(program: string, what: string, count: number): { each: number; peak: number } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, what, `${count}`], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as { each: number; peak: number };
}

function helmLines(folder: string): string[] {
  if (spawnSync('helm', ['version'], { stdio: 'ignore' }).status !== 0) return [];
  return STAGES.map((stage) => ['helm', ...helmWords(folder, stage)].join(' '));
}

function print(
  name: string,
  taken: readonly number[],
  helm: readonly number[] | undefined,
  before: readonly number[] | undefined,
  note = '',
): void {
  const ratio = (to: readonly number[] | undefined, what: string): string =>
    to && to !== taken ? `${(median(taken) / median(to)).toFixed(2)} of ${what}` : '';
  const range = `[${Math.min(...taken).toFixed(1)} to ${Math.max(...taken).toFixed(1)}]`;
  const notes = [ratio(helm, 'helm'), ratio(before, 'B'), note].filter((one) => one !== '');
  console.log(`${name.padEnd(28)} ${median(taken).toFixed(1).padStart(8)} ms ${range.padEnd(20)} ${notes.join(', ')}`);
}

function letter(index: number): string {
  return index === 0 ? 'A' : 'B';
}
