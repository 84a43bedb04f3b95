import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseFields } from '../../lib/schema/grammar';
import { customTables } from '../support/schemas/custom-tables';
import { explodes, steady } from '../support/schemas/explodes';
import { kubernetesTable } from '../support/schemas/kubernetes';

/** Calls something with a folder of some files. */
function inFolder<T>(files: Readonly<Record<string, unknown>>, read: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), JSON.stringify(content));
    }
    return read(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const crd = (spec: object): object => ({
  kind: 'CustomResourceDefinition',
  spec: {
    group: 'example.com',
    names: { kind: 'Shop' },
    versions: [
      { name: 'v1', served: true, schema: { openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec } } } },
    ],
  },
});
const shop = (properties: object, more: object = {}): object => crd({ type: 'object', properties, ...more });
const nothing = (): undefined => undefined;

describe('the table of a custom kind', () => {
  const peer = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
  const spec = {
    peer,
    other: peer,
    ports: { type: 'array', items: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535 } },
    mode: { type: 'string', enum: ['On', 'Off'], default: 'On' },
    code: { type: 'integer', enum: [301, 302] },
    size: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    name: { type: 'string', minLength: 1, maxLength: 9, pattern: '^[a-z]+$' },
    labels: { type: 'object', maxProperties: 3, additionalProperties: { type: 'string' } },
    rows: {
      type: 'array',
      maxItems: 4,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: peer,
      'x-kubernetes-validations': [{ rule: 'self.size() != 2' }, { rule: 'self == oldSelf' }],
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  const conditions = {
    required: ['mode', 'name'],
    oneOf: [
      { not: { anyOf: [{ required: ['peer'] }, { required: ['other'] }] } },
      { required: ['peer'] },
      { required: ['other'] },
    ],
  };
  const [made] = inFolder({ 'shop.yaml': shop(spec, conditions) }, (folder) => customTables(folder, nothing));

  test('says in a line what the schema says', () => {
    expect(made?.group).toBe('example.com');
    expect(made?.table.kinds).toEqual({ 'v1/Shop': 'Shop' });
    expect(made?.table.definitions).toEqual({
      Shop: 'apiVersion=string kind=string metadata=ObjectMeta spec!=.',
      'Shop.spec':
        'code=#301|302 free={}any labels={}(..3)string mode=On|Off name!=string(1..9,~39c46b) other=Shop.spec.peer peer=. ' +
        'ports=[]integer(1..65535) rows=[name](..4)Shop.spec.peer size=intOrString',
      'Shop.spec.peer': 'name!=string',
    });
    expect(Object.values(made?.table.patterns ?? {})).toEqual(['^[a-z]+$']);
    expect(made?.table.defaults).toEqual({ 'Shop.spec': { mode: 'On' } });
  });

  test('keeps conditions, and names those that cannot be evaluated', () => {
    expect(made?.table.conditions).toEqual({
      'Shop.spec': ['[has(self.peer), has(self.other)].filter(x, x).size() <= 1'],
      'Shop.spec#rows': ['self.size() != 2'],
    });
    expect(made?.left).toEqual([
      { where: 'Shop.spec.rows', what: 'the condition self == oldSelf (it compares with the object as it was)' },
    ]);
  });

  test('is read as it was written', () => {
    const table = made?.table ?? { kinds: {}, definitions: {} };
    const { fields } = parseFields('Shop.spec', table.definitions['Shop.spec'] ?? '', { table, resolve: nothing, custom: true });
    expect([...(fields.get('code')?.values?.keys() ?? [])]).toEqual([301, 302]);
    expect(fields.get('name')).toMatchObject({ required: true, least: 1, most: 9, patterns: ['^[a-z]+$'] });
    expect(fields.get('peer')?.type).toBe('Shop.spec.peer');
    expect(fields.get('rows')).toMatchObject({ shape: 'list', keys: ['name'], most: 4, conditions: ['self.size() != 2'] });
    expect(fields.get('ports')?.items).toMatchObject({ least: 1, most: 65535 });
  });
});

test('fields of later releases are marked with theirs, also when only the newest is read again', () => {
  const text = { type: 'string' };
  const releases = {
    'shop/1.9.0/shop.yaml': shop({ a: text }),
    'shop/1.10.0/shop.yaml': shop({ a: text, b: text }),
    'shop/1.11.0/shop.yaml': shop({ a: text, b: text, c: { type: 'object', properties: { d: text } } }),
  };
  const [made] = inFolder(releases, (folder) => customTables(folder, nothing));
  expect(made?.table.definitions['Shop.spec']).toBe('a=string b@1.10.0=string c@1.11.0=.');
  // What is in it came with it.
  expect(made?.table.definitions['Shop.spec.c']).toBe('d=string');
  expect(made?.table).toMatchObject({ project: 'shop', releases: ['1.9.0', '1.11.0'], kinds: { 'v1/Shop': 'Shop' } });
  const newest = { 'shop.yaml': releases['shop/1.11.0/shop.yaml'] };
  const [again] = inFolder(newest, (folder) => customTables(folder, () => made?.table));
  expect(again?.table).toEqual(made?.table);
});

test('the number of a kind that can be scaled is none or more, whatever its schema says', () => {
  const count = { type: 'integer', format: 'int32' };
  const scalable = (...fields: [name: string, schema: object, path: string]): object => {
    const [name, schema, specReplicasPath] = fields;
    const text = JSON.parse(JSON.stringify(shop({ [name]: schema }))) as { spec: { versions: [{ subresources?: object }] } };
    text.spec.versions[0].subresources = { scale: { specReplicasPath } };
    return text;
  };
  const specOf = (file: object): unknown =>
    inFolder({ 'shop.yaml': file }, (folder) => customTables(folder, nothing))[0]?.table.definitions['Shop.spec'];
  expect(specOf(scalable('tills', count, '.spec.tills'))).toBe('tills=integer(0..)');
  expect(specOf(scalable('tills', { ...count, minimum: 2, maximum: 9 }, '.spec.tills'))).toBe('tills=integer(2..9)');
  expect(specOf(scalable('tills', count, '.spec.counters.tills'))).toBe('tills=integer');
});

test('kinds of later releases are marked with theirs', () => {
  const text = shop({ a: { type: 'string' } });
  const other = JSON.parse(JSON.stringify(text)) as { spec: { names: { kind: string } } };
  other.spec.names.kind = 'Market';
  const releases = { 'shop/1.9/shop.yaml': text, 'shop/1.10/shop.yaml': text, 'shop/1.10/market.yaml': other };
  const [made] = inFolder(releases, (folder) => customTables(folder, nothing));
  expect(made?.table.kinds).toEqual({ 'v1/Market': 'Market@1.10', 'v1/Shop': 'Market' });
  const newest = { 'shop.yaml': text, 'market.yaml': other };
  const [again] = inFolder(newest, (folder) => customTables(folder, () => made?.table));
  expect(again?.table).toEqual(made?.table);
});

test('a new release of Kubernetes adds its fields to the table, which keeps what it says', () => {
  const document = (properties: object): object => ({
    definitions: {
      'io.k8s.api.apps.v1.Robot': {
        type: 'object',
        properties: { spec: { $ref: '#/definitions/io.k8s.api.apps.v1.RobotSpec' }, status: {} },
        'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Robot' }],
      },
      'io.k8s.api.apps.v1.RobotSpec': { type: 'object', required: ['mode', 'arms'], properties },
    },
  });
  const text = { type: 'string' };
  const arms = { type: 'array', items: { $ref: '#/definitions/io.k8s.api.apps.v1.Arm' }, 'x-kubernetes-list-map-keys': ['side'] };
  const arm = {
    'io.k8s.api.apps.v1.Arm': { type: 'object', properties: { side: text, reach: { type: 'integer', format: 'int32' } } },
  };
  const next = document({ mode: text, arms }) as { definitions: object };
  const files = {
    '1.36.json': document({ mode: text, old: text }),
    '1.37.json': { definitions: { ...next.definitions, ...arm } },
  };
  const before = {
    kinds: { 'apps/v1/Robot': 'Robot' },
    definitions: { Robot: 'spec=RobotSpec status=any', RobotSpec: 'mode!=Slow|Fast old=string' },
  };
  const { table, notes } = inFolder(files, (folder) => kubernetesTable(folder, before));
  expect(table.definitions).toEqual({
    Arm: 'reach@37=integer side@37=string',
    Robot: 'spec=RobotSpec status=any',
    RobotSpec: 'arms!@37=[side]Arm mode!=Slow|Fast old=string',
  });
  expect(notes).toContain('RobotSpec.old: is not in the newest document');
  expect(notes).toContain('RobotSpec.arms: new in 1.37');
});

