import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cdk8s from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import ts from 'typescript';
import { questions } from '../../lib/app-checks/scanners/questions';
import * as library from '../../lib/index';
import { ALERTS, type AlertDefault } from '../../lib/observe/alerts/settings';
import { table } from '../../lib/support/table';
import { inAll } from '../../lib/support/reject';
import { objectsOf } from './environments';
import { program, propsText } from './props-table';
import { routePicture } from './route-picture';
import { build, production } from './stack';
import { vary } from './vary';

const { apartRules, render, rules } = library;

const ROOT = process.cwd();

/** The parts of the documents that say what the code says. `npm run docs` writes them, and a test holds them to it. */
export const documents: Readonly<Record<string, (text: string) => string>> = {
  'lib/support/props.json': propsText,
  'README.md': (text) =>
    [
      (before: string) => intoBlock(before, 'yaml', exampleOutput(block(before, 'ts'))),
      (before: string) => intoBlock(before, 'text', refusal()),
      (before: string) => between(before, 'constructs', constructTable()),
    ].reduce((before, write) => write(before), text),
  'docs/alerts.md': (text) => between(text, 'alerts', alertTable()),
  'docs/checks.md': () => checksPage(),
  'docs/decisions/README.md': (text) => between(text, 'pages', decisions()),
  'docs/routes.md': (text) => between(text, 'route', `\`\`\`mermaid\n${routePicture(objectsOf(production))}\n\`\`\``),
};

/** What the README's program writes, run with the library as it is here. */
function exampleOutput(program: string): string {
  const { outputText } = ts.transpileModule(program, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  const synth: typeof library.synth = (name, apps) => library.synth(join(folder, name), apps);
  const modules: Readonly<Record<string, unknown>> = { cdk8s, 'cdk8s-plus-27': kplus, 'cdk8s-phoenix': { ...library, synth } };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- it is our own README
  new Function('require', 'exports', outputText)((name: string) => modules[name], {});
  const [file = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));
  const text = readFileSync(join(folder, file), 'utf8');
  rmSync(folder, { recursive: true });
  return text;
}

/** What synth prints of a change that looks harmless: a few more pods, larger pools, a tag. */
function refusal(): string {
  const image = 'registry.example.com/kube-native:1.0.1';
  const { faults } = render(build(vary(production, { image, web: { replicas: 6, poolSize: 40 } })));
  return `${inAll(faults.map((fault) => `production: ${fault}`))}\n`;
}

function intoBlock(text: string, language: string, content: string): string {
  return text.replace(
    new RegExp(`(^\`\`\`${language}\n)[^]*?(^\`\`\`$)`, 'm'),
    (_, open: string, close: string) => open + content + close,
  );
}

/** The first block of a document in a language. */
function block(text: string, language: string): string {
  return new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(text)?.[1] ?? '';
}

/** A document with other content between two marks. */
export function between(text: string, mark: string, content: string): string {
  const pattern = new RegExp(`<!-- ${mark} -->[^]*<!-- /${mark} -->`);
  return text.replace(pattern, () => `<!-- ${mark} -->\n\n${content}\n\n<!-- /${mark} -->`);
}

