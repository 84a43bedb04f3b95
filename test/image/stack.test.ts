import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distilleryRelease, synthStack, type Stack } from '../../lib/index';
import { application, development, staging } from '../support/stack';
import { plain } from './built';

let outdir: string;
const printed: string[] = [];

beforeEach(() => {
  outdir = join(mkdtempSync(join(tmpdir(), 'image-')), 'dist');
  printed.length = 0;
  jest.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line));
  jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(join(outdir, '..'), { recursive: true });
});

const stack: Stack = { application: { ...application, source: plain }, environments: { development, staging } };
const folders = (): string[] => (existsSync(outdir) ? readdirSync(outdir).sort() : []);

test('an image is written with any of the environments', () => {
  expect(synthStack(stack, { outdir, only: 'development' })).toBe(true);
  expect(folders()).toEqual(['development', 'image']);
  expect(synthStack(stack, { outdir, only: 'staging' })).toBe(true);
  expect(folders()).toEqual(['image', 'staging']);
});

test('what is no source is told of each environment, and not once more', () => {
  const source = { ...plain, elixr: '1.18.4' };
  expect(synthStack({ ...stack, application: { ...application, source } }, { outdir })).toBe(false);
  expect(folders()).toEqual([]);
  const [first = '', second = '', last = ''] = printed.join('\n').split('\n');
  expect(first).toMatch(/^development: \[app\] 'application\.source\.elixr' must be a prop that is known/);
  expect(second).toMatch(/^staging: \[app\] 'application\.source\.elixr' /);
  expect(last).toBe('2 faults; nothing was written');
});

test('what cannot be built is told once', () => {
  const source = { ...plain, otp: '27' };
  expect(synthStack({ ...stack, application: { ...application, source } }, { outdir })).toBe(false);
  expect(printed.join('\n')).toMatch(/^image: \[app\] 'application\.source\.otp' must .*\n1 fault; nothing was written$/);
});

test.each([
  ['of the pods, where all say the same', 10001, 10001, 10001],
  ['that nobody has, where they differ', 10001, 10002, 65534],
  ['that nobody has, where the cluster assigns them', 'assigned', 'assigned', 65534],
] as const)('the user of an image is the one %s', (_which, one, other, user) => {
  const environments = {
    development: { ...development, pods: { user: one } },
    staging: { ...staging, pods: { user: other } },
  };
  expect([synthStack({ ...stack, environments }, { outdir }), printed.filter((line) => line.includes('must'))]).toEqual([
    true,
    [],
  ]);
  expect(readFileSync(join(outdir, 'image/Dockerfile'), 'utf8')).toContain(`\nUSER ${user}:${user}\n`);
});

describe('a release without its random cookie', () => {
  const cookie = { RELEASE_COOKIE: { secretKeyRef: { name: 'nodes', key: 'cookie' } } };

  test('fails when no pod has another one', () => {
    expect(
      synthStack(
        { ...stack, environments: { staging: { ...staging, beam: undefined } }, secretKeys: ['SECRET_KEY_BASE'] },
        { outdir },
      ),
    ).toBe(false);
    expect(printed.join('\n')).toMatch(
      /image: \[app\] 'secretKeys' must have RELEASE_COOKIE, got "SECRET_KEY_BASE"; add it, because/,
    );
  });

  test.each<[string, Partial<Stack>]>([
    ['a key is mapped to it', { secretKeys: { base: 'SECRET_KEY_BASE', cookie: 'RELEASE_COOKIE' } }],
    [
      'each environment sets it',
      { secretKeys: ['SECRET_KEY_BASE'], environments: { staging: { ...staging, variables: cookie } } },
    ],
    [
      'the tool keeps a cookie of its own',
      {
        secretKeys: ['SECRET_KEY_BASE'],
        application: { ...application, release: distilleryRelease({ release: 'shop' }), source: plain },
      },
    ],
    ['no image is built', { secretKeys: ['SECRET_KEY_BASE'], application }],
  ])('is taken where %s', (_name, given) => {
    synthStack({ ...stack, ...given }, { outdir });
    expect(printed.join('\n')).not.toContain("image: [app] 'secretKeys'");
  });
});
