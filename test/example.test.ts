import { App } from 'cdk8s';
import { buildEnvironment, Checks, render, type Environment, type Rule, type StackFacts } from '../lib/index';
import { read } from './support/documents';
import { exportsOf, filesOf } from './support/pages';
import { build, staging } from './support/stack';

const page = 'docs/example.md';
const pieces = filesOf(page);
const facts = exportsOf(pieces, 'lib/application.ts') as unknown as StackFacts;

describe.each(['staging', 'production'])('the worked example, %s', (name) => {
  const app = new App();
  const environment = exportsOf(pieces, `lib/environments/${name}.ts`)[name] as Environment;
  buildEnvironment(app, facts, { ...environment, name });
  const { faults, files: written } = render(app);

  test('has no fault', () => {
    expect(faults).toEqual([]);
  });

  test('needs what the page says must be there', () => {
    const text = [...written.values()].join('\n');
    const named = [
      ...text.matchAll(/secretKeyRef:\n\s+key: (\w+)\n\s+name: ([\w-]+)/g),
      ...text.matchAll(/imagePullSecrets:\n\s+- (name): ([\w-]+)/g),
      ...text.matchAll(/serviceAccount(Name): ([\w-]+)/g),
    ].flatMap(([, key = '', object = '']) => (key.endsWith('ame') ? [object] : [key, object]));
    const after = read(page).split('## What must be there before')[1] ?? '';
    expect(new Set(named).size).toBeGreaterThan(8);
    expect([...new Set(named)].filter((word) => !new RegExp(`\\b${word}\\b`).test(after))).toEqual([]);
  });
});

test("the worked example's program builds these two", () => {
  expect(pieces.get('main.ts')).toContain('synthStack({ application, secretKeys, environments: { staging, production } }');
});

describe('the rule that the documents write', () => {
  const { teamNamed } = exportsOf(filesOf('docs/contributing.md'), 'lib/team-named.ts') as { teamNamed: Rule };
  const faults = (annotations: Record<string, string>): readonly string[] =>
    render(
      build({
        ...staging,
        amend: ({ release, workers }) => {
          Checks.of(release).add(teamNamed);
          for (const { deployment } of [release.web, ...Object.values(workers).map(({ pods }) => pods)])
            for (const [key, value] of Object.entries(annotations)) deployment.metadata.addAnnotation(key, value);
        },
      }),
    ).faults;

  test('speaks where its annotation is missing, as the page shows it', () => {
    const [fault = ''] = faults({});
    expect(fault).toMatch(/'metadata.annotations\["example.com\/team"\]' must name a team, got nothing; add it in 'amend': /);
    expect(fault).toMatch(/\(team-named\)$/);
  });

  test('is silent where it is there', () => {
    expect(faults({ 'example.com/team': 'shop' })).toEqual([]);
  });
});
