import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { readPrevious } from '../../lib/app-checks/previous';
import { build, environments } from '../support/stack';
import { type Charts, type NamedEnvironment, Checks, OptOut, patch, render, type Manifest } from '../../lib/index';
import { production, staging } from '../support/alone';
import { faultsOf } from '../support/environments';
import { vary } from '../support/vary';

const folder = mkdtempSync(join(tmpdir(), 'previous-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Change = (charts: Charts, app: App) => void;

/** Renders an environment, with `before` made to it, to files; returns their folder. */
function written(environment: NamedEnvironment, before: Change = () => undefined): string {
  const app = new App();
  build(vary(environment, { amend: (charts) => before(charts, app) }), app);
  const { files, faults } = render(app);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const place = mkdtempSync(join(folder, 'environment-'));
  for (const [name, text] of files) writeFileSync(join(place, name), text);
  return place;
}

/** What is printed for an environment with a change, beside the same one as it was written before. */
function changed(environment: NamedEnvironment, change: Change, before?: Change): readonly string[] {
  return compared(written(environment, before), environment, change);
}

function compared(place: string, environment: NamedEnvironment, change: Change = () => undefined): readonly string[] {
  const app = new App();
  Checks.of(app).previous = readPrevious(app, place);
  build(vary(environment, { amend: (charts) => change(charts, app) }), app);
  return render(app).faults;
}

/** Adds one object to the environment, as `40-extra/one`. */
function add(app: App, { apiVersion, kind, metadata, ...rest }: Manifest): void {
  const labels = { 'app.kubernetes.io/part-of': 'kube-native' };
  const extra = new Chart(app, '40-extra', { namespace: staging.namespace, disableResourceNameHashes: true, labels });
  new ApiObject(extra, 'one', { apiVersion, kind, ...rest, metadata: { name: 'one', ...metadata } });
}

const ours = readPrevious(new App(), written(staging));

/** What is printed for staging where it held one object more before. */
function after(before: Manifest, change: Change = () => undefined): readonly string[] {
  const app = new App();
  const metadata = { name: 'one', namespace: staging.namespace, ...(before['metadata'] as Manifest | undefined) };
  Checks.of(app).previous = [...ours, { ...before, metadata }];
  build(vary(staging, { amend: (charts) => change(charts, app) }), app);
  return render(app).faults;
}

/** What is printed of the change where an object of staging was `before` and is `now`. */
function replaced(before: Manifest, now: Manifest): readonly string[] {
  const faults = after(before, (_charts, app) => add(app, now));
  return faults.filter((fault) =>
    /\((?:immutable-fields|storage-shrinks|lost-data|database-major-version|database-renamed|image-and-settings-apart)\)$/.test(
      fault,
    ),
  );
}

describe('changes to an environment', () => {
  test.each(environments.map((environment) => [environment.name, environment] as const))(
    'are none where %s is synthesized again',
    (_name, environment) => {
      const place = written(environment);
      expect(readPrevious(new App(), place).length).toBeGreaterThan(5);
      expect(compared(place, environment)).toEqual([]);
    },
  );

  test('are welcome where a rollout carries them: image, replicas, configuration, one more object', () => {
    const image = staging.image?.replace('1.0.0', '1.0.1');
    const place = written(staging);
    const next = vary(staging, { image, web: { replicas: 1, poolSize: 9, host: 'next.kube-native.example.com' } });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', automountServiceAccountToken: false };
    expect(compared(place, next, (_charts, app) => add(app, account))).toEqual([]);
  });

  test('fails when nothing is where the objects of before should be', () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    const said = 'hold what was synthesized before, got';
    const fix = 'name the folder of one environment, with its files; leave it out for an environment that is new';
    const nowhere = join(folder, 'nowhere');
    expect(compared(nowhere, production)).toEqual([`[app] 'previous ${nowhere}' must ${said} "no folder"; ${fix}`]);
    expect(compared(empty, production)).toEqual([`[app] 'previous ${empty}' must ${said} "no object"; ${fix}`]);
  });

  test('fails when the selector of a Deployment changes', () => {
    const faults = changed(production, ({ release }) =>
      patch(
        release.web.deployment,
        'tries what cannot be changed',
        JsonPatch.add('/spec/selector/matchLabels/app.kubernetes.io~1component', 'web'),
      ),
    );
    expect(faults).toEqual([
      `[30-phoenix/Release/Web/Deployment] 'spec.selector.matchLabels["app.kubernetes.io/component"]' must stay out, got "web"; take the change back, or delete the object by hand first, which stops its pods (immutable-fields)`,
    ]);
  });

  const sized = (size: string): readonly string[] => {
    const storage = JsonPatch.replace('/spec/volumeClaimTemplates/0/spec/resources/requests/storage', size);
    return changed(
      staging,
      ({ postgres }) => postgres.single && patch(postgres.single.statefulSet, 'tries another size', storage),
    );
  };

  test('fails when the volume of a StatefulSet grows, with the route that it takes', () => {
    expect(sized('12Gi')).toEqual([
      `[10-postgres/Single/StatefulSet] 'spec.volumeClaimTemplates[0].spec.resources.requests.storage' must stay "10Gi", got "12Gi"; grow each claim, "kubectl patch pvc data-kube-native-postgresql-0 -p '{"spec":{"resources":{"requests":{"storage":"12Gi"}}}}'", then delete the StatefulSet with --cascade=orphan and apply, with this rule left out for one release (immutable-fields)`,
    ]);
  });

  test('fails when the volume of a StatefulSet shrinks', () => {
    expect(sized('9Gi')).toEqual([
      `[10-postgres/Single/StatefulSet] 'spec.volumeClaimTemplates[0].spec.resources.requests.storage' must stay "10Gi", got "9Gi"; take the change back: a volume never shrinks; a smaller one has another name, and the data are copied (immutable-fields)`,
    ]);
  });

  test('takes a claim template with the defaults of the API server for the one without', () => {
    const at = '/spec/volumeClaimTemplates/0';
    const bare = ['/apiVersion', '/kind', '/status', '/spec/volumeMode'].map((field) => JsonPatch.remove(`${at}${field}`));
    const less = ({ postgres }: Charts): unknown =>
      postgres.single && patch(postgres.single.statefulSet, 'writes what an earlier release wrote', ...bare);
    expect(changed(staging, less)).toEqual([]);
    const block = JsonPatch.replace(`${at}/spec/volumeMode`, 'Block');
    const raw = ({ postgres }: Charts): unknown =>
      postgres.single && patch(postgres.single.statefulSet, 'tries a raw device', block);
    expect(changed(staging, raw)).toContainEqual(
      expect.stringContaining(`'spec.volumeClaimTemplates[0].spec.volumeMode' must stay "Filesystem", got "Block"`),
    );
  });

  test('fails when another claim template of a StatefulSet changes', () => {
    const readers = JsonPatch.replace('/spec/volumeClaimTemplates/0/spec/accessModes/0', 'ReadWriteMany');
    const faults = changed(
      staging,
      ({ postgres }) => postgres.single && patch(postgres.single.statefulSet, 'tries another mode', readers),
    );
    expect(faults).toContain(
      `[10-postgres/Single/StatefulSet] 'spec.volumeClaimTemplates[0].spec.accessModes[0]' must stay "ReadWriteOnce", got "ReadWriteMany"; take the change back, or delete the StatefulSet with --cascade=orphan, which leaves its pods and volumes, and apply again (immutable-fields)`,
    );
  });

  test('fails when a StatefulSet starts its pods in another order', () => {
    const ordered: Change = ({ postgres }) =>
      postgres.single &&
      patch(postgres.single.statefulSet, 'was made in order', JsonPatch.replace('/spec/podManagementPolicy', 'OrderedReady'));
    const parallel = changed(staging, () => undefined, ordered);
    expect(parallel).toEqual([
      `[10-postgres/Single/StatefulSet] 'spec.podManagementPolicy' must stay "OrderedReady", got "Parallel"; run "kubectl -n kube-native-staging delete statefulset kube-native-postgresql --cascade=orphan", which leaves its pods and volumes, then apply, with this rule left out for one release: docs/changes.md (immutable-fields)`,
    ]);
    expect(changed(staging, ordered)).toEqual([
      `[10-postgres/Single/StatefulSet] 'spec.podManagementPolicy' must stay "Parallel", got "OrderedReady"; take the change back, or delete the StatefulSet with --cascade=orphan, which leaves its pods and volumes, and apply again (immutable-fields)`,
    ]);
  });

  test('are welcome in the fields of a StatefulSet that may change', () => {
    const operations = [
      JsonPatch.add('/spec/minReadySeconds', 5),
      JsonPatch.add('/spec/revisionHistoryLimit', 3),
      JsonPatch.remove('/spec/persistentVolumeClaimRetentionPolicy/whenScaled'),
      JsonPatch.replace('/spec/template/spec/terminationGracePeriodSeconds', 180),
    ];
    const change: Change = ({ postgres }) =>
      postgres.single && patch(postgres.single.statefulSet, 'changes what may be changed', ...operations);
    expect(changed(staging, change)).toEqual([]);
  });

  const claim = '/spec/volumeClaimTemplates/0';
  const bare: Change = ({ postgres }) =>
    postgres.single &&
    patch(
      postgres.single.statefulSet,
      'has what was given alone',
      ...['apiVersion', 'kind', 'status', 'spec/volumeMode'].map((field) => JsonPatch.remove(`${claim}/${field}`)),
    );

  test('are welcome in a claim template where the API server writes the same', () => {
    expect(changed(staging, () => undefined, bare)).toEqual([]);
    expect(changed(staging, bare)).toEqual([]);
  });

  test('fail where they are beside what the API server writes, and name the field', () => {
    const block: Change = ({ postgres }) =>
      postgres.single &&
      patch(postgres.single.statefulSet, 'wants no files', JsonPatch.replace(`${claim}/spec/volumeMode`, 'Block'));
    expect(changed(staging, block, bare)).toEqual([
      expect.stringContaining(`'spec.volumeClaimTemplates[0].spec.volumeMode' must stay "Filesystem", got "Block"; take`),
    ]);
  });

  test('fails when a StatefulSet with data is renamed', () => {
    const place = written(staging);
    const previous = readPrevious(new App(), place).map((manifest) =>
      manifest['kind'] === 'StatefulSet' ? { ...manifest, metadata: { ...manifest['metadata'], name: 'postgres' } } : manifest,
    );
    writeFileSync(join(place, '10-postgres.k8s.yaml'), previous.map((manifest) => JSON.stringify(manifest)).join('\n---\n'));
    expect(compared(place, staging)).toEqual([
      `[10-postgres/Single/StatefulSet] 'metadata.name' must stay beside the StatefulSet "postgres" in the namespace "kube-native-staging", which was there before, got "kube-native-postgresql"; bring it back under its name, else its pods go, and its volumes stay behind under names that no other finds; where that is meant, take a backup and leave the rule out for one release (lost-data)`,
    ]);
  });

  test('fails when the database moves out of the cluster', () => {
    const moved = vary(staging, { database: production.database });
    expect(compared(written(staging), moved)).toEqual([
      `[00-namespace/Namespace] 'StatefulSet "kube-native-postgresql" in the namespace "kube-native-staging"' must stay where it was before, got nothing; bring it back under its name, else its pods go, and its volumes stay behind under names that no other finds; where that is meant, take a backup and leave the rule out for one release (lost-data)`,
    ]);
  });

  test('fails when the namespace is renamed', () => {
    const faults = compared(written(production), vary(production, { namespace: 'kube-native' }));
    expect(faults).toEqual([
      `[00-namespace/Namespace] 'metadata.name' must stay beside the Namespace "kube-native-production", which was there before, got "kube-native"; bring it back under its name, else everything in it is deleted, volumes too; where that is meant, take a backup and leave the rule out for one release (lost-data)`,
    ]);
  });
});

describe('a field that stays as it was created', () => {
  const job = (image: string, spec: Manifest = {}): Manifest => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: { template: { spec: { containers: [{ name: 'migrate', image }], restartPolicy: 'Never' } }, ...spec },
  });
  const claim = (storage: string, spec: Manifest = {}): Manifest => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...spec },
  });
  const service = (spec: Manifest): Manifest => ({ apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80 }], ...spec } });
  const binding = (name: string): Manifest => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
  });
  const secret = (fields: Manifest): Manifest => ({ apiVersion: 'v1', kind: 'Secret', ...fields });
  const map = (value: string, immutable = true): Manifest => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    immutable,
    data: { value },
  });
  const cluster = (size: string): Manifest => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    spec: { instances: 3, storage: { size } },
  });
  const template = (storage: string): Manifest => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    spec: { instances: 3, walStorage: { pvcTemplate: { resources: { requests: { storage } } } } },
  });
  const pooler = (name: string): Manifest => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Pooler',
    spec: { cluster: { name } },
  });
  const storageClass = (type: string): Manifest => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { namespace: undefined },
    provisioner: 'ebs.csi.aws.com',
    parameters: { type },
  });
  const hash = 'append a hash of the template to the name, so that each change makes a new Job';

  test.each<[string, Manifest, Manifest, string]>([
    [
      'the image of a Job under the same name',
      job('a:1'),
      job('a:2'),
      `'spec.template.spec.containers[0].image' must stay "a:1", got "a:2"; ${hash} (immutable-fields)`,
    ],
    [
      'the completions of a Job',
      job('a:1'),
      job('a:1', { completions: 2 }),
      `'spec.completions' must stay out, got 2; ${hash} (immutable-fields)`,
    ],
    [
      'the failure policy of a Job',
      job('a:1', { podFailurePolicy: { rules: [{ action: 'Ignore' }] } }),
      job('a:1', { podFailurePolicy: { rules: [{ action: 'FailJob' }] } }),
      `'spec.podFailurePolicy.rules[0].action' must stay "Ignore", got "FailJob"; ${hash} (immutable-fields)`,
    ],
    [
      'the class of a claim',
      claim('1Gi', { storageClassName: 'gp3' }),
      claim('1Gi', { storageClassName: 'io2' }),
      `'spec.storageClassName' must stay "gp3", got "io2"; make a claim with a new name, and copy the data (immutable-fields)`,
    ],
    [
      'the size of a claim, to less',
      claim('2Gi'),
      claim('1024Mi'),
      `'spec.resources.requests.storage' must be at least 2Gi, as it was, got "1024Mi"; take the change back, or move the data to a new one with another name (storage-shrinks)`,
    ],
    [
      'a headless Service, to one with an address',
      service({ clusterIP: 'None' }),
      service({}),
      `'spec.clusterIP' must stay "None", got nothing; give the Service a new name, or delete it by hand first (immutable-fields)`,
    ],
    [
      'a Service with an address, to a headless one',
      service({}),
      service({ clusterIP: 'None' }),
      `'spec.clusterIP' must stay out, got "None"; give the Service a new name, or delete it by hand first (immutable-fields)`,
    ],
    [
      'the role of a binding',
      binding('reader'),
      binding('writer'),
      `'roleRef.name' must stay "reader", got "writer"; give the object a new name, or take the change back (immutable-fields)`,
    ],
    [
      'the type of a Secret',
      secret({}),
      secret({ type: 'kubernetes.io/tls' }),
      `'type' must stay out, got "kubernetes.io/tls"; give the object a new name, or take the change back (immutable-fields)`,
    ],
    [
      'the data of an immutable ConfigMap',
      map('a'),
      map('b'),
      `'data["value"]' must stay as it is: the object is immutable, got "b"; append a hash of the data to the name (immutable-fields)`,
    ],
    [
      'an immutable ConfigMap, to a mutable one',
      map('a'),
      map('a', false),
      `'immutable' must stay true, got false; give the object a new name, or take the change back (immutable-fields)`,
    ],
    [
      'the data of an immutable Secret, which is not shown',
      secret({ immutable: true, stringData: { password: 'old' } }),
      secret({ immutable: true, stringData: { password: 'new' } }),
      `'stringData["password"]' must stay as it is: the object is immutable, got "another value"; append a hash of the data to the name (immutable-fields)`,
    ],
    [
      'the cluster of a Pooler',
      pooler('one'),
      pooler('two'),
      `'spec.cluster.name' must stay "one", got "two"; give the object a new name, or take the change back (immutable-fields)`,
    ],
    [
      'the storage of a CloudNativePG Cluster, to less',
      cluster('20Gi'),
      cluster('10Gi'),
      `'spec.storage.size' must be at least 20Gi, as it was, got "10Gi"; take the change back, or move the data to a new one with another name (storage-shrinks)`,
    ],
    [
      'the storage of a CloudNativePG Cluster in its template, to less',
      template('20Gi'),
      template('10Gi'),
      `'spec.walStorage.pvcTemplate.resources.requests.storage' must be at least 20Gi, as it was, got "10Gi"; take the change back, or move the data to a new one with another name (storage-shrinks)`,
    ],
    [
      'the parameters of a StorageClass',
      storageClass('gp2'),
      storageClass('gp3'),
      `'parameters.type' must stay "gp2", got "gp3"; give the object a new name, or take the change back (immutable-fields)`,
    ],
  ])('fails when a change touches %s', (_title, before, now, sentence) => {
    expect(replaced(before, now)).toEqual([`[40-extra/one] ${sentence}`]);
  });

  test.each<[string, Manifest, Manifest]>([
    ['a claim that grows', claim('1Gi'), claim('2Gi')],
    ['a claim whose mode is written out', claim('1Gi'), claim('1Gi', { volumeMode: 'Filesystem' })],
    ['a Cluster that grows', cluster('10Gi'), cluster('20Gi')],
    ['a Service whose address the server chose', service({}), service({ type: 'NodePort' })],
    ['a ConfigMap that is mutable', map('a', false), map('b', false)],
    ['a ConfigMap that becomes immutable', map('a', false), map('b')],
    ['a Secret whose type is written out', secret({}), secret({ type: 'Opaque' })],
    ['a Job that is kept shorter', job('a:1', { ttlSecondsAfterFinished: 9 }), job('a:1', { ttlSecondsAfterFinished: 5 })],
    [
      'a Job with indexes that is scaled',
      job('a:1', { completionMode: 'Indexed', completions: 2, parallelism: 2 }),
      job('a:1', { completionMode: 'Indexed', completions: 4, parallelism: 4 }),
    ],
  ])('is not %s', (_title, before, now) => {
    expect(replaced(before, now)).toEqual([]);
  });

  const store: Manifest = { apiVersion: 'barmancloud.cnpg.io/v1', kind: 'ObjectStore', spec: { configuration: {} } };
  const server = (volumeClaimTemplates?: Manifest[], whenDeleted?: string): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    spec: { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy: { whenDeleted } },
  });

  test.each([claim('1Gi'), cluster('1Gi'), store, server([claim('1Gi')])])('fails when data are lost with $kind', (lost) => {
    const faults = after(lost);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`(?:beside the |')${lost['kind']} "one" in the namespace "kube-native-staging"`));
  });

  test('fails when the volumes go with their StatefulSet, and says so', () => {
    const [fault] = after(server([claim('1Gi')], 'Delete'));
    expect(fault).toContain('else its volumes are deleted with it; where that is meant, take a backup');
  });

  test.each([job('a:1'), map('a'), service({}), server()])('is nobody where $kind comes and goes', (gone) => {
    expect(after(gone)).toEqual([]);
  });
});

