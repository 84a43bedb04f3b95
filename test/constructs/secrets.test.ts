import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, Chart, Duration } from 'cdk8s';
import { stringify } from 'yaml';
import { secretKeys, staging } from '../support/stack';
import {
  type NamedEnvironment,
  CloudIdentity,
  KeyedSecret,
  ProbedDeployment,
  sealedFile,
  secretFiles,
  type ExternalSource,
  type Manifest,
  type SecretSource,
} from '../../lib/index';
import {
  chart,
  container,
  deployed,
  deploymentRefusals,
  minimalDeployment,
  objects,
  one,
  podSpec,
  refusals,
} from '../support/chart';
import { faultsOf, objectsOf } from '../support/environments';
import { vary } from '../support/vary';

type Keys = 'SECRET_KEY_BASE' | 'SMTP_PASSWORD';
const keys: readonly Keys[] = ['SECRET_KEY_BASE', 'SMTP_PASSWORD'];
const labels = { 'app.kubernetes.io/name': 'shop' };

function made(source: unknown, tried = chart()) {
  const secret = new KeyedSecret(tried, 'Secret', { name: 'shop', labels, keys, source: source as SecretSource<Keys> });
  return { tried, secret };
}

/** What is refused, also where the construction had to stop. */
function refused(source: unknown): readonly string[] {
  const tried = chart();
  try {
    made(source, tried);
  } catch (error) {
    expect((error as Error).name).toBe('Unbuildable');
  }
  return refusals(tried);
}

/** A value in the form of kubeseal's: an encrypted key of 4096 bits, and the encrypted text with its tag. */
function sealedValue(text: string): string {
  return Buffer.concat([Buffer.from([2, 0]), Buffer.alloc(512, text), Buffer.alloc(16 + text.length, text)]).toString('base64');
}

