import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roll-out-'));
  mkdirSync(join(folder, 'dist/staging'), { recursive: true });
  const image = 'registry.example.com/shop:1.1.0@sha256:bbb';
  const text = `kind: Deployment\nmetadata:\n  name: shop\n  namespace: shop-staging\nspec:\n  image: ${image}\n`;
  writeFileSync(join(folder, 'dist/staging/30-phoenix.k8s.yaml'), text);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a cluster answers, by the beginning of the question. */
type Answers = Readonly<Record<string, string>>;
const well: Answers = {
  'apply --filename':
    'echo configmap/shop configured; echo job.batch/shop-migrate-1 created; echo deployment.apps/shop configured',
  'get deployments': 'echo registry.example.com/shop:1.0.0@sha256:aaa',
  'get job shop-migrate-1': 'echo "false  Complete "',
  'rollout status': 'echo \'deployment "shop" successfully rolled out\'',
};

/** Runs the script beside a cluster that answers so; what it asked is told too. */
function run(
  answers: Answers,
  env: Readonly<Record<string, string>> = {},
): { status: number | null; said: string; asked: string[] } {
  const cases = Object.entries(answers).map(([question, answer]) => `"${question}"*) ${answer} ;;`);
  const kubectl = `#!/bin/bash\nwords="$*"; words="\${words#--namespace shop-staging }"\necho "$words" >>"${folder}/asked"\ncase "$words" in\n${cases.join('\n')}\nesac\n`;
  writeFileSync(join(folder, 'kubectl'), kubectl);
  chmodSync(join(folder, 'kubectl'), 0o755);
  const { status, stdout, stderr } = spawnSync(join(process.cwd(), '.github/deliver/roll-out.sh'), ['staging'], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH']}`, LIMIT: '0', ...env },
  });
  return { status, said: `${stdout}${stderr}`, asked: readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n') };
}

test('what is applied is waited for: its jobs, then its pods', () => {
  const { status, said, asked } = run(well);
  expect(said).toContain('job shop-migrate-1 has run\ndeployment "shop" successfully rolled out\n\n== staging runs it\n');
  expect(status).toBe(0);
  expect(asked.map((question) => question.split(' ').slice(0, 3).join(' '))).toEqual([
    'get deployments --output',
    'apply --filename dist/staging',
    'get job shop-migrate-1',
    'rollout status deployment.apps/shop',
  ]);
});

test('a job that is gone or suspended is not waited for, and what comes after the roll-out is left to people', () => {
  mkdirSync(join(folder, 'dist/staging/after'));
  expect(run({ ...well, 'get job shop-migrate-1': 'true' }).status).toBe(0);
  const { status, said } = run({ ...well, 'get job shop-migrate-1': 'echo "true  Suspended "' });
  expect([status, said]).toEqual([0, expect.stringContaining('is suspended')]);
  expect(said).toContain('once nobody goes back any more: kubectl apply -f dist/staging/after');
});

const unready =
  'echo "shop-migrate-1-x Failed False shop-migrate-1"; echo "shop-5f-y Running False shop-5f"; echo "done Succeeded False old"';
test('a job that fails ends it: why, and how to go back', () => {
  const { status, said, asked } = run({
    ...well,
    'get job shop-migrate-1': 'echo "false 6 Failed "',
    'get events': 'echo "KIND NAME REASON MESSAGE"; echo "Job shop-migrate-1 BackoffLimitExceeded Job has reached the limit"',
    'get pods': unready,
    'get pod shop-migrate-1-x': 'echo "migrate: Error"',
    'logs shop-migrate-1-x': 'echo "** (Postgrex.Error) relation orders does not exist"',
  });
  expect(status).toBe(1);
  for (const part of [
    '  | Job shop-migrate-1 BackoffLimitExceeded',
    '== pod shop-migrate-1-x is not ready\n  | migrate: Error\n  | ** (Postgrex.Error) relation orders does not exist\n',
    'npx cdk8s-phoenix promote registry.example.com/shop:1.0.0@sha256:aaa staging',
    'Migrations that have run stay.',
    '== staging does not run it:\n  | job shop-migrate-1 has failed\n',
  ])
    expect(said).toContain(part);
  expect(said).not.toContain('pod done');
  // New pods wait for that job: nobody waits for them.
  expect(asked.filter((question) => question.startsWith('rollout'))).toEqual([]);
});

test.each([
  [
    'rollout status',
    'echo \'error: deployment "shop" exceeded its progress deadline\' >&2; exit 1',
    'deployment.apps/shop: error: deployment "shop" exceeded its',
  ],
  ['rollout status', 'echo Waiting', 'deployment.apps/shop is not ready in 0 s'],
  ['get job shop-migrate-1', 'echo "false 1 "', 'job shop-migrate-1 has not ended in 0 s'],
  ['get job shop-migrate-1', 'echo "Forbidden" >&2; exit 1', 'job shop-migrate-1 cannot be read: Forbidden'],
  ['apply --filename', 'echo refused >&2; exit 1', 'kubectl apply -f dist/staging'],
])('fails where %s answers %s', (question, answer, why) => {
  const { status, said } = run({ ...well, [question]: answer });
  expect([status, said]).toEqual([1, expect.stringContaining(`== staging does not run it:\n  | ${why}`)]);
});