/** One line for each class that the library exports: the first sentence of its description. */
function constructTable(): string {
  const library = program();
  const checker = library.getTypeChecker();
  const source = library.getSourceFile(join(ROOT, 'lib/index.ts'));
  const index = source && checker.getSymbolAtLocation(source);
  const classes = (index ? checker.getExportsOfModule(index) : [])
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .filter((symbol) => symbol.flags & ts.SymbolFlags.Class)
    .map((symbol) => [`\`${symbol.name}\``, sentence(ts.displayPartsToString(symbol.getDocumentationComment(checker)))] as const);
  return table([['class', 'what it is'], ...classes.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function sentence(text: string): string {
  return (/^.*?[.:](?=\s|$)/s.exec(text)?.[0] ?? text).replace(/\s+/g, ' ').replace(/:$/, '.');
}

function decisions(): string {
  const pages = readdirSync(join(ROOT, 'docs/decisions')).filter((name) => /^\d/.test(name));
  const titles = pages.sort().map((name) => [/^# (.*)$/m.exec(read(`docs/decisions/${name}`))?.[1], name] as const);
  return titles.map(([title, name]) => `- [${Number.parseInt(name)}: ${title}](${name})`).join('\n');
}

/** Each alert as it is where nothing changes it. */
function alertTable(): string {
  const rows = Object.entries(ALERTS).map(([name, { severity, minutes, threshold }]: [string, AlertDefault]) => [
    `[${name}](#${name.toLowerCase()})`,
    `\`${severity}\``,
    minutes === 0 ? 'at once' : `${minutes} min`,
    threshold === undefined ? '' : `${threshold.value}: ${threshold.of}`,
  ]);
  return table([['alert', '`severity`', '`after`', '`threshold`'], ...rows]);
}

/** How faults read, which is the same for rules and for props. */
const SENTENCES = [
  '## How a fault reads',
  '',
  '```text',
  'staging: [30-phoenix/Release] \'config.SMTP_PASSWORD\' must not show the secret SMTP_PASSWORD in plain text, got "a value of 14 characters"; keep it in a Secret ... (secret-in-plain-text)',
  '```',
  '',
  'The environment; the construct, by its path in the program, or several that were given the same value; the prop, or the field of the YAML where no prop is the',
  'cause; what must hold; the value; what to do; and for rules the name, by which it is left out. A misspelt prop, rule or word is told with the one that is near.',
  'The last line is the number of faults: nothing is written while there is one.',
  '',
  '**A mistake is one sentence.** What follows from a refused value is not printed: names made from a bad name, pods that read a key which the Secret does not',
  'have, ports that a policy keeps closed. It goes with its cause; what does not is printed at the next synth. Two mistakes are two sentences, also in one object.',
  'A value that is wrong in several places, such as the image of each container of a pod, is told with the first of them: `and 2 more`.',
  '',
  'A rule of your own may say `shape: true` where what it finds keeps others from reading the field, and `follows: [...]` with the names of rules that explain',
  'its findings in the same object: it is silent where they have spoken.',
  '',
  '## An App that others have charts in',
  '',
  '**These charts are judged: those that a construct of this library was put into, with all that is in them, and those that `Checks.of` was called with.** The others of the App are',
  'read, so that a Service of theirs may be named; nothing is said of them, and nothing is written into them: no label of the cluster, no reason, no annotation for a scanner.',
  '',
  '```ts',
  "import { App, Chart } from 'cdk8s';",
  "import { Checks, PhoenixRelease, type PhoenixReleaseProps } from 'cdk8s-phoenix';",
  '',
  'declare const platform: App; // with charts of twenty teams',
  'declare const props: PhoenixReleaseProps;',
  '',
  "const shop = new Chart(platform, 'shop', { namespace: 'shop', disableResourceNameHashes: true });",
  "new PhoenixRelease(shop, 'Release', props);",
  "Checks.of(platform).kubernetes = '1.33'; // settings are those of the App; 'shop' alone is judged",
  '```',
  '',
  '| What is said                 | What is judged                                                                                              |',
  '| ---------------------------- | ----------------------------------------------------------------------------------------------------------- |',
  '| nothing, or `Checks.of(app)` | the charts with a construct of ours; the whole App, where it has none                                       |',
  '| `Checks.of(chart)`           | that chart too; that chart alone, where the App has no construct of ours and `Checks.of(app)` is not called |',
  '| `Checks.of(app).only(a, b)`  | these alone, whoever made them                                                                              |',
  '| `Checks.of(app).only(app)`   | the whole App                                                                                               |',
  '| an environment of a stack    | the whole App, with what `amend` adds                                                                       |',
  '',
  '- A chart is the nearest one around a construct; charts in it go with it. `synth` and `render` name those that were passed over, unless `only` was said.',
  '- Each chart may have a namespace of its own, or that of its first object. Nothing of one namespace stands for what is missing in another.',
  '- Of two objects that claim one name, host or port, ours is told. Data that are gone count as ours where the namespace has something of ours.',
  '- `clusterNeeds`, the rights of a `Deployer` and an `ImageDeployer`, the project of an `ArgoApplication` and the steps of `FluxKustomizations` are about the same charts; rights to deploy are for those of one namespace.',
  '- What a construct does to all of a namespace it does to what others have there: `ServiceMesh`, `NetworkFence`; and `PodDefaults` to all below the construct that it is given.',
  '',
];

function scannersPart(): string[] {
  return [
    '## Public scanners',
    '',
    'Checkov, kube-linter, kube-score and Polaris find what was left out on purpose, and each wants its own annotation to be quiet about it. With',
    '',
    '```ts',
    "scanners: ['checkov', 'kube-score'],",
    '```',
    '',
    'in an environment, or `Checks.of(app).scanners = [...]`, synth writes them: `checkov.io/skip1: CKV_K8S_8=<reason>`, `ignore-check.kube-linter.io/no-liveness-probe: <reason>`,',
    '`kube-score/ignore: pod-probes`, `polaris.fairwinds.com/livenessProbeMissing-exempt: "true"`. The reasons are those of the opt-outs, of props and of rules, and those below for what holds without one.',
    '',
    '- An object has annotations for checks that it fails and that have a reason. All else is for the scanner to report: one pod where two were possible, a Service of type NodePort.',
    '- They are annotations of the object itself, not of its pods: nothing is rolled out. What you wrote there yourself stays.',
    '- Checkov reads the reason up to an `=`, which becomes a space. kube-score and Polaris have no room for one: `cdk8s-phoenix/opt-outs` or the table has it.',
    '',
    decidedChecks(),
    '',
  ];
}

/** What is decided without an opt-out, each reason with all checks that it answers. */
function decidedChecks(): string {
  const checks = new Map<string, Set<string>>();
  for (const { decided, checks: of } of questions) {
    if (decided === undefined) continue;
    const named = Object.values(of).flat();
    checks.set(decided, new Set([...(checks.get(decided) ?? []), ...named]));
  }
  const rows = [...checks].map(([why, of]) => [[...of].map((check) => `\`${check}\``).join(', '), why]);
  return table([['Check', 'Why it is as it is'], ...rows]);
}

function checksPage(): string {
  type Told = Pick<library.Rule, 'name' | 'sentence' | 'why' | 'source' | 'severity'>;
  const told = ({ name, sentence: what, why, source, severity }: Told) =>
    `## ${name}\n\n${severity === 'warning' ? '_Warning._ ' : ''}${what}\n\n${why} [Source](${source}).`;
  return [
    '# Checks',
    '',
    'Rules over the finished objects of one environment. They run at every synth, on every object that is [ours](#an-app-that-others-have-charts-in), made by a construct or by hand. Each can be left',
    "out by its name: `Checks.of(app).leaveOut('image-digest', OptOut.because('...'))`, for the whole App, or for what is below a construct: `Checks.of(release).leaveOut(...)`. The reason stands in the YAML: annotation `cdk8s-phoenix/opt-outs`.",
    '',
    'Most are errors: what they find fails in the cluster, or loses data, secrets or requests. Those that say _Warning_ are about what hurts under load, or is a matter of policy.',
    "Both stop a synth; with `warnings: 'print'` in the environment, or `Checks.of(app).warnings = 'print'`, warnings are told and the files are written.",
    'In an App that others have charts in, [ours alone are judged](#an-app-that-others-have-charts-in). YAML from elsewhere is judged by a command: [check.md](check.md).',
    '',
    ...SENTENCES,
    ...scannersPart(),
    rules.map(told).join('\n\n'),
    '',
    '# Between environments',
    '',
    'Rules over all environments that are synthesized together: see docs/changes.md for those that were there before.',
    '',
    apartRules.map(told).join('\n\n'),
    '',
  ].join('\n');
}

/** What a document should be. */
export function expected(name: string): string {
  return documents[name]?.(read(name)) ?? '';
}

/** What a document is. */
export function read(name: string): string {
  try {
    return readFileSync(join(ROOT, name), 'utf8');
  } catch {
    return '';
  }
}
