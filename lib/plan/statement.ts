/** The parts of a plan, most important first. */
export const SECTIONS = ['dangers', 'events', 'needs', 'access', 'costs', 'rest'] as const;

export type Section = (typeof SECTIONS)[number];

/** What they are called. */
export const TITLES: Readonly<Record<Section, string>> = {
  dangers: 'Refused or dangerous',
  events: 'What happens, in order',
  needs: 'Needed first',
  access: 'What opens and closes',
  costs: 'What it costs',
  rest: 'The rest',
};

/** One thing that a change does. */
export interface Statement {
  /** What it is, for programs: `rolls`, `refused`, `left-behind`. */
  readonly kind: string;
  /** In words. Never a secret. */
  readonly text: string;
  /** Why, and what more there is to it, each in words. @default [] */
  readonly details?: readonly string[];
  /** The objects, as `namespace/kind.group/name`. @default [] */
  readonly objects?: readonly string[];
}

/** What a plan says of one environment, by its parts. */
export type Sections = Readonly<Record<Section, readonly Statement[]>>;

/** A plan that says a few things. */
export function saying(said: Partial<Sections>): Sections {
  return { ...(Object.fromEntries(SECTIONS.map((section) => [section, []])) as unknown as Sections), ...said };
}
