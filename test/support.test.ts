import { parseAllDocuments } from 'yaml';
import { yaml } from '../lib/support/yaml';
import { ApiObject, Duration, JsonPatch, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import {
  HashedConfigMap,
  MigrationJob,
  patch,
  ProbedDeployment,
  reject,
  type Manifest,
  type ProbedDeploymentProps,
  type Refusal,
} from '../lib/index';
import { imageVersion, parseImage } from '../lib/support/image';
import { cpuQuantity, sizeQuantity } from '../lib/support/quantity';
import { parseQuantity } from '../lib/support/parse-quantity';
import { display, sentence } from '../lib/support/reject';
import { requireHost, requireName } from '../lib/support/values';
import { isAtLeast } from '../lib/support/kubernetes-versions';
import { chart, container, minimalDeployment, objects, one, podSpec, refusals, refusalsOf, release } from './support/chart';

describe('a refusal', () => {
  const refusal: Refusal = { prop: 'replicas', must: 'be 1 or more', got: 0, fix: 'use 1' };

  test('is one sentence of four parts', () => {
    expect(sentence(refusal)).toBe("'replicas' must be 1 or more, got 0; use 1");
  });

  test('names the path of the construct, and construction goes on', () => {
    const tried = chart();
    const config = new HashedConfigMap(tried, 'Config', { name: 'app', labels: {}, data: {} });
    reject(config, refusal);
    reject(tried, { ...refusal, prop: 'surge' });
    expect(refusals(tried).toSorted()).toEqual([
      "[chart/Config] 'replicas' must be 1 or more, got 0; use 1",
      "[chart] 'surge' must be 1 or more, got 0; use 1",
    ]);
  });

  test('that several constructs share is told once, with all of their paths', () => {
    const tried = chart();
    for (const id of ['Second', 'First']) {
      const config = new HashedConfigMap(tried, id, { name: id.toLowerCase(), labels: {}, data: {} });
      reject(config, refusal);
    }
    expect(refusals(tried)).toEqual(["[chart/First, chart/Second] 'replicas' must be 1 or more, got 0; use 1"]);
  });

  test('is told once, however often it was found', () => {
    const faults = refusalsOf((tried) => {
      reject(tried, refusal);
      reject(tried, { ...refusal });
    });
    expect(faults).toHaveLength(1);
  });

  test.each<[unknown, string]>([
    [undefined, 'nothing'],
    [null, 'nothing'],
    ['', '""'],
    ['two words', '"two words"'],
    [0, '0'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [12n, '12'],
    [false, 'false'],
    [[], '[]'],
    [{ a: [1] }, '{"a":[1]}'],
    [Duration.minutes(2), '120s'],
    [Duration.millis(1500), '1.5s'],
    [Size.mebibytes(16), '16Mi'],
    [Cpu.millis(250), '250m CPU'],
    [Cpu.units(2), '2 CPU'],
    ['x'.repeat(119), `"${'x'.repeat(116)}...`],
  ])('shows %p as an operator would write it', (value, shown) => {
    expect(display(value)).toBe(shown);
  });
});

describe('an image reference', () => {
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

  test.each([
    ['app:1', { repository: 'app', tag: '1' }],
    ['app', { repository: 'app' }],
    ['team/app:1.4.2-rc.1', { repository: 'team/app', tag: '1.4.2-rc.1' }],
    ['localhost:5000/app:1', { repository: 'localhost:5000/app', tag: '1' }],
    ['registry.example.com:443/a/b_c/d--e:V1', { repository: 'registry.example.com:443/a/b_c/d--e', tag: 'V1' }],
    [`ghcr.io/team/app@${digest}`, { repository: 'ghcr.io/team/app', digest }],
    [`ghcr.io/team/app:1.4.2@${digest}`, { repository: 'ghcr.io/team/app', tag: '1.4.2', digest }],
  ])('%s has parts', (text, parts) => {
    const { repository, tag, digest: found } = parseImage(text) ?? {};
    expect({ repository, tag, digest: found }).toEqual({ tag: undefined, digest: undefined, ...parts });
  });

  test.each([
    '',
    'App:1',
    'app:',
    'app:1 ',
    'app :1',
    'app:1:2',
    'https://registry.example.com/app:1',
    'team//app:1',
    '/app:1',
    'app/:1',
    `App@${digest}`,
    `app:${'1'.repeat(129)}`,
    `${'a'.repeat(513)}:1`,
    '$IMAGE',
  ])('"%s" is none, and refused', (image) => {
    const shown = image.length > 118 ? `"${image.slice(0, 116)}...` : `"${image}"`;
    expect(parseImage(image)).toBeUndefined();
    expect(refusalsOf((tried) => new ProbedDeployment(tried, 'Web', { ...minimalDeployment, image }))).toEqual([
      `[chart/Web] 'image' must be an image reference in lower case, got ${shown}; write it as registry.example.com/team/app:1.4.2@sha256:<64 hex digits>`,
    ]);
  });

  test.each([
    [`sha256:${'0'.repeat(63)}`, ', not 63'],
    [`sha256:${'0A'.repeat(33)}`, ', not 66'],
    [`sha256:${'G'.repeat(64)}`, ''],
    [`sha256:${'A'.repeat(64)}`, ''],
    [`sha512:${'0'.repeat(128)}`, ''],
    ['0'.repeat(64), ''],
    [`${digest}:1`, ''],
    ['sha256:...', ''],
    ['1.4.2', ''],
  ])('fails when its digest is %s, and says how many digits those are', (wrong, length) => {
    const made = `app:1.4.2@${wrong}`;
    const must = `'image' must be an image reference whose digest is sha256: and 64 hex digits in lower case${length}, got "app:1.4.2@`;
    expect(parseImage(made)).toBeUndefined();
    expect(refusalsOf((tried) => new ProbedDeployment(tried, 'Web', { ...minimalDeployment, image: made }))).toEqual([
      expect.stringContaining(must),
    ]);
  });

  test.each(['app', 'app:latest', 'registry.example.com:5000/app'])('fails when "%s" names no version', (image) => {
    expect(refusalsOf((tried) => new ProbedDeployment(tried, 'Web', { ...minimalDeployment, image }))).toEqual([
      `[chart/Web] 'image' must name one version, got "${image}"; add the tag or digest of a build, because what "latest" runs changes without a review`,
    ]);
  });

  test('"latest" with a digest is one version', () => {
    const image = `app:latest@${digest}`;
    expect(refusalsOf((tried) => new ProbedDeployment(tried, 'Web', { ...minimalDeployment, image }))).toEqual([]);
  });

  test.each([
    ['app:1.4.2', '1.4.2'],
    [`app:1.4.2@${digest}`, '1.4.2'],
    [`app@${digest}`, '0123456789ab'],
    [`app:${'v'.repeat(100)}`, 'v'.repeat(63)],
    ['app:_beta-', 'beta'],
    ['app', undefined],
  ])('%s runs a version that fits into a label', (image, version) => {
    expect(imageVersion(image)).toBe(version);
  });
});

describe('names and hosts', () => {
  const accepted = (check: (tried: ReturnType<typeof chart>) => void) => refusalsOf(check).length === 0;

  test.each(['a', 'web', 'web-2', 'a--b', 'a'.repeat(63)])('%s is a name', (name) => {
    expect(accepted((tried) => requireName(tried, name))).toBe(true);
  });

  test.each(['', '2web', '-web', 'web-', 'Web', 'we_b', 'we.b', 'wéb', 'web\n', 'a'.repeat(64)])('"%s" is no name', (name) => {
    expect(accepted((tried) => requireName(tried, name))).toBe(false);
  });

  test.each<[unknown, string]>([
    ['Kube Native', 'kube-native'],
    ['kube_native', 'kube-native'],
    ['2048-Game', 'game'],
    ['ab-'.repeat(30), 'ab-ab-ab-ab'],
    ['', 'my-app'],
    ['!!!', 'my-app'],
    [undefined, 'my-app'],
  ])('instead of "%s" a name is suggested that is one', (name, suggested) => {
    const [fault] = refusalsOf((tried) => requireName(tried, name as string, 12));
    const [, suggestion = ''] = /for example "([^"]*)"/.exec(fault ?? '') ?? [];
    expect(suggestion).toBe(suggested);
    expect(accepted((tried) => requireName(tried, suggestion, 12))).toBe(true);
  });

  test.each(['localhost', 'a.example.com', 'xn--bcher-kva.example', '1.example.com', 'a'.repeat(63), `${'a.'.repeat(126)}a`])(
    '%s is a host',
    (host) => {
      expect(accepted((tried) => requireHost(tried, host))).toBe(true);
    },
  );

  test.each([
    '',
    '10.0.0.1',
    'A.example.com',
    'a..example.com',
    'example.com.',
    'example.com:4000',
    'example.com/path',
    '*.example.com',
    'a_b.example.com',
    '-a.example.com',
    'a'.repeat(64),
    `${'a.'.repeat(126)}aa`,
  ])('"%s" is no host', (host) => {
    expect(accepted((tried) => requireHost(tried, host))).toBe(false);
  });

  test('versions of Kubernetes are compared by number', () => {
    expect([isAtLeast('1.30', '1.30'), isAtLeast('1.36', '1.27'), isAtLeast('1.27', '1.30')]).toEqual([true, true, false]);
  });
});