describe('the names of a database', () => {
  const fix =
    'take the change back, or rename it in the server by hand and leave the rule out for one release (database-renamed)';
  const cluster = (database: string, owner: string, way = 'initdb'): Manifest => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    spec: { instances: 3, bootstrap: { [way]: { database, owner } } },
  });
  const server = (value: string, image = 'mysql:8.4.10'): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'db',
              image,
              env: [
                { name: 'MYSQL_DATABASE', value },
                { name: 'TZ', value },
              ],
            },
          ],
        },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    },
  });

  test('fails when the environment creates its database by another name', () => {
    const renamed = JsonPatch.replace('/spec/template/spec/containers/0/env/3/value', 'shop');
    const faults = changed(
      staging,
      ({ postgres }) => postgres.single && patch(postgres.single.statefulSet, 'tries another name', renamed),
    );
    expect(faults).toEqual([
      `[10-postgres/Single/StatefulSet] 'spec.template.spec.containers[0].env[3].value' must stay "kube_native", which the server was created with, got "shop"; ${fix}`,
    ]);
  });

  test('fails when a Cluster, restored or not, is told of others', () => {
    expect(replaced(cluster('shop', 'shop'), cluster('store', 'shop'))).toEqual([
      `[40-extra/one] 'spec.bootstrap.initdb.database' must stay "shop", which the server was created with, got "store"; ${fix}`,
    ]);
    expect(replaced(cluster('shop', 'shop'), cluster('shop', 'owner', 'recovery'))).toEqual([
      `[40-extra/one] 'spec.bootstrap.recovery.owner' must stay "shop", which the server was created with, got "owner"; ${fix}`,
    ]);
  });

  test('fails when an image by its digest alone is told of another', () => {
    const image = `mysql@sha256:${'0'.repeat(64)}`;
    expect(replaced(server('shop', image), server('store', image))).toEqual([
      `[40-extra/one] 'spec.template.spec.containers[0].env[0].value' must stay "shop", which the server was created with, got "store"; ${fix}`,
    ]);
  });

  test('are none of other servers, and may be new', () => {
    expect(replaced(server('shop', 'chat:1.0.0'), server('store', 'chat:1.0.0'))).toEqual([]);
    const nameless = { ...server('shop'), spec: { ...server('shop')['spec'], template: {} } };
    expect(replaced(nameless, server('shop'))).toEqual([]);
    expect(replaced(cluster('shop', 'shop'), cluster('shop', 'shop', 'recovery'))).toEqual([]);
  });
});