describe('a secret from a vault', () => {
  const store = { kind: 'ClusterSecretStore', name: 'vault' } as const;
  const remote = {
    SECRET_KEY_BASE: 'shop/secret-key-base',
    SMTP_PASSWORD: { key: 'shop/smtp', property: 'password', version: '3' },
  };
  const everything: Required<ExternalSource<Keys>> = { store, remote, refresh: Duration.minutes(15) };

  test('is copied by an ExternalSecret into the Secret of the name', () => {
    expect(objects(made({ external: everything }).tried)).toEqual([
      {
        apiVersion: 'external-secrets.io/v1',
        kind: 'ExternalSecret',
        metadata: { name: 'shop', namespace: 'test', labels },
        spec: {
          refreshInterval: '15m',
          secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
          target: { name: 'shop', creationPolicy: 'Owner', deletionPolicy: 'Retain' },
          data: [
            { secretKey: 'SECRET_KEY_BASE', remoteRef: { key: 'shop/secret-key-base' } },
            { secretKey: 'SMTP_PASSWORD', remoteRef: { key: 'shop/smtp', property: 'password', version: '3' } },
          ],
        },
      },
    ]);
  });

  test.each([
    [undefined, '1h'],
    [Duration.days(1), '24h'],
    [Duration.seconds(90), '90s'],
  ])('is asked for every %s', (refresh, interval) => {
    expect(one(made({ external: { store, remote, refresh } }).tried, 'ExternalSecret')['spec'].refreshInterval).toBe(interval);
  });

  test('has no revision, because nobody knows its values at synth', () => {
    expect(made({ external: everything }).secret.revision).toBeUndefined();
    expect(made({ existing: true }).secret.revision).toBeUndefined();
    expect(made({ literal: { SECRET_KEY_BASE: 'x'.repeat(64), SMTP_PASSWORD: 'y' } }).secret.revision).toBeUndefined();
  });

  test('has keys that the compiler knows', () => {
    const misspelt: SecretSource<Keys> = {
      // @ts-expect-error -- SMPT_PASSWORD is none of them
      external: { store, remote: { SECRET_KEY_BASE: 'a', SMPT_PASSWORD: 'b' } },
    };
    const missing: SecretSource<Keys> = {
      // @ts-expect-error -- SMTP_PASSWORD is missing
      sealed: { encrypted: { SECRET_KEY_BASE: 'a' } },
    };
    expect(refused(misspelt)).toEqual([
      "[chart/Secret] 'source.external.remote.SMPT_PASSWORD' must be a prop that is known, got \"b\"; did you mean 'SMTP_PASSWORD'?",
    ]);
    expect(refused(missing)).toHaveLength(2);
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'there is no store',
      { store: undefined },
      "'source.external.store' must be given, got nothing; pass 'source.external.store' to KeyedSecret",
    ],
    [
      'the store is of no kind',
      { store: { kind: 'Vault', name: 'vault' } },
      "'source.external.store.kind' must be 'SecretStore' or 'ClusterSecretStore', got \"Vault\"; write one of the 2 words",
    ],
    [
      'a name is empty',
      { remote: { ...remote, SECRET_KEY_BASE: '' } },
      '\'source.external.remote.SECRET_KEY_BASE\' must not be empty, got ""; write it as the vault shows it',
    ],
    [
      'a name is blank',
      { remote: { ...remote, SECRET_KEY_BASE: ' ' } },
      '\'source.external.remote.SECRET_KEY_BASE\' must not be empty, got " "; write it as the vault shows it',
    ],
    [
      'a field is empty',
      { remote: { ...remote, SMTP_PASSWORD: { key: 'shop/smtp', property: '' } } },
      '\'source.external.remote.SMTP_PASSWORD.property\' must not be empty, got ""; write it as the vault shows it',
    ],
    [
      'a name is none',
      { remote: { ...remote, SMTP_PASSWORD: { property: 'password' } } },
      "'source.external.remote.SMTP_PASSWORD.key' must be given, got nothing; pass 'source.external.remote.SMTP_PASSWORD.key' to KeyedSecret",
    ],
    [
      'it would be asked for all the time',
      { refresh: Duration.seconds(1) },
      "'source.external.refresh' must be whole seconds from 60s to 31536000s, got 1s; omit it to ask once an hour; each question costs money at most providers",
    ],
  ])('fails when %s', (_, change, sentence) => {
    expect(refused({ external: { ...everything, ...change } })).toEqual([`[chart/Secret] ${sentence}`]);
  });
});

