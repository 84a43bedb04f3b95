import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { planned, type Options } from '../../../lib/command/planned';

const dist = join(__dirname, 'output');
const base: Options = { format: 'text', dist, live: 'shop' };
/** A kubectl that answers something, and keeps what it was asked beside it. */
function program(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  const file = join(folder, 'kubectl');
  writeFileSync(file, `#!/bin/sh\necho "$@" > ${folder}/words\ncat > ${folder}/input\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

function faults(options: Partial<Options> = {}, before?: string): readonly string[] {
  return planned(before, undefined, { ...base, ...options }).faults;
}

describe('plan --live', () => {
  test('asks kubectl to get the objects by their names, and nothing else', () => {
    const kubectl = program('');
    const folder = dirname(kubectl);
    planned(undefined, undefined, { ...base, context: 'eu-west', kubectl });
    expect(readFileSync(join(folder, 'words'), 'utf8')).toBe(
      'get -f - --ignore-not-found --show-managed-fields -o json --context=eu-west\n',
    );
    const { items } = JSON.parse(readFileSync(join(folder, 'input'), 'utf8')) as { items: object[] };
    expect(items).toHaveLength(12);
    expect(items[1]).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', namespace: 'shop' } });
  });

  test('leaves out what the cluster does not know, and what nobody may see', () => {
    const kubectl = program(`echo '{"kind":"List","items":[]}'
echo 'error: resource mapping not found for name: "shop" namespace: "shop" from "STDIN": no matches for kind "HTTPRoute" in version "gateway.networking.k8s.io/v1"' >&2
echo 'ensure CRDs are installed first' >&2
echo 'Error from server (Forbidden): networkpolicies.networking.k8s.io "shop" is forbidden: User "me" cannot get resource "networkpolicies"' >&2
exit 1`);
    const { text } = planned(undefined, undefined, { ...base, kubectl });
    expect(text).toContain(
      '    NetworkPolicy shop: whoever asks may not get it\n    HTTPRoute shop: the cluster knows no such kind\n',
    );
    expect(text).toContain('shop: 10 of 10 objects are not in the cluster');
  });

  test('reads the YAML of others, and asks for nothing that has no name yet', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dist-'));
    const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: shop, namespace: shop}\n';
    const job = 'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-, namespace: shop}\n';
    writeFileSync(join(folder, 'all.yaml'), `${service}---\n${job}`);
    const kubectl = program('');
    expect(planned(undefined, undefined, { ...base, live: true, dist: folder, kubectl }).text).toContain(
      'Not compared\n    Job migrate-*: it gets its name when it is created\n',
    );
    const { items } = JSON.parse(readFileSync(join(dirname(kubectl), 'input'), 'utf8')) as { items: object[] };
    expect(items).toHaveLength(1);
    expect(faults({ dist: join(folder, 'gone') })).toEqual([
      `[plan] '--dist' must be a folder with objects, got "${folder}/gone"; name the folder that is applied, or synthesize there first`,
    ]);
  });

  test('never asks for Secrets', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dist-'));
    mkdirSync(join(folder, 'shop'));
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: shop, namespace: shop}\nstringData: {KEY: text}\n';
    writeFileSync(join(folder, 'shop/05-secrets.k8s.yaml'), secret);
    const kubectl = program('');
    expect(planned(undefined, undefined, { ...base, dist: folder, kubectl }).text).toContain(
      'Secret shop: values of Secrets are not read',
    );
    expect(existsSync(join(dirname(kubectl), 'words'))).toBe(false);
    writeFileSync(
      join(folder, 'shop/10-shop.k8s.yaml'),
      'apiVersion: v1\nkind: Service\nmetadata: {name: shop, namespace: shop}\n',
    );
    expect(faults({ dist: folder, kubectl: program('exit 1') })[0]).toContain(
      `kubectl get -f ${folder}/shop/10-shop.k8s.yaml --ignore-not-found --show-managed-fields -o yaml > live.yaml`,
    );
  });

  test('fails when there is no kubectl, or no cluster, and says how to go on', () => {
    const fix = `name the cluster with --context, or let whoever may read it run kubectl get -R -f ${dist}/shop --ignore-not-found --show-managed-fields -o yaml > live.yaml and pass --from live.yaml`;
    expect(faults({ kubectl: join(tmpdir(), 'no-kubectl') })).toEqual([
      `[plan] '--live' must be able to read the cluster with kubectl, got "no kubectl"; ${fix}`,
    ]);
    const kubectl = program(`echo 'E1130 11:17:38.980883 memcache.go:265] "Unhandled Error"' >&2
echo 'Error in configuration: context was not found for specified context: nope' >&2
exit 1`);
    expect(faults({ kubectl })).toEqual([
      `[plan] '--live' must be able to read the cluster with kubectl, got "Error in configuration: context was not found for specified context: nope"; ${fix}`,
    ]);
  });

  test('fails when the file is none that kubectl has written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'from-'));
    const wrong = (text: string): string => {
      writeFileSync(join(folder, 'live.yaml'), text);
      return faults({ from: join(folder, 'live.yaml') })
        .join('\n')
        .replaceAll(folder, '')
        .replaceAll(dist, '');
    };
    expect(wrong('')).toContain('/live.yaml, which holds nothing"; write it with kubectl get -R -f /shop');
    expect(wrong('kind: Service\nmetadata: {name: shop}')).toContain('/live.yaml, without managedFields');
    expect(wrong('text')).toContain('/live.yaml, with something that is no object with a name');
    expect(wrong('a: [')).toContain("'--from' must be what kubectl has read, with managedFields, got");
    expect(faults({ from: join(folder, 'gone') })[0]).toContain('ENOENT');
  });

  test('fails when words do not go together', () => {
    expect(faults({ live: 'shpo' })).toEqual([
      '[plan] \'--live\' must name one environment of the output, got "shpo"; write one of shop',
    ]);
    expect(faults({ format: 'html' })[0]).toContain("'--format' must be a form that is known");
    expect(faults({}, 'main..')[0]).toContain("'before' must be left out with --live");
    expect(faults({ from: 'a', context: 'b' })[0]).toContain("'--context' must be left out with --from");
    expect(faults({ live: undefined, context: 'b' })[0]).toContain("'--context' must be left out without --live");
    expect(faults({ live: undefined })[0]).toContain("'before' must name what is deployed, got nothing");
  });

  test('needs no name where there is one environment', () => {
    expect(planned(undefined, undefined, { ...base, live: true, from: join(__dirname, 'cluster/client-fresh.yaml') }).text).toBe(
      'shop is in the cluster as it is written: 12 objects\n',
    );
  });
});
