import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { judge, objectsOf, rules, worldOf } from '../../lib/checks/index';
import { selectorFindsPods } from '../../lib/checks/references/services';
import * as library from '../../lib/index';
import { either, leftOut, onlyInLiteral, provided, remedy } from '../../lib/model/remedy';
import props from '../../lib/support/props.json';

/** What is said of an App and not of an object: no rule, or one about environments side by side. */
const OF_APPS = /\/(?:apart|scanners)\/|\/(?:checks|needs-\w+|operators|previous(?:-\w+)?)\.ts$/;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : path.endsWith('.ts') ? [path] : [];
  });
}

interface Text {
  readonly at: string;
  readonly text: string;
}

/** The texts of a source that may become a part of a sentence about YAML: all but those that are for literals. */
function textsIn(source: string, path: string): Text[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found: Text[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || isAbout(node) || isForLiterals(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      // What is put into a text is looked at by itself.
      const parts = ts.isStringLiteralLike(node)
        ? [node.text]
        : [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text);
      found.push({ at: `${path}:${line + 1}`, text: parts.join('...') });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** What is said of a rule as a whole. */
function isAbout(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node) && /^(?:name|sentence|why|source)$/.test(node.name.getText());
}

/** What is called `inLiteral`, what is handed to `onlyInLiteral`, and what `either` and `provided` get after the first. */
function isForLiterals(node: ts.Node): boolean {
  const named = (name?: ts.Node): boolean => name !== undefined && ts.isIdentifier(name) && /in_?literal$/i.test(name.text);
  if (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isFunctionDeclaration(node)) return named(node.name);
  const { parent } = node;
  if (parent === undefined || !ts.isCallExpression(parent) || parent.expression === node) return false;
  const isSecond = parent.arguments.findIndex((one) => one === node) > 0;
  return named(parent.expression) || (isSecond && ['either', 'provided'].includes(parent.expression.getText()));
}

const CONSTRUCTS = new RegExp(
  `\\b(?:${Object.keys(library)
    .filter((name) => /^[A-Z][a-z]+[A-Z]/.test(name))
    .join('|')})\\b`,
);
const PROPS = new Set(
  Object.values(props.types)
    .flatMap((type) => (typeof type === 'object' ? Object.keys(type) : []))
    .map((name) => name.replace(/\?$/, '')),
);
const WORDS =
  /\b(?:Checks|leaveOut|amend)\b|(?<!\/)docs\/|\bof (?:the|a|our) (?:environment|role|worker)\b|\bours?\b|environment's/;

/** The words of a text that only somebody knows who writes literals: constructs, props in quotes, pages of ours. */
function oursIn(text: string): string[] {
  const quoted = [...text.matchAll(/(?<![\w[])'([a-z]\w*)(?:\.\w+)*(?:: [^']*)?'/g)];
  const knobs = quoted.flatMap(([whole, name = '']) => (PROPS.has(name) ? [whole] : []));
  return [...(CONSTRUCTS.exec(text) ?? []), ...(WORDS.exec(text) ?? []), ...knobs];
}

describe('a remedy for whoever has the YAML alone', () => {
  const files = ['lib/checks', 'lib/model', 'lib/schema']
    .flatMap(sources)
    .filter((path) => !OF_APPS.test(path) && !path.endsWith('/remedy.ts'));
  const texts = files.flatMap((path) => textsIn(readFileSync(path, 'utf8'), path));

  test('has no word of ours in any rule', () => {
    expect(texts.length).toBeGreaterThan(3000);
    expect(texts.flatMap(({ at, text }) => oursIn(text).map((word) => `${at}: ${word} of "${text}"`))).toEqual([]);
  });

  test.each([
    ["add it to 'egress' of the NetworkFence", ['NetworkFence', "'egress'"]],
    ["take it out: 'application.port' gives the variable", ["'application.port'"]],
    ["run two, or say 'singleton: true' of the role", ['of the role', "'singleton: true'"]],
    ['find pods of the environment', ['of the environment']],
    ["say so: Checks.of(app).leaveOut('boot-files', OptOut.because('...'))", ['OptOut', 'Checks']],
    ['take the change back: docs/changes.md', ['docs/']],
    ["write 'Never', or effect: 'NoExecute'", []],
    ['https://kubernetes.io/docs/concepts/', []],
  ])('knows the words of ours in %j', (text, words) => {
    expect(oursIn(text)).toEqual(words);
  });

  test('is looked for in each text that is not for literals', () => {
    const source =
      "const fix = 'one';\nconst inLiteral = 'two';\nconst found = { fix: `three ${either('four', 'five')}`, why: 'six' };\nonlyInLiteral('seven');";
    expect(textsIn(source, 'rule.ts').map(({ text }) => text)).toEqual(['one', 'three ...', 'four']);
  });
});

describe('a remedy in two wordings', () => {
  test('is put together of parts, and is one where nothing differs', () => {
    const part = either('set PORT', "write it in 'application.port'");
    expect(remedy`${part}, or ${2} more${onlyInLiteral(": 'http'")}`).toEqual({
      fix: 'set PORT, or 2 more',
      inLiteral: "write it in 'application.port', or 2 more: 'http'",
    });
    expect(remedy`write ${'one'} of ${3}`).toEqual({ fix: 'write one of 3' });
    expect(remedy`write ${remedy`it`}`).toEqual({ fix: 'write it' });
  });

  test('says what is provided, and what is left out, as the command line and as an App do', () => {
    expect(provided('Secret', 'smtp')).toEqual({
      fix: 'say --provide Secret/smtp',
      inLiteral: "declare it with Checks.of(app).provide({ kind: 'Secret', name: 'smtp' })",
    });
    expect(provided('Namespace', undefined, 'the other one')).toEqual({
      fix: 'say --provide Namespace/<name>',
      inLiteral: "declare the other one with Checks.of(app).provide({ kind: 'Namespace', name })",
    });
    expect(leftOut('job-containers-end', 'job')).toEqual({
      fix: '--leave-out job-containers-end=<reason>',
      inLiteral: "Checks.of(app).leaveOut('job-containers-end', OptOut.because('...'), job)",
    });
  });

  const spec = { selector: { app: 'shop' }, ports: [{ port: 80 }] };

  test('is printed by an App in the words of a literal', () => {
    const app = new App();
    new k8s.KubeService(new Chart(app, 'web', { namespace: 'shop' }), 'service', {
      metadata: { name: 'shop' },
      spec: spec,
    });
    library.Checks.of(app);
    expect(app.node.validate().filter((fault) => fault.includes('selector-finds-pods'))).toEqual([
      `[web/service] 'spec.selector' must find pods, got "app=shop"; write the labels of a pod template; where an operator makes the pods, leave the rule out here (selector-finds-pods)`,
    ]);
  });

  test('is a whole sentence in both', () => {
    const shop = { name: 'shop', namespace: 'shop' };
    const env = [
      ['PHX_HOST', 'shop.example.com'],
      ['REDIS_URL', 'redis://redis.cache.svc:6379'],
      ['MAIL_URL', 'https://10.1.2.3:8443'],
    ].map(([name, value]) => ({ name, value }));
    const ports = [{ name: 'http', containerPort: 4000 }];
    const container = { name: 'shop', image: 'ghcr.io/acme/shop:1.0', command: ['/app/bin/shop', 'start'], ports, env };
    const template = { metadata: { labels: { app: 'shop' } }, spec: { containers: [container] } };
    const backend = { service: { name: 'shop', port: { number: 80 } } };
    const paths = [{ path: '/', pathType: 'Prefix', backend }];
    const manifests = [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: shop, spec: { strategy: { type: 'Recreate' }, template } },
      { apiVersion: 'v1', kind: 'Service', metadata: shop, spec: { ...spec, ports: [{ port: 80, targetPort: 'http' }] } },
      { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: shop, spec: { rules: [{ http: { paths } }] } },
      { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: shop, spec: { policyTypes: ['Ingress', 'Egress'] } },
    ];
    const names = ['hosts-reachable', 'network-open', 'stays-served', 'url-scheme-served'];
    const asked = rules.filter(({ name }) => names.includes(name));
    const open =
      'in the egress of a NetworkPolicy of these pods; where nobody connects there, say so: --leave-out hosts-reachable=<reason>';
    const found = judge(worldOf(objectsOf(manifests), {}), asked).map(([, { fix, inLiteral = '' }]) => [fix, inLiteral]);
    const add = 'add a rule with this peer and this port, protocol included';
    const start = 'start a new pod first, with RollingUpdate, maxSurge 1 and maxUnavailable 0';
    const entry = (variable: string, host: string) =>
      `to 'egress' of the NetworkFence; or name ${variable} in 'backingServices' of the release, and where nobody connects to ${host}, write OptOut.because('...') there`;
    expect(Object.fromEntries(found)).toEqual({
      [`open TCP 6379 to the pods of the Service, by their own port where that is another, ${open}`]: `add { port: 6379, peer: { namespace: 'cache' } } with the port of the Service's pods where that is another, ${entry('REDIS_URL', 'redis.cache.svc')}`,
      [`open TCP 8443 to 10.1.2.3, ${open}`]: `add { port: 8443, peer: { cidr: '10.1.2.3/32' } } ${entry('MAIL_URL', '10.1.2.3')}`,
      [add]: '',
      'add a rule with the namespace of the controller, or its address, and this port, protocol included': `name the namespace of the controller in 'proxies' of the route ('clients' of the NetworkFence), or ${add}`,
      [start]: `${start}; or say 'singleton: true' of the role`,
      'give it a certificate, or say --leave-out url-scheme-served=<reason> where TLS ends in front; or set PHX_URL_SCHEME=http for config/runtime.exs to read, and leave out force_ssl': `give it a certificate, or say 'tls: OptOut.because(...)' of our routes where TLS ends in front; or tell the release "url: { scheme: 'http', port: 80 }", and leave out force_ssl`,
    });
  });

  test('is given by a rule in both', () => {
    const manifest = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop', namespace: 'shop' }, spec };
    const [[, finding] = []] = judge(worldOf(objectsOf([manifest]), {}), [selectorFindsPods]);
    expect(finding).toMatchObject({
      fix: 'write the labels of a pod template; where an operator makes the pods, say so: --leave-out selector-finds-pods=<reason>',
      inLiteral: 'write the labels of a pod template; where an operator makes the pods, leave the rule out here',
    });
  });
});
