import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

let folder: string;
const repository = 'ghcr.io/acme/shop-stack';
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text, { mode: 0o755 });
};
const encrypted = 'kind: Secret\ndata:\n  KEY: ENC[AES256_GCM]\nsops:\n  mac: ENC[x]\n';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'push-'));
  // A registry of one artifact, whose digest is that of what was pushed.
  write(
    'bin/oras',
    `#!/bin/sh\necho "$*" >>"${folder}/asked"\ncase "$1" in\npush) cp files.tar.gz "${folder}/pushed" ;;\nresolve) echo "sha256:$(sha256sum "${folder}/pushed" | cut -c 1-64)" ;;\nesac\n`,
  );
  write('dist/staging/base/00-namespace.k8s.yaml', 'kind: Namespace\n');
  write('dist/staging/sops/05-sops-shop.k8s.yaml', encrypted);
  write('dist/staging/notes.txt', 'canary-11');
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(...words: readonly string[]): { status: number | null; said: string; asked: string[] } {
  const { status, stdout, stderr } = spawnSync(join(process.cwd(), '.github/deliver/push-artifact.sh'), words, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${folder}/bin:${process.env['PATH']}`, REVISION: 'abc', GITHUB_STEP_SUMMARY: join(folder, 'summary') },
  });
  const asked = join(folder, 'asked');
  return { status, said: `${stdout}${stderr}`, asked: existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n') : [] };
}

test('the files of an environment, and nothing else, are one layer, whose digest gets the tag', () => {
  const { status, said, asked } = run('staging', repository);
  expect(status).toBe(0);
  const [, digest = ''] = /^staging is oci:\/\/ghcr\.io\/acme\/shop-stack@(sha256:[a-f0-9]{64})$/m.exec(said) ?? [];
  expect(asked.map((words) => words.replace(/--annotation \S+ /, ''))).toEqual([
    `push --no-tty ${repository}:staging-abc files.tar.gz:application/vnd.oci.image.layer.v1.tar+gzip`,
    `resolve ${repository}:staging-abc`,
    `tag ${repository}@${digest} staging`,
  ]);
  const { stdout } = spawnSync('tar', ['tzf', join(folder, 'pushed')], { encoding: 'utf8' });
  expect(stdout.trim().split('\n')).toEqual([
    ...['./', './base/', './base/00-namespace.k8s.yaml', './sops/', './sops/05-sops-shop.k8s.yaml'],
  ]);
  expect(readFileSync(join(folder, 'summary'), 'utf8')).toBe(`staging is \`oci://${repository}@${digest}\`\n`);
});

test('the same files have the same digest, whenever they were written', () => {
  const first = run('staging', repository).said;
  utimesSync(join(folder, 'dist/staging/base/00-namespace.k8s.yaml'), 1, 1);
  expect(run('staging', repository).said).toBe(first);
  write('dist/staging/base/00-namespace.k8s.yaml', 'kind: Namespace # other\n');
  expect(run('staging', repository).said).not.toBe(first);
});

test.each(['kind: Secret\ndata:\n  KEY: Y2FuYXJ5LTEy\n', 'kind: "Secret"\nstringData:\n  KEY: canary-12\n'])(
  'fails with a Secret that is not encrypted, and shows none of it',
  (text) => {
    write('dist/staging/base/05-secrets.k8s.yaml', text);
    const { status, said, asked } = run('staging', repository);
    expect([status, asked]).toEqual([1, []]);
    expect(said).toContain('nothing is pushed:\ndist/staging/base/05-secrets.k8s.yaml\n');
    expect(said).not.toMatch(/canary|Y2FuYXJ5/);
  },
);

test('fails without files, and without names', () => {
  for (const [words, said] of [
    [['production', repository], 'dist/production has no files: npm run synth writes them'],
    [['staging'], 'name the repository'],
    [[], 'name the environment'],
  ] as const) {
    const result = run(...words);
    expect([result.status, result.said, result.asked]).toEqual([1, expect.stringContaining(said), []]);
  }
});