describe('a quantity', () => {
  test.each<[string, number | undefined]>([
    ['250m', 0.25],
    ['2', 2],
    ['1.5', 1.5],
    ['1Gi', 2 ** 30],
    ['1G', 1e9],
    ['3Pi', 3 * 2 ** 50],
    ['1Ei', 2 ** 60],
    ['128974848', 128974848],
    ['1e3', 1000],
    ['12E', 12e18],
    ['100k', 100_000],
    ['', undefined],
    ['1 Gi', undefined],
    ['1gb', undefined],
    ['Gi', undefined],
  ])('"%s" is read', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  test('is read as it was written', () => {
    for (const size of [Size.kibibytes(1), Size.mebibytes(1.5), Size.mebibytes(128), Size.gibibytes(3), Size.tebibytes(2)]) {
      const { value } = sizeQuantity(size) as { value: string };
      expect(parseQuantity(value)).toBe(size.toKibibytes() * 1024);
    }
    for (const amount of [1, 250, 1000, 1500, 64_000]) {
      const { value } = cpuQuantity(Cpu.millis(amount)) as { value: string };
      expect(parseQuantity(value)).toBeCloseTo(amount / 1000, 9);
    }
  });
});

describe('a patch', () => {
  const reason = 'the cluster has a version that knows it';
  function patched(...operations: JsonPatch[]) {
    const tried = chart();
    const { deployment } = new ProbedDeployment(tried, 'Web', minimalDeployment);
    patch(deployment, reason, ...operations);
    return tried;
  }
  const path = '/spec/template/spec/containers/0/lifecycle/preStop';
  const refusalOf = (fault: string) => [`[chart/Web/Deployment] 'patch' must ${fault}`];

  test('may name fields that are newer than the library', () => {
    const deployment = one(patched(JsonPatch.replace(path, { sleep: { seconds: 10 } })), 'Deployment');
    expect(container(deployment)['lifecycle']).toEqual({ preStop: { sleep: { seconds: 10 } } });
  });

  test('writes plain values, spelt as in the YAML', () => {
    const tried = chart();
    const service = new k8s.KubeService(tried, 'Service', { metadata: { name: 'db' }, spec: { clusterIp: 'None' } });
    patch(
      service,
      reason,
      JsonPatch.replace('/spec/clusterIP', '10.0.0.10'),
      JsonPatch.add('/spec/trafficDistribution', 'PreferClose'),
    );
    expect(one(tried, 'Service')['spec']).toEqual({ clusterIP: '10.0.0.10', trafficDistribution: 'PreferClose' });
    const limits = '/spec/template/spec/containers/0/resources/limits';
    expect(
      container(one(patched(JsonPatch.add(`${limits}/example.com~1gpu`, '1')), 'Deployment'))['resources'].limits,
    ).toMatchObject({
      'example.com/gpu': '1',
    });
  });

  test('keeps its operations in order, and each sees what the one before did', () => {
    const tried = patched(
      JsonPatch.add('/metadata/annotations', {}),
      JsonPatch.add('/metadata/annotations/first', '1'),
      JsonPatch.copy('/metadata/annotations/first', '/metadata/annotations/second'),
      JsonPatch.test('/metadata/annotations/second', '1'),
      JsonPatch.move('/metadata/annotations/second', '/metadata/annotations/third'),
      JsonPatch.remove('/metadata/annotations/first'),
    );
    expect(refusals(tried)).toEqual([]);
    expect(one(tried, 'Deployment')['metadata'].annotations).toEqual({ third: '1' });
  });

  test('reaches the object that a construct is made around', () => {
    const tried = chart();
    const config = new HashedConfigMap(tried, 'Config', { name: 'app', labels: {}, data: {} });
    patch(config, reason, JsonPatch.add('/metadata/annotations', { a: 'b' }));
    expect(one(tried, 'ConfigMap')['metadata'].annotations).toEqual({ a: 'b' });
  });

  test('leaves all other objects alone, and the same ones for ever', () => {
    const tried = patched(JsonPatch.replace('/spec/replicas', 7));
    const [first, second] = [objects(tried), objects(tried)];
    expect(first).toEqual(second);
    expect(one(tried, 'ServiceAccount')).toEqual(one(patched(JsonPatch.replace('/spec/replicas', 8)), 'ServiceAccount'));
  });

  test.each<[string, JsonPatch, string]>([
    ['a path to replace', JsonPatch.replace('/spec/replica', 3), '/spec/replica'],
    ['a path to remove', JsonPatch.remove('/spec/paused'), '/spec/paused'],
    [
      'the parent of an addition',
      JsonPatch.add('/spec/template/metadata/annotations/a', 'b'),
      '/spec/template/metadata/annotations',
    ],
    ['a container', JsonPatch.replace('/spec/template/spec/containers/1/image', 'x'), '/spec/template/spec/containers/1/image'],
    ['a place in a list', JsonPatch.add('/spec/template/spec/volumes/9', {}), '/spec/template/spec/volumes/9'],
    ['what to copy', JsonPatch.copy('/metadata/annotations', '/spec/template/metadata/annotations'), '/metadata/annotations'],
  ])('fails when %s does not exist', (_, operation, missing) => {
    const fix = 'look the path up in the synthesized file; add the parent first where it is new';
    expect(refusals(patched(operation))).toEqual(refusalOf(`name a path that exists in the YAML, got "${missing}"; ${fix}`));
  });

  test('fails when what it tests for is not there', () => {
    expect(refusals(patched(JsonPatch.test('/spec/replicas', 5), JsonPatch.replace('/spec/replicas', 6)))).toEqual(
      refusalOf(
        'find 5 at /spec/replicas, which it tests, got 1; look at what the patch was written for, and change its operations',
      ),
    );
  });

  test('fails when it does nothing', () => {
    expect(refusals(patched())).toEqual(refusalOf('have an operation, got 0; pass at least one JsonPatch'));
  });

  test.each([
    ['what RFC 6902 writes', { op: 'remove', path: '/spec/paused' }, "write JsonPatch.remove('/spec/paused')"],
    ['a text', '/spec/replicas', "write JsonPatch.replace('/spec/...', ...)"],
    ['a list', [JsonPatch.replace('/spec/replicas', 4)], 'pass the operations one by one, without the list'],
  ])('fails when an operation is %s', (_, operation, fix) => {
    expect(refusals(patched(operation as never))).toEqual([expect.stringContaining(`'operations[0]' must be a JsonPatch, got `)]);
    expect(refusals(patched(operation as never))[0]).toContain(`; ${fix}`);
  });

  test('fails when the operations come first, or there is nothing to change', () => {
    const [fault] = refusalsOf((tried) => {
      const { deployment } = new ProbedDeployment(tried, 'Web', minimalDeployment);
      patch(deployment, JsonPatch.replace('/spec/replicas', 4) as never);
    });
    expect(fault).toContain(
      '\'reason\' must be a text before the operations, got "JsonPatch of /spec/replicas"; write why first',
    );
    expect(() => patch(undefined as never, 'nobody knows of what', JsonPatch.remove('/spec'))).toThrow(
      "'patch' must be given one object, got nothing; pass the object itself",
    );
  });

  test('fails when nobody said why', () => {
    const faults = refusalsOf((tried) => {
      const { deployment } = new ProbedDeployment(tried, 'Web', minimalDeployment);
      patch(deployment, 'because', JsonPatch.replace('/spec/replicas', 5));
    });
    expect(faults).toEqual([
      '[chart/Web/Deployment] \'reason\' must give a reason of 10 or more characters, got "because"; write one sentence that a reviewer would accept',
    ]);
  });

  test('fails when it is given a construct of many objects', () => {
    const faults = refusalsOf((tried) => {
      patch(new ProbedDeployment(tried, 'Web', minimalDeployment), reason, JsonPatch.replace('/spec/replicas', 5));
    });
    expect(faults).toEqual([
      '[chart/Web] \'patch\' must be given one object, got "ProbedDeployment"; pass the object itself, such as release.web.deployment',
    ]);
  });
});

describe('a name by content', () => {
  const nameOf = (tried: ReturnType<typeof chart>, kind: string): string => one(tried, kind)['metadata'].name as string;

  test('follows a patch of the content, and so does every reference', () => {
    const tried = chart();
    const { configMap } = release(tried);
    const before = nameOf(tried, 'ConfigMap');
    patch(configMap, 'the pool of this one cluster', JsonPatch.replace('/data/PORT', '4001'));
    expect(nameOf(tried, 'ConfigMap')).not.toBe(before);
    expect(container(one(tried, 'Deployment'))['envFrom']).toEqual([{ configMapRef: { name: nameOf(tried, 'ConfigMap') } }]);
  });

  test('stays with a patch of anything else', () => {
    const tried = chart();
    const { configMap } = release(tried);
    const before = nameOf(tried, 'ConfigMap');
    patch(configMap, 'the mirror looks for it', JsonPatch.add('/metadata/annotations', { mirror: 'yes' }));
    expect(nameOf(tried, 'ConfigMap')).toBe(before);
    expect(one(tried, 'ConfigMap')['metadata'].annotations).toEqual({ mirror: 'yes' });
  });

  test('follows a patch of the pods of a Job', () => {
    const tried = chart();
    const migration = new MigrationJob(tried, 'Migration', { release: release(tried) });
    const before = migration.jobName;
    patch(migration.job, 'the nodes of the database', JsonPatch.add('/spec/template/spec/nodeSelector', { pool: 'data' }));
    expect(migration.jobName).not.toBe(before);
    expect(nameOf(tried, 'Job')).toBe(migration.jobName);
    expect(podSpec(one(tried, 'Job'))['nodeSelector']).toEqual({ pool: 'data' });
  });
});

test('objects added by hand stand in the YAML as they are', () => {
  const tried = chart();
  new ApiObject(tried, 'Monitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: 'web' },
    spec: {},
  });
  const [monitor] = objects(tried) as [Manifest];
  expect(monitor).toMatchObject({ kind: 'PodMonitor', metadata: { name: 'web', namespace: 'test' } });
});