describe('a Cluster of CloudNativePG', () => {
  const cluster = (spec: Manifest): Manifest => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    spec: { instances: 3, primaryUpdateMethod: 'switchover', ...spec },
  });
  const settings = (imageName: string, max: string, others: Manifest = {}): Manifest =>
    cluster({ imageName, postgresql: { parameters: { max_connections: max, work_mem: '4MB' } }, ...others });

  test('fails when its image changes together with its settings', () => {
    expect(replaced(settings('postgresql:17.5', '100'), settings('postgresql:17.6', '200'))).toEqual([
      `[40-extra/one] 'spec.imageName' must stay postgresql:17.5 while settings change: max_connections, got "postgresql:17.6"; change one of them in a release of its own; the memory and maxConnections change settings (image-and-settings-apart)`,
    ]);
  });

  test('fails when the volume of its log is taken away', () => {
    expect(replaced(cluster({ walStorage: { size: '5Gi' } }), cluster({}))).toEqual([
      `[40-extra/one] 'spec.walStorage.size' must be at least 5Gi, as it was, got nothing; take the change back, or move the data to a new one with another name (storage-shrinks)`,
    ]);
  });

  test('fails when its Database gets another name', () => {
    const database = (name: string): Manifest => ({
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Database',
      spec: { cluster: { name: 'shop' }, name, owner: 'shop' },
    });
    expect(replaced(database('a_b'), database('a-b'))).toEqual([
      `[40-extra/one] 'spec.name' must stay "a_b", got "a-b"; take the change back, or give the object a new name: the old database stays in the server (immutable-fields)`,
    ]);
  });

  test('may change one after the other, and get a volume for its log', () => {
    const before = settings('postgresql:17.5', '100');
    expect(replaced(before, settings('postgresql:17.6', '100'))).toEqual([]);
    expect(replaced(before, settings('postgresql:17.5', '200', { walStorage: { size: '5Gi' } }))).toEqual([]);
    const restarts = { primaryUpdateMethod: 'restart' };
    expect(replaced(before, settings('postgresql:17.6', '200', restarts))).toEqual([]);
  });
});

