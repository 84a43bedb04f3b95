import { execSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'cdk8s';
import { Checks, render, rules, synth, type NamedEnvironment } from '../lib/index';
import { build, environments, staging } from './support/stack';
import { vary } from './support/vary';

/** Prints medians of what a user waits for. Run it alone: `npm run bench`. */

const RUNS = 7;

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function row(what: string, milliseconds: number[], note = ''): void {
  const [least, middle, most] = [Math.min(...milliseconds), median(milliseconds), Math.max(...milliseconds)];
  console.log(`${what.padEnd(58)} ${middle.toFixed(1).padStart(9)} ms  [${least.toFixed(1)} to ${most.toFixed(1)}] ${note}`);
}

function time(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function command(line: string): number[] {
  const run = (): void => {
    execSync(line, { stdio: 'ignore' });
  };
  run();
  return Array.from({ length: RUNS }, () => time(run));
}

/** `count` environments in one process of their own, so that one size does not warm the next. */
function many(count: number): { each: number; peak: number } {
  const { stdout } = spawnSync(process.execPath, [process.argv[1] ?? '', `${count}`], { encoding: 'utf8' });
  return JSON.parse(stdout) as { each: number; peak: number };
}

function synthesizeMany(count: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const names = Array.from({ length: count }, (_, index) => `staging-${index}`);
  const milliseconds = time(() => {
    synth(
      folder,
      Object.fromEntries(
        names.map((name) => [
          name,
          (app) => build(vary(staging, { name, namespace: name, web: { host: `${name}.example.com` } }), app),
        ]),
      ),
    );
  });
  rmSync(folder, { recursive: true });
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ each: milliseconds / count, peak }));
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
  const app = /app: >-\n((?: {2}.+\n?)+)/.exec(readFileSync('cdk8s.yaml', 'utf8'))?.[1]?.replace(/\s+/g, ' ').trim() ?? '';
  row(`the app directly from its TypeScript, ${environments.length} environments`, command(app));
  row(`cdk8s synth, ${environments.length} environments`, command('node_modules/.bin/cdk8s synth --check-upgrade=false'));
  for (const count of [30, 300, 1000, 3000]) {
    const runs = Array.from({ length: count > 1000 ? 3 : 5 }, () => many(count));
    const peak = median(runs.map((run) => run.peak)).toFixed(0);
    row(
      `each of ${count} environments in one process`,
      runs.map((run) => run.each),
      `peak memory ${peak} MiB`,
    );
  }
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

const count = Number(process.argv[2]);
if (count > 0) synthesizeMany(count);
else main();