test('the status of a kind is looked at where the table has its fields, and whatever else is called so always is', () => {
  const definition = (name: string, properties: object, kind?: object): object => ({
    [`io.k8s.api.core.v1.${name}`]: { type: 'object', properties, ...(kind && { 'x-kubernetes-group-version-kind': [kind] }) },
  });
  const to = (name: string): object => ({ $ref: `#/definitions/io.k8s.api.core.v1.${name}` });
  const conditions = { type: 'array', items: to('Mood'), 'x-kubernetes-list-map-keys': ['type'] };
  const kinds = ['Robot', 'Arm'].map((kind) =>
    definition(kind, { status: to(`${kind}Status`) }, { group: '', version: 'v1', kind }),
  );
  const states = [definition('RobotStatus', { conditions }), definition('ArmStatus', {})];
  const mood = definition('Mood', { status: { type: 'string' }, type: { type: 'string' } });
  const files = { '1.36.json': { definitions: Object.assign({}, ...kinds, ...states, mood) as object } };
  const before = {
    kinds: { 'v1/Robot': 'Robot', 'v1/Arm': 'Arm' },
    definitions: { Robot: 'status=RobotStatus', RobotStatus: 'phase=string' },
  };
  const { table } = inFolder(files, (folder) => kubernetesTable(folder, before));
  expect(table.definitions).toEqual({
    Arm: 'status@36=any',
    Mood: 'status@36=string type@36=string',
    Robot: 'status=RobotStatus',
    RobotStatus: 'conditions@36=[type]Mood phase=string',
  });
});