describe('a number of pods that becomes a range', () => {
  const range = (minimum: number): NamedEnvironment =>
    vary(production, { web: { poolSize: 5, replicas: { minimum, maximum: minimum + 2 } } });

  test('fails where kubectl would take the pods away with the number', () => {
    expect(compared(written(production), range(3)).filter((fault) => fault.includes('replicas-taken-over'))).toEqual([
      `[30-phoenix/Release/Web/Deployment] 'spec.replicas' must stay 3 until the HorizontalPodAutoscaler keeps the number, got nothing; before the apply, take the line away with "kubectl -n ${production.namespace} apply edit-last-applied deployment/kube-native" (docs/rollouts.md has the way for server-side apply), then leave the rule out for one release (replicas-taken-over)`,
    ]);
  });

  test('is nothing the other way round, from one pod, and from one range to the next', () => {
    const said = (before: NamedEnvironment, now: NamedEnvironment): readonly string[] =>
      compared(written(before), now).filter((fault) => fault.includes('replicas-taken-over'));
    expect(said(range(3), production)).toEqual([]);
    expect(said(vary(production, { web: { replicas: 1 } }), range(1))).toEqual([]);
    expect(said(range(2), range(3))).toEqual([]);
  });
});

describe('the version of a database', () => {
  const claims = [{ metadata: { name: 'data' } }];
  const server = (image: string, spec: Manifest = { volumeClaimTemplates: claims }): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'metrics', image: 'exporter:0.17.1' },
            { name: 'db', image },
          ],
        },
      },
      ...spec,
    },
  });
  const cluster = (imageName: string): Manifest => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    spec: { instances: 3, imageName },
  });
  const catalog = (major: number): Manifest => ({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    spec: { instances: 3, imageCatalogRef: { kind: 'ImageCatalog', name: 'postgresql', major } },
  });
  const move =
    'take the change back, or dump with the old version, restore into a new database under another name and move the release: docs/database.md';
  const field = "'spec.template.spec.containers[1].image'";
  const versioned = (faults: readonly string[]): string[] => faults.filter((fault) => fault.endsWith('(database-major-version)'));

  test('fails when the image of the environment goes to another major version', () => {
    const image = JsonPatch.replace('/spec/template/spec/containers/0/image', 'docker.io/library/postgres:17.6');
    const faults = changed(
      staging,
      ({ postgres }) => postgres.single && patch(postgres.single.statefulSet, 'tries the version before', image),
    );
    expect(versioned(faults)).toEqual([
      `[10-postgres/Single/StatefulSet] 'spec.template.spec.containers[0].image' must stay at PostgreSQL 18: the files are of that version, got "docker.io/library/postgres:17.6"; ${move} (database-major-version)`,
    ]);
  });

  test.each<[string, Manifest, Manifest, string]>([
    [
      'PostgreSQL goes up',
      server('postgres:16.4'),
      server('postgres:17.0-alpine'),
      `${field} must stay at PostgreSQL 16: the files are of that version, got "postgres:17.0-alpine"; ${move}`,
    ],
    [
      'PostgreSQL goes down',
      server('registry.example.com:5000/mirror/postgres:17.6'),
      server('registry.example.com:5000/mirror/postgres:16.9'),
      `${field} must stay at PostgreSQL 17: the files are of that version, got "registry.example.com:5000/mirror/postgres:16.9"; ${move}`,
    ],
    [
      'an old PostgreSQL goes to its next version',
      server('postgres:9.5.25'),
      server('postgres:9.6.24'),
      `${field} must stay at PostgreSQL 9.5: the files are of that version, got "postgres:9.6.24"; ${move}`,
    ],
    [
      'an image with extensions carries another version',
      server('pgvector/pgvector:0.8.0-pg16'),
      server('pgvector/pgvector:0.8.0-pg17'),
      `${field} must stay at PostgreSQL 16: the files are of that version, got "pgvector/pgvector:0.8.0-pg17"; ${move}`,
    ],
    [
      'MySQL leaves out a release with long support',
      server('mysql:8.0.40'),
      server('mysql:9.1.0'),
      `${field} must be 8.4 first: the server upgrades the files of 8.0 no further, got "mysql:9.1.0"; go to 8.4, then on`,
    ],
    [
      'MySQL goes down',
      server('mysql:8.4.3'),
      server('mysql:8.0.40'),
      `${field} must stay at MySQL 8.4.3 or go up: an older server does not read newer files, got "mysql:8.0.40"; ${move}`,
    ],
    [
      'MySQL 8.0 goes down by one release',
      server('mysql:8.0.40'),
      server('mysql:8.0.39'),
      `${field} must stay at MySQL 8.0.40 or go up: an older server does not read newer files, got "mysql:8.0.39"; ${move}`,
    ],
    [
      'MariaDB goes down',
      server('mariadb:11.8.2'),
      server('mariadb:11.4.5'),
      `${field} must stay at MariaDB 11.8.2 or go up: an older server does not read newer files, got "mariadb:11.4.5"; ${move}`,
    ],
    [
      'another database gets the volume',
      server('mysql:8.0.40'),
      server('mariadb:11.8.2'),
      `${field} must stay an image of MySQL: the volume holds its files, got "mariadb:11.8.2"; ${move}`,
    ],
    [
      'CloudNativePG is to go down',
      cluster('ghcr.io/cloudnative-pg/postgresql:17.6'),
      cluster('ghcr.io/cloudnative-pg/postgresql:16.9'),
      `'spec.imageName' must stay at PostgreSQL 17 or go up: the files are of that version, got "ghcr.io/cloudnative-pg/postgresql:16.9"; ${move}`,
    ],
    [
      'CloudNativePG is to go down by its catalog',
      catalog(18),
      catalog(17),
      `'spec.imageCatalogRef.major' must stay at PostgreSQL 18 or go up: the files are of that version, got 17; ${move}`,
    ],
  ])('fails when %s', (_title, before, now, sentence) => {
    expect(replaced(before, now)).toEqual([`[40-extra/one] ${sentence} (database-major-version)`]);
  });

  const digest = `@sha256:${'0123456789abcdef'.repeat(4)}`;
  test.each<[string, Manifest, Manifest]>([
    ['a minor version of PostgreSQL', server('postgres:17.5'), server(`docker.io/library/postgres:17.6-bookworm${digest}`)],
    ['a minor version back', server('postgres:17.6'), server('postgres:17.5')],
    ['a MySQL of the next long support', server('mysql:8.0.40'), server('mysql:8.4.3')],
    ['an innovation of MySQL', server('mysql:8.4.3'), server('mysql:9.2.0')],
    ['a MySQL from before, by its first number', server('mysql:8'), server('mysql:9')],
    ['a MySQL with long support, back by one release', server('mysql:8.4.3'), server('mysql:8.4.2')],
    ['a MySQL beyond those that are known', server('mysql:9.7.1'), server('mysql:10.2.0')],
    ['a MariaDB that goes up', server('mariadb:10.6.20'), server('mariadb:11.8.2')],
    ['an image by its digest alone', server('postgres:16.4'), server(`postgres${digest}`)],
    ['an image that nobody here knows', server('shop/search:1.0.0'), server('shop/search:2.0.0')],
    ['a PostgreSQL that keeps nothing', server('postgres:16.4', {}), server('postgres:17.0', {})],
    [
      'a major version of CloudNativePG',
      cluster('ghcr.io/cloudnative-pg/postgresql:16.9'),
      cluster('ghcr.io/cloudnative-pg/postgresql:18.1'),
    ],
    ['a CloudNativePG that names its image for the first time', cluster(''), cluster('ghcr.io/cloudnative-pg/postgresql:16.9')],
  ])('may become %s', (_title, before, now) => {
    expect(replaced(before, now)).toEqual([]);
  });

  test('is looked at in a Deployment with a claim as well', () => {
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const deployment = (image: string): Manifest => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { template: { spec: { containers: [{ name: 'db', image }], volumes } } },
    });
    expect(replaced(deployment('postgres:16.4'), deployment('postgres:17.6'))).toHaveLength(1);
  });
});

