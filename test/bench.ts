import { execSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { App } from 'cdk8s';
import { Checks, render, rules, synth, type NamedEnvironment } from '../lib/index';
import { compare } from './bench/compared';
import { median, row } from './bench/measure';
import { build, staging } from './support/stack';
import { vary } from './support/vary';

/**
 * Prints medians of what a user waits for; run it alone. `npm run bench -- --against REF` compares with a commit instead, and with `helm template`
 * where there is a `helm` in the PATH: `--rounds 9`, `--sizes 30,1000`.
 */

const RUNS = 7;

function time(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** Writes `count` environments, and the same with another image. */
function outputs(folder: string, count: number): readonly [before: string, now: string] {
  const write = (name: string, image: string): string => {
    const names = Array.from({ length: count }, (_, index) => `staging-${index}`);
    const environment = (own: string): NamedEnvironment =>
      vary(staging, { name: own, namespace: own, image, web: { host: `${own}.example.com` } });
    synth(join(folder, name), Object.fromEntries(names.map((own) => [own, (app: App) => build(environment(own), app)])));
    return join(folder, name);
  };
  return [write('before', staging.image), write('now', staging.image.replace(':1.0.0', ':1.1.0'))];
}

/** What a plan takes of the processor, beside the start of node. */
function plans(): void {
  execSync('npm run -s build');
  const user = (...words: readonly string[]): number => {
    const { stderr } = spawnSync(process.execPath, ['-e', USER_TIME, ...words], { encoding: 'utf8', maxBuffer: 2 ** 30 });
    return Number(stderr) / 1000;
  };
  for (const count of [3, 30, 300, 1000]) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const [before, now] = outputs(folder, count);
    const runs = Array.from({ length: count > 100 ? 3 : RUNS }, () => {
      return user('build/lib/command/main.js', 'plan', before, now) - user();
    });
    row(`a plan of ${count} environments, user time beyond node's start`, runs);
    rmSync(folder, { recursive: true });
  }
}

/** Runs a program by its path, and says at the end how many microseconds the processor took; without one, those of node alone. */
const USER_TIME = `
  process.on('exit', () => process.stderr.write(String(process.cpuUsage().user)));
  const [main, ...words] = process.argv.slice(1);
  // Commander takes what stands behind the program here, because that was no file.
  process.argv = [process.execPath, ...words];
  if (main) require(require('node:path').resolve(main));
`;

function main(): void {
  const options = { against: { type: 'string' }, rounds: { type: 'string' }, sizes: { type: 'string' } } as const;
  const { against, rounds = '9', sizes = '30,300,1000,3000' } = parseArgs({ options }).values;
  compare(against, Number(rounds), sizes.split(',').map(Number));
  if (against !== undefined) return;
  plans();
  checks();
}

/** What the rules take of a synth, both warm. */
function checks(): void {
  const whole: number[] = [];
  const ruled: number[] = [];
  for (let run = 0; run < 400; run += 1) {
    const app = build(staging);
    const milliseconds = time(() => render(app));
    const { world } = Checks.of(app);
    // A fresh world, because rules keep an index of each that they have seen.
    const again = { ...world };
    const rulesAlone = time(() => rules.forEach((rule) => [...rule.find(again)]));
    if (run < 100) continue;
    whole.push(milliseconds);
    ruled.push(rulesAlone);
  }
  row('checking and rendering one environment, warm', whole);
  row(`of that the ${rules.length} rules`, ruled, `${((100 * median(ruled)) / median(whole)).toFixed(0)} %`);
}

main();