test.each([
  ['^([0-9]+(s|m)?)+$', true],
  ['^([a-z]+)*$', true],
  ['^(([\\w-]+\\.?)+)?$', true],
  ['^([0-9]+(s|m))+$', false],
  ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$', false],
  ['^([0-9]{1,5}(h|m|s|ms)){1,4}$', false],
])('of the pattern %s it is known that it explodes: %s', (pattern, answer) => {
  expect(explodes(pattern)).toBe(answer);
});

test('a pattern of digits and units that explodes becomes one that takes the same and does not', () => {
  const loose = '^([0-9]+(ms|s|m)?)+$';
  const made = steady(loose);
  expect(explodes(made)).toBe(false);
  const parts = ['', '1', '20', 'ms', 's', 'm', 'x', '-'];
  const texts = parts.flatMap((a) => parts.flatMap((b) => parts.flatMap((c) => parts.map((d) => a + b + c + d))));
  expect(texts.filter((text) => new RegExp(made).test(text) !== new RegExp(loose).test(text))).toEqual([]);
  expect(texts.filter((text) => new RegExp(made).test(text)).length).toBeGreaterThan(100);
  expect(new RegExp(made).test(`${'1'.repeat(5000)}x`)).toBe(false);
  expect(steady('^[a-z]+$')).toBe('^[a-z]+$');
});

describe('kinds that a table only names', () => {
  const named = (kind: string, ...versions: object[]): object => ({
    kind: 'CustomResourceDefinition',
    spec: { group: 'example.com', names: { kind }, versions },
  });
  const list = { name: 'v1alpha1', served: true };

  test('have the releases that they came with, and went with', () => {
    const files = {
      'operator/1.0/a.json.yaml': shop({}),
      'operator/1.0/b.yaml': named('Basket', { name: 'v1beta1', served: true }),
      'operator/1.1/a.yaml': shop({}),
      'operator/1.1/b.yaml': named('Basket', { name: 'v1beta1', served: true }, { name: 'v1' }),
      'operator/1.1/c.yaml': named('List', list),
      'operator/1.2/a.yaml': shop({}),
      'operator/1.2/b.yaml': named('Basket', { name: 'v1beta1', served: false }, { name: 'v1' }),
      'operator/1.2/d.yaml': named('Shop', { name: 'v1' }, { name: 'v1beta1' }),
    };
    const [made] = inFolder(files, (folder) => customTables(folder, nothing));
    expect(made?.table.kinds).toEqual({ 'v1/Shop': 'Shop' });
    expect(made?.table.others).toEqual({
      'v1/Basket': '1.1',
      'v1alpha1/List': '1.1-1.2',
      'v1beta1/Basket': '-1.2',
      'v1beta1/Shop': '1.2',
    });
  });

  test('stay where the folder does not speak of them, and leave the rest of a table as it is', () => {
    const [before] = inFolder({ 'shop.yaml': shop({ size: { type: 'integer' } }), 'list.yaml': named('List', list) }, (folder) =>
      customTables(folder, nothing),
    );
    const [again] = inFolder({ 'basket.yaml': named('Basket', { name: 'v1' }) }, (folder) =>
      customTables(folder, () => before?.table),
    );
    expect(again?.table).toEqual({ ...before?.table, others: { 'v1/Basket': '', 'v1alpha1/List': '' } });
  });
});
