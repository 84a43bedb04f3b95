import { SECTIONS, TITLES, type Statement } from '../statement';
import { escaped, printable, type Format } from '../text';
import { LIVE_SECTIONS, type LivePlan, type LiveSection } from './live';

const LIVE_TITLES: Readonly<Record<LiveSection, string>> = {
  missing: 'Missing',
  changed: 'Changed by others, from what is written to what is there',
  added: 'Added by others',
  scaled: 'Set by autoscalers that are not written here',
  pending: 'Not applied yet',
  unread: 'Not compared',
};

/** A comparison with the cluster as it is printed. */
export function liveText(plan: LivePlan, format: Format): string {
  if (format === 'json') return `${JSON.stringify({ environments: [plan] }, undefined, 2)}\n`;
  const [own, applied] = [
    LIVE_SECTIONS.map((section) => ({ title: LIVE_TITLES[section], statements: plan.live[section] })),
    SECTIONS.map((section) => ({
      title: `With the next apply: ${TITLES[section].toLowerCase()}`,
      statements: plan.apply[section],
    })),
  ];
  const parts = [...own, ...applied].filter(({ statements }) => statements.length > 0);
  return printable(format === 'markdown' ? markdown(plan, parts) : plain(plan, parts));
}

interface Part {
  readonly title: string;
  readonly statements: readonly Statement[];
}

function summary({ name, objects, differing }: LivePlan): string {
  if (objects === 0) return `${name}: nothing was compared`;
  return differing === 0
    ? `${name} is in the cluster as it is written: ${objects} objects`
    : `${name}: ${differing} of ${objects} objects are not in the cluster as they are written`;
}

function plain(plan: LivePlan, parts: readonly Part[]): string {
  const lines = parts.flatMap(({ title, statements }) => [
    `  ${title}`,
    ...statements.flatMap(({ text, details = [] }) => [`    ${text}`, ...details.map((detail) => `      ${detail}`)]),
  ]);
  return `${[summary(plan), ...lines].join('\n')}\n`;
}

function markdown(plan: LivePlan, parts: readonly Part[]): string {
  const told = parts.map(({ title, statements }) => {
    const items = statements.flatMap(({ text, details = [] }) => [
      `- ${escaped(text)}`,
      ...details.map((detail) => `  - ${escaped(detail)}`),
    ]);
    return `**${title}**\n\n${items.join('\n')}`;
  });
  return `${[`### ${escaped(summary(plan))}`, ...told].join('\n\n')}\n`;
}