describe('volumes-kept', () => {
  const own = (faults: readonly string[]): string[] => faults.filter((fault) => fault.endsWith('(volumes-kept)'));
  const deleting: Change = ({ postgres }) => {
    const policy = JsonPatch.replace('/spec/persistentVolumeClaimRetentionPolicy', {
      whenDeleted: 'Delete',
      whenScaled: 'Delete',
    });
    if (postgres.single) patch(postgres.single.statefulSet, 'tries to keep nothing', policy);
  };

  test.each(environments.map((environment) => [environment.name, environment] as const))('holds in %s', (_name, environment) => {
    expect(own(render(build(environment, new App())).faults)).toEqual([]);
  });

  test('lets the volume of a server go that says why, and prints it', () => {
    const { database } = staging;
    if (!('single' in database)) throw new Error('staging has no server of its own');
    const deleteVolume = OptOut.because('a preview that nobody will miss');
    const app = build(vary(staging, { database: { single: { ...database.single, deleteVolume } } }));
    const { faults, optOuts } = render(app);
    expect(faults).toEqual([]);
    const reason = 'a preview that nobody will miss';
    expect(optOuts).toContainEqual({ rule: 'volumes-kept', objects: ['10-postgres/Single/StatefulSet'], reason });
  });

  test('fails when volumes go with their StatefulSet, or with its pods', () => {
    const policy = "'spec.persistentVolumeClaimRetentionPolicy";
    const fix = 'write Retain, or leave the rule out with the reason why nobody will miss the data (volumes-kept)';
    expect(own(faultsOf(staging, deleting))).toEqual([
      `[10-postgres/Single/StatefulSet] ${policy}.whenDeleted' must be Retain, got "Delete"; ${fix}`,
      `[10-postgres/Single/StatefulSet] ${policy}.whenScaled' must be Retain, got "Delete"; ${fix}`,
    ]);
  });
});

