import { asGithub } from '../../lib/check/formats/github';
import { asJunit } from '../../lib/check/formats/junit';
import { asSarif } from '../../lib/check/formats/sarif';
import type { Report } from '../../lib/check/problem';
import { check } from '../../lib/command/check';
import { Folder, piped, shop } from './folder';

const folder = new Folder();
afterAll(() => folder.remove());

const rule = { name: 'a-rule', sentence: 'A & b.', why: 'So.', source: 'https://example.com/', severity: 'warning' } as const;
const place = { file: 'k8s/a b,c:100%.yaml', line: 3, column: 5, object: 'Pod/shop', field: 'spec["a<b"]' };
const report: Report = {
  problems: [
    {
      rule: 'a-rule',
      severity: 'warning',
      policy: false,
      must: 'be "1" & <2>\nor 3',
      got: '"50%\u0001"',
      fix: 'write it',
      why: 'So.',
      source: 'https://example.com/',
      places: [place, { ...place, file: 'b.yaml', line: 1, column: 1 }],
    },
  ],
  objects: 1,
  releases: [],
  notes: [],
  rules: [rule, { ...rule, name: 'another-rule' }],
};

interface Sarif {
  readonly version: string;
  readonly $schema: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number; readonly startColumn: number };
        };
      }[];
      readonly relatedLocations?: readonly unknown[];
    }[];
  }[];
}

describe('SARIF', () => {
  test('has what 2.1.0 wants: rules by their index, levels, lines from 1, paths as URIs', () => {
    folder.write('k8s/shop.yaml', shop);
    const { version, $schema, runs } = JSON.parse(check(['k8s'], { format: 'sarif' }).text) as Sarif;
    expect([version, $schema.endsWith('sarif-schema-2.1.0.json'), runs.length]).toEqual(['2.1.0', true, 1]);
    const [{ tool, results } = { tool: undefined, results: [] }] = runs;
    expect(results.length).toBeGreaterThan(10);
    for (const { ruleId, ruleIndex, level, message, locations } of results) {
      expect(tool?.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(['error', 'warning']).toContain(level);
      expect(message.text).toMatch(/^\w+\/shop '.+' must .+, got .+; .+/);
      const [{ physicalLocation } = { physicalLocation: undefined }] = locations;
      expect(physicalLocation?.artifactLocation.uri).toBe('k8s/shop.yaml');
      expect(physicalLocation?.region.startLine).toBeGreaterThan(1);
      expect(physicalLocation?.region.startColumn).toBeGreaterThan(0);
    }
  });

  test('has no property at the top that the schema does not know, and what code scanning asks for', () => {
    const { text } = piped(shop, { format: 'sarif', beam: ['nosuch'] });
    const { runs } = JSON.parse(text) as { runs: Record<string, unknown>[] };
    const [run = {}] = runs;
    expect(Object.keys(run)).toEqual(['tool', 'columnKind', 'invocations', 'results']);
    expect(run['invocations']).toEqual([
      {
        executionSuccessful: true,
        toolExecutionNotifications: [{ level: 'note', message: { text: expect.stringContaining('--beam nosuch') as unknown } }],
      },
    ]);
    const { driver } = run['tool'] as { driver: { rules: Record<string, unknown>[] } };
    for (const one of driver.rules)
      expect(one).toEqual({
        id: expect.stringMatching(/^[a-z-]+$/) as unknown,
        shortDescription: { text: expect.stringMatching(/./) as unknown },
        fullDescription: { text: expect.stringMatching(/./) as unknown },
        help: { text: expect.stringMatching(/https:/) as unknown },
        helpUri: expect.stringMatching(/^https:/) as unknown,
        defaultConfiguration: { level: expect.stringMatching(/^(?:error|warning)$/) as unknown },
      });
  });

  test('has fingerprints that no line moves, one for each result', () => {
    const prints = (text: string) =>
      (JSON.parse(piped(text, { format: 'sarif' }).text) as { runs: { results: { partialFingerprints: unknown }[] }[] }).runs
        .flatMap(({ results }) => results)
        .map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
    expect(prints(`# one more line\n${shop}`)).toEqual(prints(shop));
    expect(new Set(prints(shop)).size).toBe(prints(shop).length);
  });

  test('says that nothing was judged where something cannot be read', () => {
    const { runs } = JSON.parse(piped('kind: A\n\tb: 1\n', { format: 'sarif' }).text) as { runs: { invocations: unknown[] }[] };
    expect(runs[0]?.invocations).toEqual([expect.objectContaining({ executionSuccessful: false })]);
  });

  test('names each place, and a file as a URI', () => {
    const { runs } = JSON.parse(asSarif(report)) as Sarif;
    const places = runs[0]?.results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri);
    expect(places).toEqual(['k8s/a%20b%2Cc%3A100%25.yaml', 'b.yaml']);
  });
});

test('annotations of GitHub are one for each place, and escaped', () => {
  const words = `'spec["a<b"]' must be "1" & <2>%0Aor 3, got "50%25?"; write it`;
  expect(asGithub(report).split('\n')).toEqual([
    `::warning file=k8s/a b%2Cc%3A100%25.yaml,line=3,col=5,title=Pod/shop (a-rule)::${words}`,
    `::warning file=b.yaml,line=1,col=1,title=Pod/shop (a-rule)::${words}`,
    '0 errors, 1 warning in 1 object; took nothing for a BEAM release: --beam <name> says what is one',
    '',
  ]);
});

