import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { OptOut, type Stack, synthStack } from '../../lib/index';
import type { Read } from '../support/compose';
import { application, development, production } from '../support/stack';
import { vary } from '../support/vary';

const unnamed = ({ name: _name, ...environment }: typeof development) => environment;
const stack: Stack = { application, environments: { development: unnamed(development), production } };
const source = { elixir: '1.18.4', otp: '27.3.4', debian: 'trixie-20260803-slim', context: '..' } as const;

let folder = '';
let said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compose-'));
  said = [];
  jest.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
  jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true });
});

const written = (changes: Partial<Stack> = {}, only?: string): boolean =>
  synthStack({ ...stack, ...changes }, { outdir: folder, only });
const at = (name: string): string => join(folder, 'image', name);
const compose = (): Read => parse(readFileSync(at('compose.yaml'), 'utf8')) as Read;

test('it is made of the environment called development', () => {
  expect(written()).toBe(true);
  expect(compose()['services'].web.image).toBe('kube-native:development');
  expect(existsSync(at('.env'))).toBe(true);
  expect(existsSync(at('compose/postgresql/10-owner.sh'))).toBe(true);
});

test('it builds the image by the Dockerfile beside it', () => {
  expect(written({ application: { ...application, source } })).toBe(true);
  const { context, dockerfile } = compose()['services'].web.build as Read;
  // The first is from the folder of the file, the second from the first.
  expect(resolve(folder, 'image', context)).toBe(resolve('..'));
  expect(resolve('..', dockerfile)).toBe(at('Dockerfile'));
});

test('it is made of another environment where that is said, and of none where a reason is', () => {
  const laptop = vary(development, { name: 'laptop', image: 'kube-native:laptop', optOuts: development.optOuts });
  const environments = {
    ...stack.environments,
    laptop: vary(laptop, { namespace: 'kube-native-laptop', web: { exposure: 'ClusterIP' } }),
  };
  expect(written({ environments, compose: 'laptop' })).toBe(true);
  expect(compose()['services'].web.image).toBe('kube-native:laptop');
  expect(written({ compose: OptOut.because('we run it with mix phx.server') })).toBe(true);
  expect(existsSync(join(folder, 'image'))).toBe(false);
});

test('nothing is written of a stack without it, nor of environments that are not built', () => {
  const { production: only } = stack.environments;
  expect(written({ environments: { production: only ?? production } })).toBe(true);
  expect(existsSync(join(folder, 'image'))).toBe(false);
  expect(written({}, 'production')).toBe(true);
  expect(existsSync(join(folder, 'image'))).toBe(false);
});

test('an environment that there is not is refused, with the nearest', () => {
  expect(written({ compose: 'develpment' })).toBe(false);
  expect(said[0]).toContain(`image: [app] 'compose' must name an environment, got "develpment"; did you mean 'development'?`);
});

test('what no machine can be is refused where it is asked for, and told where it is not', () => {
  const managed = vary(production, { name: 'development', namespace: 'kube-native-development' });
  expect(written({ compose: 'production' })).toBe(false);
  const sentence =
    '\'compose\' must name an environment whose servers can all be containers of one machine, got "production with kube-native.cluster-example.eu-central-1.rds.amazonaws.com"';
  expect(said.join('\n')).toContain(sentence);
  said = [];
  process.exitCode = undefined;
  expect(written({ environments: { development: managed } })).toBe(true);
  expect(said.join('\n')).toContain(`image: no compose.yaml: ${sentence.replace('production', 'development')}`);
});

test('its files go with a fault, but never what somebody else has written', () => {
  expect(written()).toBe(true);
  writeFileSync(at('notes.txt'), 'ours');
  const broken = vary(development, { image: 'kube-native' });
  expect(written({ environments: { development: broken } })).toBe(false);
  for (const name of ['compose.yaml', '.env', 'compose']) expect(existsSync(at(name))).toBe(false);
  expect(existsSync(at('notes.txt'))).toBe(true);
  mkdirSync(join(folder, 'image'), { recursive: true });
  writeFileSync(at('.env'), 'STRIPE_KEY=real');
  said = [];
  expect(written()).toBe(false);
  expect(said[0]).toContain(
    `'compose' must be written where nobody else has written, got "${at('.env')}"; move it, or keep it and say`,
  );
  expect(readFileSync(at('.env'), 'utf8')).toBe('STRIPE_KEY=real');
});
