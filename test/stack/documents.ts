import { readFileSync } from 'node:fs';
import { App } from 'cdk8s';
import { sideBySide } from '../../lib/environment/side-by-side';
import { needsText } from '../../lib/needs/needs-text';
import { stack } from '../../lib/environments';
import { buildEnvironment, clusterNeeds, effectiveKnobs, render, type EffectiveKnob } from '../../lib/index';
import { planOf } from '../../lib/plan/plan';
import { sideOf } from '../../lib/plan/side';
import { planText } from '../../lib/plan/text';
import { between } from '../support/documents';
import { operatorCommands } from './operators';

/** README.md with what it says of the stack: production's literal, what the environments come to, what the cluster of the second must have, and a plan. */
export function readme(text: string): string {
  const told = between(between(text, 'environments', environmentTable()), 'needs', needsOf('staging'));
  return between(between(told, 'literal', literalOf('production')), 'plan', planOfRelease('production'));
}

/** docs/operators.md with what is typed in each environment. */
export function operators(text: string): string {
  const all = Object.keys(stack.environments).map((name) => operatorCommands(name, rendered(name)));
  return between(text, 'commands', all.join('\n\n'));
}

const image = 'registry.example.com/shop:1.0.0@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';

function rendered(name: string, its = image): App {
  const app = new App();
  const environment = stack.environments[name];
  if (environment) buildEnvironment(app, stack, { ...environment, name, image: environment.image ?? its });
  render(app);
  return app;
}

/** What a plan says of the next release of an environment. */
function planOfRelease(name: string): string {
  const next = image.replace(':1.0.0@', ':1.1.0@');
  return `\`\`\`txt\n${planText([planOf(name, sideOf(rendered(name)), sideOf(rendered(name, next)))], 'text')}\`\`\``;
}

/** Side by side: of the pods what is asked first, and their variables not at all. */
function environmentTable(): string {
  const asked = ([knob]: EffectiveKnob): boolean => !/: (?:image|waits for|(?!PHX_HOST$|POOL_SIZE$)[A-Z_]{4,})$/.test(knob);
  const columns = Object.keys(stack.environments).map((name) => [name, effectiveKnobs(rendered(name)).filter(asked)] as const);
  return sideBySide(new Map(columns)).trim();
}

/** An environment as it stands in the stack, without what its file imports. */
function literalOf(name: string): string {
  const [, literal = ''] = /\n(export const [^]*?\n\};)\n/.exec(readFileSync(`lib/environments/${name}.ts`, 'utf8')) ?? [];
  return `\`\`\`typescript\n${literal}\n\`\`\``;
}

function needsOf(name: string): string {
  return `\`\`\`txt\n${needsText(name, clusterNeeds(rendered(name)))}\`\`\``;
}