test('JUnit has a case for each rule and each finding, and is XML', () => {
  expect(asJunit(report)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0">
  <testsuite name="cdk8s-phoenix check" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="cdk8s-phoenix" name="another-rule"/>
    <testcase classname="cdk8s-phoenix" name="a-rule: Pod/shop spec[&quot;a&lt;b&quot;]" file="k8s/a b,c:100%.yaml" line="3">
      <failure type="warning" message="must be &quot;1&quot; &amp; &lt;2&gt;&#10;or 3, got &quot;50%?&quot;; write it">k8s/a b,c:100%.yaml:3:5 Pod/shop 'spec[&quot;a&lt;b&quot;]' must be &quot;1&quot; &amp; &lt;2&gt;&#10;or 3, got &quot;50%?&quot;; write it
b.yaml:1:1 Pod/shop 'spec[&quot;a&lt;b&quot;]' must be &quot;1&quot; &amp; &lt;2&gt;&#10;or 3, got &quot;50%?&quot;; write it</failure>
    </testcase>
    <system-out>0 errors, 1 warning in 1 object; took nothing for a BEAM release: --beam &lt;name&gt; says what is one</system-out>
  </testsuite>
</testsuites>
`);
});

test('JSON has places, counts and what was taken for a release', () => {
  const { summary, findings } = JSON.parse(piped(shop, { format: 'json', severity: 'error' }).text) as {
    summary: unknown;
    findings: unknown[];
  };
  expect(summary).toEqual({ errors: 1, warnings: 0, objects: 3, releases: ['shop/web'] });
  expect(findings).toEqual([
    expect.objectContaining({
      rule: 'target-ports',
      severity: 'error',
      places: [{ file: '-', line: 46, column: 7, object: 'Service/shop', field: 'spec.ports[0].targetPort' }],
    }),
  ]);
});

test.each(['json', 'sarif', 'github', 'junit'])('what cannot be read is told as %s too', (format) => {
  const { text, code } = piped('kind: A\n\tb: 1\n', { format });
  expect(code).toBe(2);
  expect(text).toContain('readable');
  expect(text).not.toContain('BEAM release');
  if (format === 'json' || format === 'sarif') expect(() => JSON.parse(text) as unknown).not.toThrow();
});

test('what cannot be read has the fields of any finding in JSON', () => {
  const fieldsOf = (text: string) => {
    const { findings } = JSON.parse(text) as { findings: object[] };
    return Object.keys(findings[0] ?? {}).sort();
  };
  const found = fieldsOf(piped(shop, { format: 'json' }).text);
  expect(found).toContain('policy');
  expect(fieldsOf(piped('kind: A\n\tb: 1\n', { format: 'json' }).text)).toEqual(found);
});

test('what cannot be read shows what was found as any finding does', () => {
  const gotOf = (text: string) =>
    (JSON.parse(piped(text, { format: 'json' }).text) as { findings: { got: string }[] }).findings.map(({ got }) => got);
  expect(gotOf('apiVersion: v1\nkind: List\nitems: [null]\n')).toEqual(['nothing']);
  expect(gotOf('kind: A\n\tb: 1\n')).toEqual(['"tab characters must not be used in indentation"']);
});

describe('values of Secrets', () => {
  const password = 'Sup3r-s3cret-pass';
  const encoded = Buffer.from(password).toString('base64');
  const secret = `apiVersion: v1
kind: Secret
metadata: {name: shop, labels: {a: "${password}!"}}
type: kubernetes.io/tls
immutable: "${password}"
data:
  A: ${encoded}
  B: 4711471147114711
  C: "not base64 ${password}"
stringData:
  DATABASE_URL: ecto://shop:${password}@db/shop
  NUMBER: 4711471147114711
---
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: web
      image: "${password}"
      env: [{name: A, value: "${encoded}"}, {name: DATABASE_URL, value: "ecto://shop:${password}@db/shop"}]
`;

  test.each(['text', 'json', 'sarif', 'github', 'junit'])('stand nowhere in %s', (format) => {
    const { text } = piped(secret, { format, severity: 'warning' });
    expect(text).toMatch(/secret-in-plain-text|secret-type/);
    for (const value of [password, encoded, '4711471147114711']) expect(text).not.toContain(value);
  });

  const inPod = (rest: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, ${rest}}]}\n`;
  const inSecret = (rest: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n${rest}\n`;
  test.each([
    inSecret(`${password}: a`),
    inSecret(`stringData: {a: {b: [${password}]}}`),
    inSecret(`spec: {a: ${password}}`),
    inPod(`env: {DB_PASSWORD: ${password}}`),
    inPod(`env: ["DB_PASSWORD=${password}"]`),
    inPod(`env: [{name: DB_PASSWORD, value: [${password}]}]`),
    inPod(`env: [{name: DB_PASSWORD, valeu: ${password}}]`),
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {DB_PASSWORD: [${password}]}\n`,
  ])('stand nowhere in what has another form than it should: %s', (text) => {
    const { findings } = JSON.parse(piped(text, { format: 'json' }).text) as { findings: { rule: string }[] };
    expect(findings.map(({ rule }) => rule)).toContainEqual(expect.stringMatching(/field-types|known-fields/));
    expect(JSON.stringify(findings)).not.toContain(password);
  });

  test('are looked for in one go, however many there are', () => {
    const many = Array.from({ length: 5000 }, (_, at) => `  K${at}: ${password}-${at}\n`).join('');
    const { text } = piped(`${inSecret(`stringData:\n${many}`)}---\n${inPod(`image: "${password}-4711"`)}`);
    expect(text).toContain(`got "<${password.length + 5} characters>"`);
  });

  test('stand in no fault of the parser either', () => {
    expect(piped(`kind: Secret\nstringData:\n  A: "${password}\n`).text).not.toContain(password);
    expect(piped(`kind: Secret\nstringData: {A: *${password}}\n`).text).not.toContain(password);
  });
});
