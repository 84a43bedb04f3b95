import { UNCHANGED } from './costs';
import type { EnvironmentPlan } from './plan';
import { SECTIONS, type Section, type Statement } from './statement';

/** A part of a report: what is said of one or more environments alike. */
export interface Passage {
  readonly names: readonly string[];
  readonly parts: readonly { readonly section: Section; readonly statements: readonly Statement[] }[];
}

/** A plan as it is told: what is the same in several environments stands once. */
export interface Summary {
  readonly passages: readonly Passage[];
  /** Environments in which nothing changes. */
  readonly unchanged: readonly string[];
}

/** Tells once what is the same in several environments. */
export function summaryOf(plans: readonly EnvironmentPlan[]): Summary {
  const changing = plans.filter(({ changes }) => changes);
  const homes = new Map<string, string[]>();
  for (const { name, sections } of changing)
    for (const one of sections.rest) homes.set(alikeText(one), [...(homes.get(alikeText(one)) ?? []), name]);
  const isShared = (one: Statement): boolean => (homes.get(alikeText(one))?.length ?? 0) > 1;
  const own = changing.map(({ name, sections }) => ({
    name,
    sections: { ...sections, rest: sections.rest.filter((one) => !isShared(one)) },
  }));
  const alike = new Map<string, { names: string[]; sections: EnvironmentPlan['sections'] }>();
  for (const { name, sections } of own) {
    const key = JSON.stringify(SECTIONS.map((section) => sections[section].map(({ text, details }) => [text, details])));
    const known = alike.get(key);
    if (known) known.names.push(name);
    else alike.set(key, { names: [name], sections });
  }
  const common = new Map<string, Passage>();
  for (const { sections } of changing)
    for (const statement of sections.rest.filter(isShared)) {
      const text = alikeText(statement);
      const names = homes.get(text) ?? [];
      const key = names.join();
      const statements = common.get(key)?.parts[0]?.statements ?? [];
      if (statements.some((one) => one.text === text)) continue;
      common.set(key, { names, parts: [{ section: 'rest', statements: [...statements, { ...statement, text }] }] });
    }
  const passages = [...alike.values()].map(({ names, sections }) => ({
    names,
    parts: SECTIONS.filter((section) => sections[section].length > 0).map((section) => ({
      section,
      statements: sections[section],
    })),
  }));
  return {
    passages: together(passages, [...common.values()]),
    unchanged: plans.filter(({ changes }) => !changes).map(({ name }) => name),
  };
}

/** What is said of some environments alone, and what several have in common, where that leaves something to say. */
function together(own: readonly Passage[], common: readonly Passage[]): Passage[] {
  const isTold = (name: string): boolean => common.some(({ names }) => names.includes(name));
  // That all costs what it did is no news of an environment whose changes are told elsewhere.
  const isNews = ({ kind, text }: Statement): boolean => kind !== 'cost' || text !== UNCHANGED;
  const says = ({ names, parts }: Passage): boolean =>
    parts.some(({ statements }) => statements.some(isNews)) || (parts.length > 0 && !names.every(isTold));
  return [...own.filter(says), ...common];
}

/** What is said, however many objects it is said of. */
function alikeText({ text }: Statement): string {
  return text.replace(/^\d+ (?=objects: )/, '');
}

/** Names in a sentence: `development, staging and production`. */
export function namesText(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
