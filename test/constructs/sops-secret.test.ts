import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart, JsonPatch, type ApiObjectProps } from 'cdk8s';
import { readYaml } from '../../lib/support/read-yaml';
import { planOf } from '../../lib/plan/plan';
import { sideOf } from '../../lib/plan/side';
import { planText } from '../../lib/plan/text';
import { worldOf } from '../../lib/plan/world';
import {
  buildEnvironment,
  Checks,
  clusterNeeds,
  KeyedSecret,
  OptOut,
  patch,
  render,
  sopsFile,
  type Manifest,
  type NamedEnvironment,
  type Rendered,
  type SopsSource,
} from '../../lib/index';
import { composeFilesOf } from '../support/compose';
import { faultsOf } from '../support/environments';
import { facts, staging } from '../support/stack';
import { vary } from '../support/vary';

/** What sops 3.13.3 wrote for keys that are thrown away. */
const file = (name: string): string => join(__dirname, 'sops', `${name}.yaml`);
const read = (name: string): string => readFileSync(file(name), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'sops-'));
const path = join(folder, 'shop.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const keys = ['SECRET_KEY_BASE', 'SMTP_PASSWORD'] as const;

function made(source: SopsSource) {
  const app = new App();
  const tried = new Chart(app, 'chart', {
    namespace: 'test',
    labels: { 'example.com/team': 'shop' },
    disableResourceNameHashes: true,
  });
  const secret = new KeyedSecret(tried, 'Secret', { name: 'shop', keys, source: { sops: source } });
  return { app, secret };
}

function written(source: SopsSource): Manifest {
  const { files, faults } = render(made(source).app);
  expect(faults).toEqual([]);
  const text = files.get('sops/05-sops-shop.k8s.yaml') ?? '';
  // Sops decrypts a document a file.
  expect(text).not.toMatch(/^---$/m);
  return readYaml(text)[0] as Manifest;
}

/** What is refused of a file that was changed after sops wrote it. */
function refused(change: (text: string) => string, name = 'age'): readonly string[] {
  writeFileSync(path, change(read(name)));
  return render(made({ file: path }).app).faults.map((fault) => fault.replaceAll(path, 'shop.yaml'));
}

describe('a secret of sops', () => {
  test.each(['age', 'pgp'])('stands in the YAML as it is in the file, in its order, with a key of %s', (name) => {
    const [document] = readYaml(read(name)) as [Manifest];
    // As texts, because the MAC covers the order.
    expect(JSON.stringify(written({ file: file(name) }))).toBe(JSON.stringify(document));
    expect(Object.keys(document)).toEqual(['apiVersion', 'kind', 'metadata', 'type', 'stringData', 'data', 'sops']);
  });

  test('has the labels of all objects where the MAC leaves room for them, and keeps its values', () => {
    const [document] = readYaml(read('mac-only-encrypted')) as [Manifest];
    const found = written({ file: file('mac-only-encrypted') });
    expect(found['metadata']).toEqual({ ...document['metadata'], labels: { 'example.com/team': 'shop' } });
    expect({ ...found, metadata: document['metadata'] }).toEqual(document);
  });

  test('has a revision that changes with its values alone', () => {
    const revision = (change: (text: string) => string): string | undefined => {
      writeFileSync(path, change(read('age')));
      return made({ file: path }).secret.revision;
    };
    const before = revision((text) => text);
    expect(before).toMatch(/^[0-9a-f]{10}$/);
    expect(revision((text) => text.replace('version: 3.13.3', 'version: 3.14.0'))).toBe(before);
    expect(revision((text) => text.replace(/(SMTP_PASSWORD: ENC\[AES256_GCM,data:)\w/, '$1A'))).not.toBe(before);
  });

  test('may be encrypted for the keys of clouds, and for several', () => {
    const kms =
      "kms:\n        - arn: arn:aws:kms:eu-central-1:123456789012:key/1\n          created_at: '2026-11-30T19:09:47Z'\n          enc: AQICAHi\n    age:";
    expect(refused((text) => text.replace('age:', kms))).toEqual([]);
    expect(refused((text) => text.replace(/age:\n[\s\S]*(?= {4}encrypted_regex)/, kms.replace('\n    age:', '\n')))).toEqual([]);
  });

  test('cannot be changed by a patch, nor have an annotation', () => {
    const change = (name: string, operation: JsonPatch): readonly string[] => {
      const { app } = made({ file: file(name) });
      const object = app.node.findChild('05-sops-shop').node.findChild('Secret');
      patch(object, 'it is to have an owner', operation);
      return render(app).faults;
    };
    const owner = JsonPatch.add('/metadata/annotations/owner', 'shop');
    expect(change('age', owner)).toEqual([
      `[05-sops-shop/Secret] 'metadata' must stay as sops wrote it, whose MAC would not hold, got "something else"; let sops edit change it in ${file('age')}, or encrypt with mac_only_encrypted: true in .sops.yaml, to have labels and annotations added`,
    ]);
    expect(change('mac-only-encrypted', owner)).toEqual([]);
    const value = JsonPatch.replace('/stringData/SECRET_KEY_BASE', 'hunter2');
    expect(change('mac-only-encrypted', value).join('\n')).toContain("'stringData' must stay as sops wrote it");
    expect(change('mac-only-encrypted', value).join('\n')).not.toContain('hunter2');
  });

  test('has no reason of an opt-out written into it', () => {
    const { app } = made({ file: file('age') });
    const object = app.node.findChild('05-sops-shop').node.findChild('Secret');
    Checks.of(app).add({
      name: 'no-secrets',
      sentence: 'There is no Secret.',
      why: 'It is tried.',
      source: 'https://example.com',
      find: ({ objects: all }) =>
        all.map((one) => ({ object: one, field: 'kind', must: 'not be there', got: 'Secret', fix: 'remove it' })),
    });
    Checks.of(app).leaveOut('no-secrets', OptOut.because('it is encrypted anyhow'), object);
    const { faults, optOuts, files } = render(app);
    expect(faults).toEqual([]);
    expect(optOuts).toHaveLength(1);
    expect([...files.values()].join('')).not.toContain('opt-outs');
  });
});

describe('a file of sops', () => {
  const encrypt = "sops encrypt --encrypted-regex '^(data|stringData)$'";
  const value = /(SMTP_PASSWORD: ).*/;

  test.each<[string, (text: string) => string, string]>([
    [
      'it is not encrypted',
      (text) => text.replace(/^sops:[\s\S]*/m, '').replace(/ENC\[.*/g, 'hunter2'),
      `'shop.yaml: sops' must be there, as in a file that sops encrypted, got nothing; encrypt it: ${encrypt} --in-place shop.yaml`,
    ],
    [
      'a value is the secret itself, without printing it',
      (text) => text.replace(value, '$1hunter2'),
      '\'shop.yaml: data.SMTP_PASSWORD\' must be encrypted by sops, got "7 characters"; change the value where it is used, for it is in the history, and write the new one with sops edit',
    ],
    [
      'a value is empty, which sops leaves as it is',
      (text) => text.replace(value, '$1""'),
      '\'shop.yaml: data.SMTP_PASSWORD\' must be encrypted by sops, got "an empty text"; sops leaves it as it is: take it out with sops edit shop.yaml',
    ],
    [
      'a value will be a number',
      (text) => text.replace(/(SMTP_PASSWORD: .*)type:str/, '$1type:int'),
      '\'shop.yaml: data.SMTP_PASSWORD\' must be a text before it is encrypted, got "int"; write it in quotes with sops edit shop.yaml: the API server takes no other values in a Secret',
    ],
    [
      'a key is missing',
      (text) => text.replace('SMTP_PASSWORD', 'SMTP_PASS'),
      "'shop.yaml: stringData.SMTP_PASSWORD' must be there, got nothing; add it with sops edit shop.yaml",
    ],
    [
      'it is for another name',
      (text) => text.replace('name: shop', 'name: shop-2'),
      '\'shop.yaml: metadata.name\' must be "shop", got "shop-2"; change it with sops edit shop.yaml: the MAC covers it',
    ],
    [
      'it is for another namespace',
      (text) => text.replace('namespace: test', 'namespace: staging'),
      '\'shop.yaml: metadata.namespace\' must be "test", got "staging"; change it with sops edit shop.yaml: the MAC covers it',
    ],
    [
      'nobody can decrypt it',
      (text) => text.replace(/age:\n[\s\S]*(?= {4}encrypted_regex)/, 'age: []\n'),
      `'shop.yaml: sops' must name who can decrypt it: a key of age, PGP or a cloud, got nothing; encrypt it anew: ${encrypt} --age age1...`,
    ],
    [
      'it has no MAC',
      (text) => text.replace(/ {4}mac: .*\n/, ''),
      `'shop.yaml: sops.mac' must be that of sops, got nothing; encrypt it anew: ${encrypt}`,
    ],
    [
      'it does not say which sops wrote it',
      (text) => text.replace(/ {4}version: .*\n/, ''),
      `'shop.yaml: sops.version' must be that of sops, got nothing; encrypt it anew: ${encrypt}`,
    ],
    [
      'the next key of it would be plain',
      (text) => text.replace('^(data|stringData)$', '^(data|SECRET_KEY_BASE)$'),
      `'shop.yaml: sops.encrypted_regex' must have every key of stringData encrypted, also one that is added, got "^(data|SECRET_KEY_BASE)$"; encrypt it anew: ${encrypt}`,
    ],
    [
      'it says what is plain, and data is',
      (text) => text.replace('encrypted_regex: ^(data|stringData)$', 'unencrypted_regex: ^(metadata|data)$'),
      `'shop.yaml: sops.unencrypted_regex' must have every key of data encrypted, also one that is added, got "^(metadata|data)$"; encrypt it anew: ${encrypt}`,
    ],
    [
      'a key is a number',
      (text) => text.replace('annotations:', 'annotations:\n        1: "a"'),
      '\'shop.yaml\' must have no key that is a number, whose place the MAC covers, got "1"; rename it, or encrypt with mac_only_encrypted: true in .sops.yaml',
    ],
    [
      'it is encrypted as a whole',
      (text) => text.replace('kind: Secret', 'kind: ENC[AES256_GCM,data:bV6S,iv:4EA1,tag:9aX2,type:str]'),
      `'shop.yaml' must hold one Secret that sops encrypted, got "something that is no object"; write a Secret, and let ${encrypt} encrypt its values alone`,
    ],
    [
      'it holds two',
      (text) => `${text}---\n${text}`,
      `'shop.yaml' must hold one Secret that sops encrypted, got "2 objects"; write a Secret, and let ${encrypt} encrypt its values alone`,
    ],
  ])('fails when %s', (_, change, sentence) => {
    const faults = refused(change);
    expect(faults).toEqual([`[chart/Secret] ${sentence}`]);
    expect(faults.join()).not.toContain('hunter2');
  });

  test('fails when it is missing', () => {
    const { faults } = render(made({ file: 'nowhere/shop.yaml' }).app);
    expect(faults).toEqual([
      `[chart/Secret] 'nowhere/shop.yaml' must hold one Secret that sops encrypted, got "no file"; write a Secret, and let ${encrypt} encrypt its values alone`,
    ]);
  });

  test('fails when two Secrets would have one file', () => {
    const { app, secret } = made({ file: file('age') });
    new KeyedSecret(Chart.of(secret), 'Other', { name: 'shop', keys, source: { sops: { file: file('age') } } });
    expect(render(app).faults.join()).toContain('\'name\' must be that of one Secret of sops, got "shop"; read the keys of both');
  });

  test('is refused by the rules where somebody puts it beside what kubectl applies', () => {
    const [document] = readYaml(read('staging')) as [ApiObjectProps];
    const faults = faultsOf(staging, ({ release }) => {
      new ApiObject(Chart.of(release), 'Secret', document);
    }).join('\n');
    expect(faults).toContain("'sops' must be a field of Secret");
    expect(faults).toContain('(literal-secrets)');
  });
});

describe('an environment with a secret of sops', () => {
  const secrets = sopsFile(file('staging'));

  function built(environment: NamedEnvironment): { app: App; rendered: Rendered } {
    const app = new App();
    buildEnvironment(app, facts, environment);
    return { app, rendered: render(app) };
  }
  const of = (changes: Partial<NamedEnvironment>) => built(vary(staging, { secrets }, changes));

  test('has it where kubectl does not take it up, and is told how to apply it', () => {
    const { rendered } = of({});
    expect(rendered.faults).toEqual([]);
    expect(rendered.files.has('sops/05-sops-kube-native.k8s.yaml')).toBe(true);
    expect([...rendered.files].filter(([name, text]) => !name.includes('/') && text.includes('ENC['))).toEqual([]);
    expect(rendered.assumed).toEqual([
      'the Secret kube-native is encrypted, and kubectl apply -f dist/staging leaves it out; before: sops decrypt dist/staging/sops/05-sops-kube-native.k8s.yaml | kubectl apply -f -',
    ]);
  });

  test('needs somebody with a key', () => {
    const { app } = of({});
    const recipient = /recipient: (age1\w+)/.exec(read('staging'))?.[1];
    expect(clusterNeeds(app).beside).toContain(`whoever decrypts the Secret kube-native with the key ${recipient} (age)`);
  });

  const kustomizations = ({ rendered: { files } }: ReturnType<typeof of>): Record<string, unknown> => {
    const all = readYaml(files.get('flux/90-flux.k8s.yaml') ?? '') as Manifest[];
    return Object.fromEntries(all.map(({ metadata, spec }) => [String(metadata.name).replace(/^.*-/, ''), spec.decryption]));
  };

  test('is decrypted by the step of Flux that applies it, and by no other', () => {
    const flux = of({ delivery: 'flux' });
    expect(flux.rendered.faults).toEqual([]);
    expect(flux.rendered.assumed).toEqual([]);
    expect(flux.rendered.files.has('base/05-sops-kube-native.k8s.yaml')).toBe(true);
    expect(kustomizations(flux)).toEqual({
      base: { provider: 'sops', secretRef: { name: 'sops-age' } },
      migrate: undefined,
      release: undefined,
    });
    expect(clusterNeeds(flux.app).objects).toContainEqual({
      kind: 'Secret',
      name: 'sops-age',
      namespace: 'flux-system',
      keys: [],
    });
  });

  test('has the key for Flux where it is said to be, or none where its controller needs none', () => {
    const { sops } = secrets;
    const base = (decryption: SopsSource['decryption']): unknown =>
      kustomizations(of({ delivery: 'flux', secrets: { sops: { ...sops, decryption } } }))['base'];
    expect(base({ secret: 'our-keys' })).toEqual({ provider: 'sops', secretRef: { name: 'our-keys' } });
    expect(base(OptOut.because('its controller may use the key in KMS'))).toEqual({ provider: 'sops' });
    writeFileSync(path, read('staging').replace('age:', 'pgp:').replace('recipient:', 'fp:'));
    expect(kustomizations(of({ delivery: 'flux', secrets: sopsFile(path) }))['base']).toEqual({
      provider: 'sops',
      secretRef: { name: 'sops-gpg' },
    });
    writeFileSync(path, read('staging').replace('age:', 'kms:').replace('recipient:', 'arn:'));
    expect(kustomizations(of({ delivery: 'flux', secrets: sopsFile(path) }))['base']).toEqual({ provider: 'sops' });
  });

  test('has one Secret with keys for all that Flux decrypts', () => {
    writeFileSync(path, read('age').replace('namespace: test', 'namespace: kube-native-staging'));
    const changed = vary(staging, {
      secrets,
      delivery: 'flux',
      amend: ({ release }) => {
        const sops = { file: path, decryption: { secret: 'our-keys' } };
        new KeyedSecret(Chart.of(release), 'Shop', { name: 'shop', keys, source: { sops } });
      },
    });
    expect(built(changed).rendered.faults).toEqual([
      '[90-flux/Flux] \'sops.decryption\' must name one Secret for all that one Kustomization decrypts, got ["sops-age","our-keys"]; put the keys of all into one, and write decryption: { secret: \'sops-age\' } for each',
    ]);
  });

  test.each(['argo', 'helm'] as const)('says who decrypts it with %s', (delivery) => {
    const { sops } = secrets;
    const faults = (decryption?: SopsSource['decryption']): readonly string[] =>
      of({ delivery, secrets: { sops: { ...sops, decryption } } }).rendered.faults.filter((fault) => /sops|Secret/.test(fault));
    const title = delivery === 'argo' ? 'Argo CD' : 'Helm';
    expect(faults().filter((fault) => fault.includes('decryption'))).toEqual([
      `[05-secrets/Release] 'secrets.sops.decryption' must say who decrypts with delivery '${delivery}', got nothing; write OptOut.because('...') with who does, or take sealed or external: ${title} cannot`,
    ]);
    expect(faults(OptOut.because('the workflow pipes it into kubectl'))).toEqual([]);
    expect(faults({ secret: 'sops-age' }).join()).toContain(
      "'secrets.sops.decryption' must name a Secret for delivery 'flux' alone, got \"sops-age\"; leave it out",
    );
  });

  test('has its new values in a plan without showing them, and its pods replaced', () => {
    const [before, now] = ['staging', 'staging-new-value'].map((name) => built(vary(staging, { secrets: sopsFile(file(name)) })));
    const deployed = [...(before?.rendered.files.values() ?? [])].flatMap((text) => readYaml(text) as Manifest[]);
    const plan = now && planText([planOf('staging', { world: worldOf(deployed) }, sideOf(now.app))], 'text');
    expect(plan).toContain('annotation cdk8s-phoenix/secret-revision changed');
    expect(plan).toContain('Secret kube-native: SECRET_KEY_BASE changed');
    expect(plan).not.toMatch(/ENC\[|sops\.|whoever decrypts/);
  });

  test('has who may decrypt it in a plan', () => {
    writeFileSync(path, read('staging').replace(/recipient: age1\w+/, `recipient: age1${'q'.repeat(58)}`));
    const [before, now] = [secrets, sopsFile(path)].map((source) => built(vary(staging, { secrets: source })));
    const plan = before && now && planText([planOf('staging', sideOf(before.app), sideOf(now.app))], 'text');
    expect(plan).toContain(`whoever decrypts the Secret kube-native with the key age1${'q'.repeat(58)} (age)`);
    expect(plan).toMatch(/no longer: whoever decrypts the Secret kube-native with the key age1/);
  });

  test('may have the password of its database so, in a file of its own', () => {
    writeFileSync(
      path,
      read('staging').replace('name: kube-native', 'name: kube-native-postgresql').replace('RELEASE_COOKIE', 'password'),
    );
    const { rendered } = of({ databasePassword: sopsFile(path) });
    expect(rendered.faults).toEqual([]);
    expect([...rendered.files.keys()].filter((name) => name.startsWith('sops/')).sort()).toEqual([
      'sops/05-sops-kube-native-postgresql.k8s.yaml',
      'sops/05-sops-kube-native.k8s.yaml',
    ]);
  });

  test('is asked for by Compose as one that is not in the YAML', () => {
    const { files } = composeFilesOf(vary(staging, { secrets }));
    expect([...files]).toEqual([...composeFilesOf(staging).files]);
    expect([...files.values()].join()).not.toContain('ENC[');
  });

  test('reports a fault of its file once', () => {
    expect(faultsOf(vary(staging, { secrets: sopsFile('nowhere.yaml') }))).toHaveLength(1);
  });
});