test('props of other types, as plain JavaScript may pass them, are all named before anything is built from them', () => {
  const tried = chart();
  const wrong = { replicas: '3', pods: null, drain: [], command: 'start', bootTime: 60, resources: { cpu: 1 }, reapProcesses: 1 };
  const untyped = { ...minimalDeployment, ...wrong } as unknown as ProbedDeploymentProps;
  expect(() => new ProbedDeployment(tried, 'Web', untyped)).toThrow("[chart/Web] 'replicas' must be a number");
  const refused = (prop: string, must: string, write: string) => `[chart/Web] '${prop}' must be ${must}; write ${write}`;
  expect(refusals(tried)).toEqual([
    refused('bootTime', 'a Duration, got 60', 'Duration.seconds(60) or Duration.minutes(60)'),
    refused('command', 'an array, got "start"', "it as a list, ['start']"),
    refused('drain', 'an object, got []', 'an object, { preStop, shutdown }'),
    refused('pods', 'an object, got nothing', 'an object, { ... }'),
    refused('reapProcesses', 'a boolean, got 1', 'true or false'),
    refused('replicas', 'a number or an object, got "3"', '3 without quotes, or an object, { ... }'),
    refused(
      'resources',
      'a Resources, got {"cpu":1}',
      'Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(512) })',
    ),
  ]);
});

