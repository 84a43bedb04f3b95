import type { EnvironmentPlan } from './plan';
import { TITLES, type Section, type Statement } from './statement';
import { namesText, summaryOf } from './summary';

/** The forms in which a plan is written. */
export const FORMATS = ['text', 'markdown', 'json'] as const;

export type Format = (typeof FORMATS)[number];

/** Whether a text names one of them. */
export function isFormat(text: string): text is Format {
  return FORMATS.some((format) => format === text);
}

/** A plan as it is printed. */
export function planText(plans: readonly EnvironmentPlan[], format: Format): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ environments: plans }, undefined, 2)}\n`;
    case 'markdown':
      return printable(markdown(plans));
    case 'text':
      return printable(plain(plans));
  }
}

function plain(plans: readonly EnvironmentPlan[]): string {
  const { passages, unchanged } = summaryOf(plans);
  const told = passages.map(({ names, parts }) => [namesText(names), ...parts.flatMap(partLines)].join('\n'));
  return `${[...told, ...unchangedLine(unchanged)].join('\n\n')}\n`;
}

function partLines({ section, statements }: { readonly section: Section; readonly statements: readonly Statement[] }): string[] {
  const [first, ...others] = statements;
  // What has no more to it is told beside its title.
  if (first && others.length === 0 && (first.details ?? []).length === 0 && section === 'costs')
    return [`  ${TITLES[section]}: ${first.text}`];
  return [
    `  ${TITLES[section]}`,
    ...statements.flatMap(({ text, details = [] }) => [`    ${text}`, ...details.map((detail) => `      ${detail}`)]),
  ];
}

function unchangedLine(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`nothing changes in ${namesText(names)}`];
}

/** By what the comment of an earlier run is found again. */
export const MARK = '<!-- cdk8s-phoenix plan -->';

/** For a comment on a pull request: fields that are only changed stand folded. */
function markdown(plans: readonly EnvironmentPlan[]): string {
  const { passages, unchanged } = summaryOf(plans);
  const told = passages.map(({ names, parts }) => {
    const texts = parts.map(({ section, statements }) => {
      const items = statements.flatMap(({ text, details = [] }) => [
        `- ${escaped(text)}`,
        ...details.map((one) => `  - ${escaped(one)}`),
      ]);
      return section === 'rest'
        ? `<details><summary>${TITLES[section]} (${statements.length})</summary>\n\n${items.join('\n')}\n\n</details>`
        : `**${TITLES[section]}**\n\n${items.join('\n')}`;
    });
    return [`### ${namesText(names)}`, ...texts].join('\n\n');
  });
  return `${[MARK, '## What this change does', ...told, ...unchangedLine(unchanged).map((line) => `${line.slice(0, 1).toUpperCase()}${line.slice(1)}.`)].join('\n\n')}\n`;
}

/** Commands and fields as they are: Markdown would take their stars and underscores for its own, and write to whoever is mentioned. */
export function escaped(text: string): string {
  return text.replace(/[\\*_<`|[\]#]/g, '\\$&').replace(/(?<![\w.])@(?=\w)/g, '@<!-- -->');
}

/** What a terminal would obey, and what turns the direction of a line, is written by its number. */
export function printable(text: string): string {
  const number = (one: string): string => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(/(?!\n)[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, number);
}
