import { App } from 'cdk8s';
import { buildEnvironment, render, type Environment, type PhoenixApplication } from '../../lib/index';
import { check } from '../../lib/command/check';
import { read } from '../support/documents';
import { exportsOf, filesOf } from '../support/pages';
import { blocks } from '../support/snippets';
import { Folder } from './folder';

const page = 'docs/from-yaml.md';
const [yaml] = blocks(page, read(page), 'yaml');
const [said] = blocks(page, read(page), 'text');
const files = filesOf(page);
const folder = new Folder();
afterAll(() => folder.remove());

test('the YAML of the page has the findings that stand below it', () => {
  folder.write('shop.yaml', yaml?.code ?? '');
  const { text, code } = check(['shop.yaml'], { severity: 'error' });
  expect([text, code]).toEqual([said?.code, 1]);
});

test('its literal has none', () => {
  const { application, secretKeys } = exportsOf(files, 'lib/application.ts') as {
    application: PhoenixApplication;
    secretKeys: string[];
  };
  const { production } = exportsOf(files, 'lib/environments/production.ts') as { production: Environment };
  const app = new App();
  const facts = { application, secretKeys, environments: { production } };
  buildEnvironment(app, facts, { ...production, name: 'production' });
  expect(render(app).faults).toEqual([]);
});