describe('a sealed secret', () => {
  const encrypted = { SECRET_KEY_BASE: sealedValue('a'), SMTP_PASSWORD: sealedValue('b') };
  const folder = mkdtempSync(join(tmpdir(), 'sealed-'));
  const path = join(folder, 'shop.yaml');
  const metadata = { name: 'shop', namespace: 'test', creationTimestamp: null };
  const file: Manifest = {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata,
    spec: { encryptedData: encrypted, template: { metadata, type: 'Opaque' } },
  };
  const fromFile = (text: string) => {
    writeFileSync(path, text);
    return sealedFile(path);
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  test('stands in the YAML encrypted', () => {
    expect(objects(made({ sealed: { encrypted } }).tried)).toEqual([
      {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata: { name: 'shop', namespace: 'test', labels },
        spec: { encryptedData: encrypted, template: { metadata: { name: 'shop', labels } } },
      },
    ]);
  });

  test('is read from the file that kubeseal wrote, with all that it says of the Secret', () => {
    const annotations = { 'sealedsecrets.bitnami.com/managed': 'true' };
    const template = {
      type: 'Opaque',
      data: { url: 'smtp://x' },
      metadata: { ...metadata, annotations, labels: { team: 'shop' } },
    };
    const source = fromFile(`---\n${stringify({ ...file, spec: { encryptedData: encrypted, template } })}---\n`);
    expect(one(made(source).tried, 'SealedSecret')).toEqual({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'shop', namespace: 'test', labels },
      spec: {
        encryptedData: encrypted,
        template: { ...template, metadata: { name: 'shop', labels: { team: 'shop', ...labels }, annotations } },
      },
    });
  });

  test('may have a key that its template makes', () => {
    const { SMTP_PASSWORD, ...encryptedData } = encrypted;
    expect(SMTP_PASSWORD).toBeDefined();
    const spec = { encryptedData, template: { data: { SMTP_PASSWORD: '{{ .SECRET_KEY_BASE }}' } } };
    expect(refused(fromFile(stringify({ ...file, spec })))).toEqual([]);
  });

  test('has a revision that changes with its values alone', () => {
    const revision = (source: unknown): string | undefined => made(source).secret.revision;
    const before = revision({ sealed: { encrypted } });
    expect(before).toMatch(/^[0-9a-f]{10}$/);
    expect(revision({ sealed: { encrypted: Object.fromEntries(Object.entries(encrypted).reverse()) } })).toBe(before);
    expect(revision(fromFile(stringify(file)))).toBe(before);
    expect(revision({ sealed: { encrypted: { ...encrypted, SMTP_PASSWORD: sealedValue('c') } } })).not.toBe(before);
  });

  const raw = 'seal it with kubeseal --raw --namespace test --name shop';
  test.each<[string, unknown, string]>([
    ['a value is missing', undefined, `must be a sealed value, got nothing; ${raw}`],
    ['a value is the secret itself, without printing it', 'hunter2', `must be a sealed value, got "7 characters"; ${raw}`],
    [
      'a value is only encoded',
      Buffer.from('h'.repeat(600)).toString('base64'),
      `must be a sealed value, got "800 characters"; ${raw}`,
    ],
    ['a value is cut off', encrypted.SMTP_PASSWORD.slice(0, 600), `must be a sealed value, got "600 characters"; ${raw}`],
    ['a value is no text', 4711, `must be a sealed value, got "a number"; ${raw}`],
  ])('fails when %s', (_, SMTP_PASSWORD, sentence) => {
    const values = { ...encrypted, SMTP_PASSWORD };
    expect(refused({ sealed: { encrypted: values } })).toEqual([
      `[chart/Secret] 'source.sealed.encrypted.SMTP_PASSWORD' ${sentence}`,
    ]);
    const source = fromFile(stringify({ ...file, spec: { encryptedData: values } }));
    expect(refused(source)).toEqual([`[chart/Secret] '${path}: spec.encryptedData.SMTP_PASSWORD' ${sentence}`]);
  });

  const write = 'let kubeseal --format yaml write it';
  test.each<[string, string, string]>([
    [
      'it was sealed for another name',
      stringify({ ...file, metadata: { ...metadata, name: 'shop-2' } }),
      ': metadata.name\' must be "shop", got "shop-2"; seal it again for this name and namespace',
    ],
    [
      'it was sealed for another namespace',
      stringify({ ...file, metadata: { ...metadata, namespace: 'staging' } }),
      ': metadata.namespace\' must be "test", got "staging"; seal it again for this name and namespace',
    ],
    [
      'anyone could copy it elsewhere',
      stringify({ ...file, metadata: { ...metadata, annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } } }),
      ': metadata.annotations\' must be sealed for this name and namespace alone, got "cluster-wide"; seal it again with kubeseal --scope strict',
    ],
    [
      'it was not sealed',
      stringify({ ...file, apiVersion: 'v1', kind: 'Secret' }),
      `' must hold one SealedSecret, got "a Secret"; ${write}`,
    ],
    ['it holds two', `${stringify(file)}---\n${stringify(file)}`, `' must hold one SealedSecret, got "2 objects"; ${write}`],
    ['it holds none', '', `' must hold one SealedSecret, got "something that is no object"; ${write}`],
    [
      'it is no YAML',
      '{',
      `' must hold one SealedSecret, got "unexpected end of the stream within a flow collection (1:2)"; ${write}`,
    ],
  ])('fails when a file shows that %s', (_, text, sentence) => {
    expect(refused(fromFile(text))).toEqual([`[chart/Secret] '${path}${sentence}`]);
  });

  test('fails when its file is missing', () => {
    expect(refused(sealedFile('nowhere/shop.yaml'))).toEqual([
      `[chart/Secret] 'nowhere/shop.yaml' must hold one SealedSecret, got "no file"; ${write}`,
    ]);
  });
});