test('all props may be missing at once', () => {
  const tried = chart();
  expect(() => new ProbedDeployment(tried, 'Web', undefined as unknown as ProbedDeploymentProps)).toThrow(Error);
  expect(refusals(tried)).toEqual([
    "[chart/Web] 'props' must be an object with name, image, probes, drain, resources, replicas, got nothing; pass them to ProbedDeployment",
  ]);
});

test('what is written is read back as it was, also by the rules of YAML 1.1', () => {
  const traps = [
    ...[
      'yes',
      'no',
      'on',
      'off',
      'y',
      'n',
      '~',
      'null',
      'true',
      '0775',
      '0o14',
      '0b11',
      '1_000',
      '1e3',
      '.5',
      '+1',
      '.inf',
      '0x1f',
    ],
    ...[
      '12:30:45',
      '2001-01-01',
      '',
      ' lead',
      'trail ',
      '- x',
      'a: b',
      '# no',
      '*x',
      '&x',
      '!x',
      '%x',
      '@x',
      '`x',
      '{a}',
      '[a]',
      '=',
      '<<',
    ],
    ...['a\tb', 'two\nlines\n', 'no end\nof line', '\n', '\u0085', 'é', '"', "'", '\\', 'x'.repeat(300)],
  ];
  const data = Object.fromEntries(traps.map((trap, index) => [`key-${index}`, trap]));
  const objects = [
    { kind: 'ConfigMap', data, numbers: [0, 1.5, -3], empty: { list: [], map: {}, nothing: null } },
    { kind: 'Two' },
  ];
  const read = parseAllDocuments(yaml(objects), { version: '1.1' }).map((document) => document.toJS() as unknown);
  expect(read).toEqual(objects);
});
