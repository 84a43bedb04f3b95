import type { Manifest } from '../../lib/index';
import { edit } from './objects';

/** One change of some YAML. */
export interface YamlChange {
  readonly before: readonly Manifest[];
  readonly now: readonly Manifest[];
  /** Whether Jobs that are deleted some time after their end were so before the change is applied. @default false */
  readonly ended?: boolean;
}

/** Values at paths of an object. */
export type Values = Readonly<Record<string, unknown>>;

/** A change of one object, which starts out with some values of its own. */
export function of(manifest: Manifest, now: Values, start: Values = {}, ...beside: readonly Manifest[]): YamlChange {
  const before = edit(manifest, start);
  return { before: [before, ...beside], now: [edit(before, now), ...beside] };
}
