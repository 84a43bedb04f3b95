import type { NamedEnvironment, Quota, WebPods } from '../../lib/index';

/** What a test changes of an environment; of the web pods what it names alone. */
export type Variation = Partial<Omit<NamedEnvironment, 'web'>> & { readonly web?: Partial<WebPods> };

/** An environment with changes, the later ones last. */
export function vary(environment: NamedEnvironment, ...changes: readonly Variation[]): NamedEnvironment {
  return { ...environment, ...combined(...changes), web: { ...environment.web, ...combined(...changes).web } };
}

/** Several changes as one. */
export function combined(...changes: readonly Variation[]): Variation {
  return changes.reduce((before, change) => ({ ...before, ...change, web: { ...before.web, ...change.web } }), {});
}

/** The quota that an environment sets, for a change of one line of it. */
export function quotaOf({ name, quota }: NamedEnvironment): Quota {
  if (!quota) throw new Error(`${name} sets no quota`);
  return quota;
}
