import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OptOut, synthStack, type Stack, type StackRun } from '../../lib/index';
import { facts, production, staging } from '../support/stack';
import { vary } from '../support/vary';

const root = mkdtempSync(join(tmpdir(), 'plan-'));
const previous = join(root, 'dist');
const stack: Stack = { ...facts, environments: { staging, production } };

/** What is printed of a run: the plan, and the faults. */
function printed(of: Stack, run: StackRun = {}): { readonly text: string; readonly faults: string } {
  const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = jest.spyOn(console, 'error').mockReturnValue(undefined);
  try {
    synthStack(of, { previous, print: 'plan', ...run });
    return { text: out.mock.calls.map(([text]) => String(text)).join(''), faults: err.mock.calls.flat().join('\n') };
  } finally {
    jest.restoreAllMocks();
    process.exitCode = undefined;
  }
}

beforeAll(() => {
  const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = jest.spyOn(console, 'error').mockReturnValue(undefined);
  synthStack(stack, { outdir: previous });
  out.mockRestore();
  err.mockRestore();
});

afterAll(() => rmSync(root, { recursive: true }));

const smaller = vary(production, {
  database: { managed: { ...production.database.managed, connections: 150 } },
  web: { poolSize: 5 },
});

describe('npm run plan', () => {
  test('says nothing where nothing changes, the last in the order of promotion first', () => {
    expect(printed(stack)).toEqual({ text: 'nothing changes in production and staging\n', faults: '' });
  });

  test('knows what the literals say of a database of a provider', () => {
    const { text } = printed({ ...stack, environments: { staging, production: smaller } });
    expect(text).toContain(
      'connections to kube-native.cluster-example.eu-central-1.rds.amazonaws.com: 182 -> 92 at the peak of a roll-out (limit 150)',
    );
  });

  test('tells what synth would refuse beside all else, and the reason of who means it', () => {
    const renamed = vary(staging, {
      database: { single: { ...staging.database.single, storage: staging.database.single.storage } },
      namespace: 'rehearsal',
    });
    const refused = printed({ ...stack, environments: { staging: renamed, production } });
    expect(refused.text).toContain(
      'Namespace rehearsal: metadata.name must stay beside the Namespace "kube-native-staging", which was there before',
    );
    expect(refused.faults).toBe('');
    const meant = vary(renamed, { optOuts: { 'lost-data': OptOut.because('the data were moved by hand') } });
    expect(printed({ ...stack, environments: { staging: meant, production } }).text).toContain(
      'meant: the data were moved by hand',
    );
  });

  test('leaves environments alone that are not built this time', () => {
    expect(printed(stack, { only: 'staging' }).text).toBe('nothing changes in staging\n');
  });

  test('tells all of it as new where nothing was deployed', () => {
    const { text, faults } = printed(stack, { previous: 'none' });
    expect(faults).toBe('');
    expect(text).toMatch(/^production\n {2}What happens, in order\n {4}all of it is new: \d+ objects, with /);
    expect(text).toContain('\nstaging\n');
  });

  test('gives the reason of an environment that is retired', () => {
    const { text } = printed({
      ...facts,
      environments: { production },
      retired: { staging: OptOut.because('previews rehearse now') },
    });
    expect(text).toContain('retired: previews rehearse now');
  });

  test.each([
    [
      'no output',
      { previous: undefined },
      "[plan] 'previous' must be given for a plan, got nothing; name the folder with what is deployed: PREVIOUS=../main/dist npm run plan",
    ],
    [
      'a form that is unknown',
      { format: 'html' },
      '[plan] \'format\' must be a form that is known, got "html"; write one of text, markdown, json',
    ],
    ['a folder that is not there', { previous: join(root, 'nowhere') }, 'which is not there'],
  ])('fails when it is given %s', (_, run, fault) => {
    const { text, faults } = printed(stack, run);
    expect(faults).toContain(fault);
    expect(text).toBe('');
  });

  test('fails with the faults of an environment that cannot be built', () => {
    const broken = vary(production, { web: { replicas: -1 } });
    const { text, faults } = printed({ ...stack, environments: { production: broken } });
    expect(faults).toContain("'web.replicas'");
    expect(text).toBe('');
  });
});
