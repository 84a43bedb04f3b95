import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inOtherWords } from '../../lib/check/words';

/** What only somebody can do who writes literals, or constructs of this library. */
const OURS =
  /OptOut|Checks\.of\(|of the BeamCluster|ManagedPostgres|NetworkFence|of our routes|of (?:a|the) role\b|of a worker|'stateful'|of the application'|docs\/application|backingServices/;

/** The tables of whole sentences, which are put together elsewhere, and rules that no YAML of others meets. */
const ELSEWHERE = /\/(?:apart|scanners)\/|\/(?:checks|needs-beside|previous-\w+|beam\/flags|hosts-reachable)\.ts$/;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : [path];
  });
}

describe('a remedy for YAML of others', () => {
  const texts = sources('lib/checks')
    .filter((path) => path.endsWith('.ts') && !ELSEWHERE.test(path))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => !/^\s*(?:\*|\/\/|\/\*|import|sentence:|why:|source:)/.test(line))
    .flatMap((line) => [...line.matchAll(/"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g)].map(([text]) => text.slice(1, -1)))
    // What is put into a sentence that is looked at by itself.
    .filter((text) => OURS.test(text) && text !== "'singleton: true' of a role");

  test('is looked for in the rules themselves', () => {
    expect(texts.length).toBeGreaterThan(10);
  });

  test.each([...new Set(texts)])('has no word of our literals: %s', (text) => {
    expect(inOtherWords(text.replaceAll(/\$\{[^}]*\}/g, 'x'))).not.toMatch(OURS);
  });

  test.each([
    ["set it to Recreate, by 'singleton: true' of a role: the old pod goes", 'set it to Recreate: the old pod goes'],
    ["keep one of the two; it is two after 'port' of the BeamCluster, and 4379 without one", 'keep one of the two'],
    ["keep one of the two; it is 'ipv6' or 'tls' of the BeamCluster", 'keep one of the two'],
    ["run two, or say 'singleton: true' of the role", 'run two'],
    [
      "add { port: 443 } for any, to 'egress' of the NetworkFence; or name X in 'backingServices' of the release",
      'add an egress rule for port 443 to a NetworkPolicy of these pods',
    ],
    ["declare it with Checks.of(app).provide({ kind: 'Secret', name: 'smtp' })", 'say --provide Secret/smtp'],
    ["say so: Checks.of(app).leaveOut('boot-files', OptOut.because('...'))", 'say so: --leave-out boot-files=<reason>'],
  ])('keeps the rest of %j', (fix, remedy) => {
    expect(inOtherWords(fix)).toBe(remedy);
  });
});
