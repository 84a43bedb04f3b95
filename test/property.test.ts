import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import fc from 'fast-check';
import { build } from '../lib/build';
import type { Environment } from '../lib/environments/environment';
import { production } from '../lib/environments/production';
import { staging } from '../lib/environments/staging';
import { KUBERNETES_VERSIONS, OptOut, render, Resources, synth } from '../lib/index';
import { display } from '../lib/support/reject';
import { invalidObjects } from './support/models';

/** The four parts of every refusal: where, what must hold, what was found, what to do. */
const SENTENCE = /^\[[^\]]+\] '[^']+' must .+, got [^]+; .{8,}$/s;

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
const host = fc
  .array(fc.stringMatching(/^[a-z0-9]{1,10}$/), { minLength: 2, maxLength: 4 })
  .map((labels) => `app.${labels.join('.')}.example`);
const image = fc
  .tuple(name, fc.stringMatching(/^\d\.\d{1,2}\.\d$/), fc.stringMatching(/^[0-9a-f]{64}$/))
  .map(([repository, tag, digest]) => `registry.example.com/${repository}:${tag}@sha256:${digest}`);
const resources = fc
  .tuple(
    fc.integer({ min: 100, max: 4000 }),
    fc.integer({ min: 256, max: 4096 }),
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ min: 128, max: 2048 }),
  )
  .map(([millis, mebibytes, more, disk]) => {
    const ephemeralStorage = Size.mebibytes(disk);
    if (more < 1000)
      return Resources.guaranteed({ cpu: Cpu.millis(millis), memory: Size.mebibytes(mebibytes), ephemeralStorage });
    const limit = more > 2500 ? OptOut.because('the nodes are ours alone') : Cpu.millis(millis + more);
    const memory = { request: Size.mebibytes(mebibytes), limit: Size.mebibytes(mebibytes + more) };
    return Resources.burstable({ cpu: { request: Cpu.millis(millis), limit }, memory, ephemeralStorage });
  });

/** Environments that ought to be accepted, if they fit into their quota and their database. */
const environment: fc.Arbitrary<Environment> = fc
  .record({
    namespace: name,
    kubernetes: fc.constantFrom(...KUBERNETES_VERSIONS),
    host,
    image,
    imagePullPolicy: fc.constantFrom('Always' as const, 'IfNotPresent' as const),
    exposure: fc.oneof(
      fc.constant('ClusterIP' as const),
      fc.integer({ min: 30000, max: 32767 }).map((nodePort) => ({ nodePort })),
    ),
    clients: fc.oneof(
      fc.constant('everyone' as const),
      fc.array(
        name.map((namespace) => ({ namespace })),
        { minLength: 1, maxLength: 2 },
      ),
    ),
    egress: fc.array(fc.record({ port: fc.integer({ min: 1, max: 65535 }) }), { maxLength: 2 }),
    replicas: fc.integer({ min: 1, max: 6 }),
    resources,
    poolSize: fc.integer({ min: 1, max: 20 }),
    database: fc.constantFrom(staging.database, production.database),
    pods: fc.integer({ min: 3, max: 40 }),
  })
  .map(({ pods, ...drawn }) => ({
    ...production,
    ...drawn,
    quota: { cpu: Cpu.units(200), memory: Size.gibibytes(200), storage: Size.gibibytes(100), pods },
  }));

test('accepts what is valid, and refuses the rest with where, what and how', () => {
  let accepted = 0;
  fc.assert(
    fc.property(environment, (drawn) => {
      const { files, faults } = render(build(drawn));
      expect(faults.filter((fault) => !SENTENCE.test(fault))).toEqual([]);
      // Only what is a matter of sums may be refused here.
      expect(faults.filter((fault) => !/\((quota-fits|connection-budget)\)$/.test(fault))).toEqual([]);
      if (faults.length > 0) return;
      accepted += 1;
      expect(invalidObjects([...files.values()])).toEqual([]);
    }),
    { numRuns: 60, seed: 2711 },
  );
  expect(accepted).toBeGreaterThan(20);
});

const KNOBS = Object.keys(production).filter((knob) => !['name', 'amend'].includes(knob));
const GARBAGE: readonly unknown[] = [
  ...[
    undefined,
    null,
    NaN,
    Infinity,
    -1,
    0,
    0.5,
    1e12,
    '',
    ' ',
    'Ünïcode',
    'a b',
    'UPPER',
    '../x',
    'x'.repeat(300),
    true,
    [],
    {},
    [null],
  ],
  ...[
    'https://example.com',
    'app:latest',
    { existing: 'yes' },
    { literal: {} },
    { host: 1 },
    { port: -1 },
    [{ cidr: 'all' }],
    [{ port: 0 }],
    Symbol.iterator,
  ],
];

/** Knobs of knobs: what holds them, and their names. */
const NESTED: readonly (readonly [string, Environment, readonly string[]])[] = [
  ['database.single', staging, ['image', 'storage', 'resources', 'imagePullPolicy']],
  ['database.managed', production, ['host', 'connections', 'tls', 'cidr']],
  ['quota', staging, ['cpu', 'memory', 'storage', 'pods']],
  ['cluster', staging, ['discovery', 'scope', 'port', 'epmd', 'tls', 'ipv6', 'clusterDomain', 'nodeVariables', 'cookieVariable']],
  ['worker', staging, ['replicas', 'resources', 'shutdown']],
  ['replicas', production, ['minimum', 'maximum', 'cpu', 'memory', 'metrics', 'behavior']],
];

/** A copy in which the knob at the end of a path has another value. */
function withKnob<T extends object>(base: T, [first = '', ...rest]: readonly string[], value: unknown): T {
  const within = (base as Record<string, object>)[first] ?? {};
  return { ...base, [first]: rest.length === 0 ? value : withKnob(within, rest, value) };
}

const CASES: readonly (readonly [string, Environment])[] = GARBAGE.flatMap((value, index) => [
  ...KNOBS.map((knob) => [`${knob} ${display(value)}`, { ...staging, [knob]: value }] as const),
  // Every other one of them, because `npm run check` is to end within a minute.
  ...NESTED.flatMap(([knob, base, names]) =>
    names
      .filter((_, place) => (place + index) % 2 === 0)
      .map((name) => [`${knob}.${name} ${display(value)}`, withKnob(base, [...knob.split('.'), name], value)] as const),
  ),
]);

test('answers any value of any knob with sentences, never with a stack trace, and writes nothing', () => {
  const printed: string[] = [];
  const error = jest.spyOn(console, 'error').mockImplementation((text: string) => void printed.push(text));
  const { exitCode } = process;
  const folder = join(mkdtempSync(join(tmpdir(), 'garbage-')), 'dist');
  for (const [what, environment] of CASES) {
    printed.length = 0;
    const written = synth(folder, { broken: (app: App) => build(environment, app) });
    if (written) rmSync(folder, { recursive: true });
    expect({ what, exists: existsSync(folder) }).toEqual({ what, exists: false });
    const text = printed.join('\n');
    const faults = text.split('\n').filter((line) => line.startsWith('broken: ') && !line.includes(' left out for '));
    const unclear = faults.filter((line) => !SENTENCE.test(line.slice('broken: '.length)));
    expect({ what, unclear }).toEqual({ what, unclear: [] });
    expect(text).not.toMatch(/^\s+at .*\d+:\d+/m);
  }
  error.mockRestore();
  process.exitCode = exitCode;
});