test('no secret is asked for, and none is printed: of URLs, of headers, of what is called one, of refused patches', () => {
  const leaks = [
    '(DBConnection.ConnectionError) ecto://shop:canary-1@db.example.com/shop',
    'DATABASE_URL=postgres://u:canary-2@db/x',
    'SECRET_KEY_BASE=canary-3 PORT=4000',
    '%{password: \\"canary-4\\", port: 5432}',
    'authorization: Bearer canary-5',
    '\\"api_key\\": \\"canary-6\\"',
    'release_cookie => canary-7',
    '{\\"data\\":{\\"key\\":\\"canary-8\\"}}',
    'GITHUB_TOKEN=canary-9, next',
  ];
  const print = leaks.map((line) => `echo "${line}"`).join('; ');
  const { status, said, asked } = run({
    ...well,
    'apply --filename': `{ echo "error when applying patch:"; ${print}; } >&2; exit 1`,
    'get events': print,
    'get pods': unready,
    'get pod ': print,
    'logs ': `${print}; echo "::add-mask::x"; echo "** (MatchError) no match of right hand side value: 42"`,
  });
  expect(status).toBe(1);
  expect(said.match(/canary-\d/g)).toBe(null);
  expect(said).toContain('db.example.com/shop');
  expect(said).toContain('no match of right hand side value: 42');
  // A line of a log is no command to the runner.
  expect(said).not.toMatch(/^\s*::/m);
  expect(asked.filter((question) => /secret|describe|exec/i.test(question))).toEqual([]);
});

test('fails without files, and without a name', () => {
  const script = join(process.cwd(), '.github/deliver/roll-out.sh');
  for (const [words, said] of [
    [['production'], 'dist/production has no files: npm run synth writes them'],
    [[], 'name the environment'],
  ] as const) {
    const { status, stderr } = spawnSync(script, words, { cwd: folder, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringContaining(said)]);
  }
});

describe('what sops has encrypted', () => {
  const value = 'canary-10';
  const encrypted = (answer: string): void => {
    mkdirSync(join(folder, 'dist/staging/sops'));
    writeFileSync(join(folder, 'dist/staging/sops/05-sops-shop.k8s.yaml'), 'kind: Secret\nsops:\n');
    writeFileSync(
      join(folder, 'sops'),
      `#!/bin/sh\n[ "$1 $2" = "decrypt dist/staging/sops/05-sops-shop.k8s.yaml" ] || exit 2\n${answer}\n`,
      {
        mode: 0o755,
      },
    );
  };
  const taken = { ...well, 'apply --filename -': `grep -q ${value} && echo secret/shop configured` };
  // The first that fits is taken.
  const first = (answers: Answers): Answers => ({ 'apply --filename -': answers['apply --filename -'] ?? '', ...answers });

  test('goes through a pipe, before the pods that read it', () => {
    encrypted(`echo "stringData: {KEY: ${value}}"`);
    const { status, said, asked } = run(first(taken));
    expect([status, said.includes(value)]).toEqual([0, false]);
    expect(said).toContain('secret/shop configured\n');
    expect(asked.filter((question) => question.startsWith('apply'))).toEqual([
      'apply --filename dist/staging/00-namespace.k8s.yaml',
      'apply --filename -',
      'apply --filename dist/staging',
    ]);
  });

  test.each([
    ['sops has no key', 'echo "no identity matched" >&2; exit 128', taken],
    [
      'kubectl refuses it',
      `echo "stringData: {KEY: ${value}}"`,
      { ...well, 'apply --filename -': `cat >&2; echo 'Error from server (Forbidden): x ${value}' >&2; exit 1` },
    ],
  ])('stops it where %s, and no value is shown', (_, answer, answers) => {
    encrypted(answer);
    const { status, said, asked } = run(first(answers));
    expect([status, said.includes(value)]).toEqual([1, false]);
    expect(said).toMatch(/ {2}\| (?:no identity matched|Error from server \(Forbidden\))\n/);
    expect(said).toContain('the Secret in dist/staging/sops/05-sops-shop.k8s.yaml was not applied');
    expect(asked).not.toContain('apply --filename dist/staging');
  });
});

test('where rights are missing it says who applies what gives them', () => {
  const cluster = join(folder, 'dist/cluster/eu');
  mkdirSync(cluster, { recursive: true });
  for (const name of ['guard', 'staging-deployers', 'production-deployers']) writeFileSync(join(cluster, `${name}.yaml`), '');
  writeFileSync(join(folder, 'dist/staging/00-namespace.k8s.yaml'), 'metadata:\n  labels:\n    cdk8s-phoenix/cluster: eu\n');
  const { status, said } = run({ ...well, 'apply --filename': 'echo "deployments.apps is forbidden" >&2; exit 1' });
  expect(status).toBe(1);
  expect(said).toContain(
    'who administers the cluster applies these, whenever they change, and what the rights leave to them:\n  kubectl --context eu apply -f dist/cluster/eu/guard.yaml\n  kubectl --context eu apply -f dist/cluster/eu/staging-deployers.yaml\n',
  );
  expect(run(well).said).not.toContain('dist/cluster');
});
