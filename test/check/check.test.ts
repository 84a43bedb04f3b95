import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { check } from '../../lib/command/check';
import { Folder, piped, rulesIn, shop } from './folder';

const folder = new Folder();
afterAll(() => folder.remove());

const port =
  "Service/shop 'spec.ports[0].targetPort' must be a port that Deployment shop listens on: its containers have http (4000), got 4001";

describe('what anybody has written', () => {
  test('is judged with the line of each finding, and says what it took for a release', () => {
    const { text, code } = piped(shop, { severity: 'error' });
    expect(text.split('\n')[0]).toMatch(`-:46 ${port}; `);
    expect(text).toMatch(/\(target-ports\)\n1 error, \d+ warnings not told in 3 objects; took shop\/web for a BEAM release\n$/);
    expect(code).toBe(1);
  });

  test('says nothing where there is nothing, and ends well', () => {
    const { text, code } = piped('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\ndata: {}\n');
    expect([text, code]).toEqual([
      '0 errors, 0 warnings in 1 object; took nothing for a BEAM release: --beam <name> says what is one\n',
      0,
    ]);
  });

  test('tells each error, and one warning of each rule; all of them where they are asked for', () => {
    const lines = (severity?: string) =>
      piped(shop, { severity })
        .text.split('\n')
        .filter((line) => line.includes('(warning: '));
    const rules = lines().map((line) => /\(warning: ([\w-]+)/.exec(line)?.[1]);
    expect(rules).toEqual([...new Set(rules)]);
    expect(piped(shop).text).toMatch(/^policy, by the number of places: pod-security 4, .*; --severity warning tells each$/m);
    expect(lines('warning').filter((line) => line.includes('pod-security'))).toHaveLength(4);
    expect(lines('error')).toEqual([]);
  });

  test('prints the same bytes each time', () => expect(piped(shop)).toEqual(piped(shop)));

  test('is a list, JSON, or a folder of files, as deep as it goes', () => {
    folder.write('all/web/shop.yaml', shop);
    folder.write(
      'all/more.json',
      '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Servce","metadata":{"name":"x"}}]}',
    );
    folder.write('all/node_modules/other.yaml', 'kind: [');
    folder.write('all/notes.txt', 'none');
    const { text } = check(['all'], { severity: 'error' });
    expect(text).toContain("all/more.json:1 Servce/x 'kind' must be served");
    expect(text).toContain(`all/web/shop.yaml:46 ${port}`);
    expect(text).toContain('in 4 objects');
  });

  test('has places also behind anchors, in flow collections, and for keys with dots', () => {
    const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data: &data
  app.conf: |
    x
  "bad key": "1"
---
apiVersion: v1
kind: Pod
metadata: {name: shop, labels: {a: "x y"}}
spec: {containers: [{name: web, image: "shop:1.0.0", env: [{name: A, value: "1"}, {name: A, value: "2"}]}]}
`;
    const { findings } = JSON.parse(piped(text, { format: 'json', severity: 'error' }).text) as {
      findings: { rule: string; places: { line: number; column: number }[] }[];
    };
    const at = (rule: string) => findings.find((one) => one.rule === rule)?.places.map(({ line, column }) => [line, column]);
    expect(at('data-size')).toEqual([[7, 4]]);
    expect(at('valid-labels')).toEqual([[11, 33]]);
    expect(at('unique-items')).toEqual([[12, 83]]);
  });

  test('reads scalars as Kubernetes does', () => {
    const env = (value: string) => `apiVersion: v1
kind: Pod
metadata: {name: shop}
spec: {containers: [{name: web, image: "shop:1.0.0", env: [{name: A, value: ${value}}]}]}
`;
    expect(
      ['yes', '0o14', '0x1F', '1e3', '2024-01-02', '"on"'].map((value) => rulesIn(env(value)).includes('field-types')),
    ).toEqual([...[true, false, true, true, false, false]]);
  });
});

describe('namespaces', () => {
  const named = (namespace: string) => shop.replaceAll('  name: shop\n', `  name: shop\n  namespace: ${namespace}\n`);

  test('are that of all others where an object names none', () => {
    const some = shop.replace(
      'kind: Service\nmetadata:\n  name: shop\n',
      'kind: Service\nmetadata:\n  name: shop\n  namespace: live\n',
    );
    expect(rulesIn(some)).not.toContain('selector-finds-pods');
    expect(rulesIn(some, { namespace: 'default' })).toContain('selector-finds-pods');
  });

  test('may be several', () => {
    const both = `${named('live')}---\n${named('test')}`;
    expect(rulesIn(both)).toEqual(rulesIn(named('live')));
    expect(piped(both).text).toContain("-:49 live/Service/shop 'spec.ports[0].targetPort' and 1 more (-:99) must");
  });
});

describe('what is named and not there', () => {
  test('is a warning where somebody else may make it, and says how to say so', () => {
    const { text } = piped(shop);
    expect(text).toContain(
      `-:32 Deployment/shop 'spec.template.spec.containers[0].env[0].valueFrom.secretKeyRef.name' must name a Secret that exists, got "shop"; correct the name, add the Secret, or say --provide Secret/shop (warning: secret-reference)`,
    );
    expect(rulesIn(shop, { provide: ['Secret/shop'] })).not.toContain('secret-reference');
    expect(rulesIn(shop, { provide: ['default/Secret/shop:DATABASE_URL'] })).not.toContain('secret-reference');
    expect(rulesIn(shop, { provide: ['other/Secret/shop'] })).toContain('secret-reference');
  });

  test('is an error where something is called nearly the same', () => {
    const near = `${shop}---\napiVersion: v1\nkind: Secret\nmetadata: {name: shops}\n`;
    expect(piped(near, { severity: 'error' }).text).toContain(`got "shop"; did you mean 'shops'? correct the name`);
  });

  test('may be a Service of nobody, which is an error', () => {
    const route = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
`;
    expect(piped(route, { severity: 'error' }).text).toContain('must name a Service that exists');
  });
});

describe('releases', () => {
  const plain = (image: string, command: string) => `apiVersion: v1
kind: Pod
metadata: {name: shop}
spec: {containers: [{name: web, image: "${image}", command: ${command}}]}
`;
  const taken = (text: string, beam: string[] = []) => piped(text, { beam }).text.trim().split('; took ')[1];
  const none = 'nothing for a BEAM release: --beam <name> says what is one';

  test.each([
    ['acme/shop:1', '[/app/bin/shop, start]', 'shop/web for a BEAM release'],
    ['acme/shop:1', '[/app/bin/server]', 'shop/web for a BEAM release'],
    ['acme/shop:1', '[sh, -c, "/app/bin/migrate && exec /app/bin/shop start"]', 'shop/web for a BEAM release'],
    ['acme/shop:1', '[mix, phx.server]', 'shop/web for a BEAM release'],
    ['acme/shop:1', '[sh, -c, mix phx.server]', 'shop/web for a BEAM release'],
    ['elixir:1.18', '[mix, phx.server]', 'shop/web for a BEAM release'],
    ['acme/shop:1', '[bundle, exec, puma]', none],
    ['ghcr.io/acme/phoenix:1', '[run]', 'shop/web for a BEAM release'],
    ['arizephoenix/phoenix:1', '[run]', none],
  ])('%s with %s is %s', (image, command, what) => expect(taken(plain(image, command))).toBe(what));

  test('are said by name, by container, by image, and said to be none', () => {
    const text = plain('ghcr.io/acme/shop:1', '[run]');
    expect(['shop', 'shop/web', 'ghcr.io/acme/*', 'other'].map((one) => taken(text, [one]) !== none)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(taken(plain('elixir:1.18', '[run]'), ['!shop'])).toBe(none);
  });
});

describe('what is said beside the input', () => {
  test('leaves out what has a reason, and says so', () => {
    const options = { severity: 'error', leaveOut: ['target-ports=the port is opened by a library'] };
    expect(piped(shop, options)).toEqual({
      text: expect.stringMatching(
        /^note: left out: target-ports, found once: the port is opened by a library\n0 errors, \d+ warnings not told/,
      ),
      code: 0,
    });
  });

  test('stands in a file as well, and the command line knows better', () => {
    folder.write(
      '.cdk8s-phoenix.yaml',
      `kubernetes: '1.33'
severity: error
provide: [Secret/shop]
leaveOut:
  target-ports:
    - reason: the port is opened by a library
      objects: [Service/sh*]
`,
    );
    expect(piped(shop).text).toMatch(/^note: left out: target-ports, found once: /);
    expect(piped(shop, { severity: 'warning' }).text).toContain('(warning: image-digest)');
    folder.write('other.yaml', 'leaveOut:\n  target-ports:\n    reason: opened by a library\n    objects: [Service/web]\n');
    expect(piped(shop, { config: 'other.yaml', severity: 'error' }).code).toBe(1);
    folder.write('.cdk8s-phoenix.yaml', '{}');
  });

  test('is refused where it is wrong, with what was meant', () => {
    folder.write('wrong.yaml', 'kubernetes: 1.30\nprovides: []\nbeam: shop\nleaveOut: {image-digest: 1}\n');
    const { text, code } = piped(shop, { config: 'wrong.yaml' });
    expect([text.split('\n'), code]).toEqual([
      [
        `wrong.yaml:2:1 'provides' must be one that is known, got "provides"; did you mean 'provide'?`,
        `wrong.yaml:3:1 'beam' must be a list of texts, got "shop"; write beam: [...]`,
        `wrong.yaml:1:1 'kubernetes' must be a text, got 1.3; write it in quotes: kubernetes: '1.30'`,
        `wrong.yaml:4:12 'leaveOut.image-digest' must say why, got 1; write the reason, or { reason: ..., objects: [Deployment/shop] }, or a list of those`,
        '4 faults; nothing was checked',
        '',
      ],
      2,
    ]);
    expect(piped(shop, { leaveOut: ['image-dgest=a b'], format: 'jsn', provide: ['smtp'], namespace: 'A' }).text).toBe(
      `check '--namespace' must be the name of a namespace, got "A"; write it as in shop
check '--format' must be one that is known, got "jsn"; did you mean 'json'?
check '--leave-out' must be one that is known, got "image-dgest"; did you mean 'image-digest'?
check '--provide' must be a kind and a name, got "smtp"; write Secret/smtp, shop/Secret/smtp, or Secret/smtp:user,password
4 faults; nothing was checked
`,
    );
    expect(piped(shop, { config: 'nowhere.yaml' }).text).toContain("nowhere.yaml '--config' must be a file that is there");
  });

  test('has changes judged', () => {
    folder.write('before/shop.yaml', shop.replaceAll('{app: shop}', '{app: web}'));
    folder.write('now/shop.yaml', shop);
    expect(check(['now'], { previous: 'before', severity: 'error' }).text).toContain('(immutable-fields)');
    expect(check(['now'], { previous: 'nowhere', severity: 'error' }).code).toBe(2);
  });

  test('has fields of newer releases found', () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec: {containers: [{name: web, image: "shop:1.0.0"}], resources: {}}\n';
    expect([rulesIn(text, { kubernetes: '1.28' }), rulesIn(text)].map((rules) => rules.includes('known-fields'))).toEqual([
      true,
      false,
    ]);
  });
});

describe('what cannot be read', () => {
  test.each([
    [
      'tab.yaml',
      'kind: A\na:\n\tb: 1\n',
      `tab.yaml:3:1 'YAML' must be readable, got "tab characters must not be used in indentation"; indent by spaces: YAML takes no tab`,
    ],
    [
      'template.yaml',
      'apiVersion: v1\nkind: A\nx: "{{ .Values.name }}"\n',
      `template.yaml:3:5 'YAML' must be rendered, got "a template"; render it first: helm template <chart> | npx cdk8s-phoenix check -`,
    ],
    [
      'braces.yaml',
      'kind: A\nname: {{ name }}\n',
      `braces.yaml:2:7 'YAML' must be rendered, got "a template"; render it first: helm template <chart> | npx cdk8s-phoenix check -`,
    ],
    [
      'binary.yaml',
      'kind: A\0',
      `binary.yaml 'content' must be text in UTF-8, got "binary data"; save it as UTF-8, or leave it out`,
    ],
    [
      'twice.yaml',
      'kind: A\nkind: B\n',
      `twice.yaml:2:1 'YAML' must be readable, got "duplicated mapping key"; keep one of the two`,
    ],
    [
      'cycle.yaml',
      'kind: A\n---\na: &a [*a]\n',
      `cycle.yaml:3:8 'YAML' must be readable, got "an alias of a value that it stands in itself"; mend the line, or the one above it`,
    ],
    [
      'values.yaml',
      'replicas: 2\n',
      `values.yaml 'input' must hold Kubernetes objects, got "passed over values.yaml:1: no Kubernetes object: neither apiVersion nor kind"; name the files that kubectl applies, or pipe in what helm template or kubectl kustomize writes`,
    ],
    [
      'empty.yaml',
      '',
      `empty.yaml 'input' must hold Kubernetes objects, got "nothing"; name the files that kubectl applies, or pipe in what helm template or kubectl kustomize writes`,
    ],
  ])('%s is told in one sentence', (name, text, said) => {
    folder.write(name, text);
    expect(check([name], {})).toEqual({ text: `${said}\n1 fault; nothing was checked\n`, code: 2 });
  });

  test('is told also of what is too large, of nothing, and of a chart', () => {
    folder.write('large.yaml', 'kind: A');
    truncateSync('large.yaml', 100 * 1024 * 1024);
    mkdirSync('nothing');
    folder.write('chart/Chart.yaml', 'name: shop');
    folder.write('chart/templates/a.yaml', '{{');
    expect(check(['large.yaml', 'nowhere', 'chart'], {}).text.split('\n').slice(0, 3)).toEqual([
      `large.yaml 'size' must be at most 20 MB, got "100 MB"; name the files that are applied`,
      `nowhere 'input' must be there, got "nowhere"; name a file, a folder, or - for the standard input`,
      `chart 'input' must be rendered, got "the templates of a Helm chart"; render it: helm template chart | npx cdk8s-phoenix check -`,
    ]);
    expect(check(['nothing'], {})).toMatchObject({
      text: expect.stringContaining('no file that ends in .yaml, .yml or .json'),
      code: 2,
    });
  });

  test('is passed over by name where another program reads it, or it was read', () => {
    folder.write('mixed/shop.yaml', shop);
    folder.write('mixed/compose.yaml', 'services: {web: {image: shop}}\n');
    folder.write('mixed/kustomization.yaml', 'resources: [shop.yaml]\npatches: [{path: more.yaml}]\n');
    folder.write('mixed/more.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {replicas: 3}\n');
    symlinkSync('.', 'mixed/again');
    symlinkSync('nowhere.yaml', 'mixed/gone.yaml');
    const notes = check(['mixed'], { severity: 'error' })
      .text.split('\n')
      .filter((line) => line.startsWith('note: '));
    expect(notes).toEqual([
      'note: passed over mixed/again: a link to a folder that is read already',
      'note: passed over mixed/gone.yaml: a link to nothing',
      'note: passed over mixed/compose.yaml:1: no Kubernetes object: neither apiVersion nor kind',
      'note: passed over mixed/kustomization.yaml:1: read by kustomize: kubectl kustomize mixed | npx cdk8s-phoenix check - judges what it makes',
      'note: passed over mixed/more.yaml:1: a patch of kustomize',
    ]);
  });

  test('is a kind or a version that an object does not say', () => {
    expect(piped('apiVersion: v1\nmetadata: {name: a}\nspec: {}\n').text).toContain("-:1 object/a 'kind' must be given");
    expect(piped('metadata: {name: a}\nspec: {}\n').text).toContain("'apiVersion' must be given");
  });

  test('names kinds whose fields nobody here knows', () => {
    expect(piped('apiVersion: example.com/v1\nkind: Kettle\nmetadata: {name: a}\n')).toMatchObject({
      text: expect.stringContaining('note: kinds whose fields are not known here: Kettle (example.com/v1)'),
      code: 0,
    });
  });
});

test('remedies are in the words of the command line', () => {
  const said = (word: string, other: string) => piped(shop.replace(word, other), { severity: 'warning' }).text;
  const page = said('path: /ready', 'path: /');
  expect(page).toContain(
    'got "/"; add a route that answers by itself, such as /health/ready, and ask that (warning: readiness-own-path)',
  );
  const port = said('"4000"', '"4002"');
  expect(port).toContain('got 4002; give both the same number (port-agrees)');
  for (const text of [page, port]) expect(text).not.toMatch(/OptOut|Checks\.of|application\.port|of the environment/);
});

test('tests of Helm are not deployed', () => {
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\nspec: {containers: []}\n';
  expect(piped(`${shop}---\n${pod}`).text).toContain('note: passed over -:48: what helm test runs');
});

test('places of one problem stand in the order of the input, whatever led to them', () => {
  const service = (name: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80 }] }
`;
  const controller = (name: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: ${name}, image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] }
`;
  const names = ['one', 'two', 'three'];
  const text = [...names.map(service).reverse(), ...names.map(controller)].join('---');
  const report = JSON.parse(check(['-'], { format: 'json' }, () => Buffer.from(text)).text) as {
    findings: { rule: string; places: { object: string }[] }[];
  };
  const places = report.findings
    .filter(({ rule }) => rule === 'served-ready')
    .map((one) => one.places.map(({ object }) => object));
  expect(places).toEqual([names.map((name) => `Deployment/${name}`)]);
});