describe('earlier files', () => {
  function read(text: string): { readonly objects: Manifest[]; readonly faults: readonly string[] } {
    const place = mkdtempSync(join(folder, 'files-'));
    writeFileSync(join(place, '30-phoenix.k8s.yaml'), text);
    mkdirSync(join(place, 'folder'));
    writeFileSync(join(place, 'README.md'), 'no: [YAML');
    const app = new App();
    const objects = readPrevious(app, place);
    const faults = render(app).faults.map((fault) => fault.replace(place, '<folder>'));
    return { objects, faults };
  }

  test('are read as they were written, with the types of YAML 1.1', () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\ndata:\n  a: "yes"\n  b: 0o14\n  c: |\n    line\n---\n\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: two }\n';
    expect(read(text)).toEqual({
      objects: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { a: 'yes', b: '0o14', c: 'line\n' } },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'two' } },
      ],
      faults: [],
    });
  });

  test.each([
    ['are no YAML', 'a: [1', 'unexpected end of the stream within a flow collection (1:6)'],
    ['hold no object', '- 1\n- 2\n', 'something that is no object with a name'],
    [
      'hold the marks of a merge',
      '<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> main\n',
      'end of the stream or a document separator is expected (2:2)',
    ],
    ['refer to what is not there', 'apiVersion: *nothing\nkind: Secret\n', 'unidentified alias "nothing" (1:14)'],
  ])('fails when they %s', (_title, text, got) => {
    expect(read(text)).toEqual({
      objects: [],
      faults: [
        `[app] 'previous <folder>/30-phoenix.k8s.yaml' must hold Kubernetes objects as YAML, got "${got}"; restore the file from the repository, or remove it`,
      ],
    });
  });
});