describe('the source of a secret', () => {
  const must = "[chart/Secret] 'source' must be one of existing, literal, external, sealed, sops";

  test.each<[string, unknown, string]>([
    ['there is none', {}, `${must}, got nothing; write { existing: true } if in doubt`],
    ['there are two', { existing: true, literal: {} }, `${must}, got "existing, literal"; write { existing: true } if in doubt`],
    [
      'a vault is no object',
      { external: 'vault' },
      '[chart/Secret] \'source.external\' must be an object, got "vault"; write an object, { store, remote }',
    ],
    [
      'sealed values are no object',
      { sealed: 'AgB' },
      '[chart/Secret] \'source.sealed\' must be an object with one of encrypted, file, got "AgB"; write an object, { ... }',
    ],
  ])('fails when %s', (_, source, sentence) => {
    expect(refused(source)).toEqual([sentence]);
  });
});

describe('an environment', () => {
  const values = <T>(value: T) =>
    Object.fromEntries(secretKeys.map((key) => [key, value])) as Record<(typeof secretKeys)[number], T>;
  const external = (kind: 'SecretStore' | 'ClusterSecretStore'): NamedEnvironment['secrets'] => ({
    external: { store: { kind, name: 'vault' }, remote: values('kube-native') },
  });

  test.each<[string, NamedEnvironment['secrets']]>([
    ['out of a vault', external('ClusterSecretStore')],
    ['from the repository', { sealed: { encrypted: values(sealedValue('x')) } }],
  ])('gets its secrets %s', (_, secrets) => {
    const environment = vary(staging, { secrets });
    expect(faultsOf(environment)).toEqual([]);
    expect(objectsOf(environment).filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  test('has the store of its namespace in the YAML', () => {
    const environment = vary(staging, { secrets: external('SecretStore') });
    expect(faultsOf(environment).join()).toContain('must name a SecretStore that exists, got "vault"');
    const withStore = faultsOf(environment, ({ release }) => {
      const apiVersion = 'external-secrets.io/v1';
      new ApiObject(Chart.of(release), 'Store', { apiVersion, kind: 'SecretStore', metadata: { name: 'vault' } });
    });
    expect(withStore).toEqual([]);
  });

  test('reports a fault of a sealed file once', () => {
    expect(faultsOf(vary(staging, { secrets: sealedFile('nowhere.yaml') }))).toHaveLength(1);
  });
});

describe('files of a secret', () => {
  const { secret } = made({ existing: true });

  test('are the keys that are named, for the group of the container alone', () => {
    expect(secretFiles(secret, '/etc/shop', 'SMTP_PASSWORD')).toEqual({
      name: 'shop',
      path: '/etc/shop',
      secret: 'shop',
      keys: ['SMTP_PASSWORD'],
    });
  });

  test('are all keys where none is named', () => {
    expect(secretFiles(secret, '/etc/shop')).toMatchObject({ keys });
  });

  test('have keys that the compiler knows', () => {
    // @ts-expect-error -- misspelt
    expect(secretFiles(secret, '/etc/shop', 'SMPT_PASSWORD').path).toBe('/etc/shop');
  });

  test('can be read by the user of the pod, because they belong to its group', () => {
    const pod = podSpec(deployed({ mounts: [secretFiles(secret, '/etc/shop')], pods: { user: 1000 } }));
    expect(pod['securityContext']).toMatchObject({ runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 });
    expect(podSpec(deployed({ pods: { user: 1000 } }))['securityContext']).not.toHaveProperty('fsGroup');
  });

  test('are mounted for reading', () => {
    const { volumeMounts } = container(deployed({ mounts: [secretFiles(secret, '/etc/shop')] }));
    expect(volumeMounts).toContainEqual({ name: 'shop', mountPath: '/etc/shop', readOnly: true });
  });

  test('have a volume whose name is short enough', () => {
    const long = new KeyedSecret(chart(), 'Secret', { name: `${'a'.repeat(62)}-b`, keys, source: { existing: true } });
    expect(secretFiles(long, '/etc/shop').name).toBe('a'.repeat(62));
  });
});

describe('an identity at the cloud provider', () => {
  const clientId = '8a1f0c9e-2b7d-4c3e-9f10-6d5b4a392817';
  const tenantId = '0f9e8d7c-6b5a-4f3e-8d2c-1b0a99887766';

  test.each<[string, CloudIdentity, Record<string, string>, Record<string, string>]>([
    [
      'AWS',
      CloudIdentity.aws({ roleArn: 'arn:aws-us-gov:iam::123456789012:role/team/shop' }),
      { 'eks.amazonaws.com/role-arn': 'arn:aws-us-gov:iam::123456789012:role/team/shop' },
      {},
    ],
    [
      'Google Cloud',
      CloudIdentity.google({ serviceAccount: 'shop@my-project.iam.gserviceaccount.com' }),
      { 'iam.gke.io/gcp-service-account': 'shop@my-project.iam.gserviceaccount.com' },
      {},
    ],
    [
      'Azure',
      CloudIdentity.azure({ clientId }),
      { 'azure.workload.identity/client-id': clientId },
      { 'azure.workload.identity/use': 'true' },
    ],
    [
      'another tenant of Azure',
      CloudIdentity.azure({ clientId, tenantId }),
      { 'azure.workload.identity/client-id': clientId, 'azure.workload.identity/tenant-id': tenantId },
      { 'azure.workload.identity/use': 'true' },
    ],
  ])('of %s is on the ServiceAccount, and on the pods where it must be', (_, identity, annotations, podLabels) => {
    const tried = chart();
    new ProbedDeployment(tried, 'Web', { ...minimalDeployment, identity });
    expect(refusals(tried)).toEqual([]);
    expect(one(tried, 'ServiceAccount')['metadata'].annotations).toEqual(annotations);
    const { template, selector } = one(tried, 'Deployment')['spec'] as Manifest;
    expect(template.metadata.labels).toEqual({ ...one(tried, 'Deployment')['metadata'].labels, ...podLabels });
    expect(selector.matchLabels).toEqual({ 'app.kubernetes.io/instance': 'web' });
  });

  test.each<[string, CloudIdentity, string]>([
    [
      'the ARN is that of a user',
      CloudIdentity.aws({ roleArn: 'arn:aws:iam::123456789012:user/shop' }),
      '\'identity.roleArn\' must be the ARN of an IAM role, got "arn:aws:iam::123456789012:user/shop"; copy it from the role: arn:aws:iam::123456789012:role/shop',
    ],
    [
      'the service account has no project',
      CloudIdentity.google({ serviceAccount: 'shop' }),
      '\'identity.serviceAccount\' must be the address of an IAM service account, got "shop"; write it as shop@my-project.iam.gserviceaccount.com',
    ],
    [
      'the client is named instead of its id',
      CloudIdentity.azure({ clientId: 'shop', tenantId }),
      '\'identity.clientId\' must be a GUID, got "shop"; copy it from the identity: 00000000-0000-0000-0000-000000000000',
    ],
    [
      'the tenant is named instead of its id',
      CloudIdentity.azure({ clientId, tenantId: 'example.com' }),
      '\'identity.tenantId\' must be a GUID, got "example.com"; copy it from the identity: 00000000-0000-0000-0000-000000000000',
    ],
  ])('fails when %s', (_, identity, sentence) => {
    expect(deploymentRefusals({ identity })).toEqual([`[chart/Web] ${sentence}`]);
  });
});
