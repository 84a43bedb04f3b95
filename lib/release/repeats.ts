import type { IConstruct } from 'constructs';
import { requireVariableName } from '../pod/variables';
import { reject } from '../support/reject';

/** Where the variables of a release come from, by name. */
export interface VariableOrigins {
  /** What the environment adds. */
  readonly config: Readonly<Record<string, string>>;
  /** Keys of the release's Secret. */
  readonly secretKeys: readonly string[];
  /** What the release sets itself. */
  readonly own: object;
  /** What wins over a ConfigMap: fields of the pod, and keys of Secrets. */
  readonly winning: object;
  /** What the database link takes from its Secret. */
  readonly database: object;
}

/** Refuses a variable that comes from two places: one of them would be ignored. */
export function requireNoRepeats(scope: IConstruct, { config, secretKeys, own, winning, database }: VariableOrigins): void {
  for (const [name, value] of Object.entries(config)) {
    // All other bad names are no keys of a ConfigMap either, which says so.
    if (/^\d/.test(name)) requireVariableName(scope, 'config', name);
    if (name in own || name in winning) {
      const fix = /^ERL_A?FLAGS$/.test(name)
        ? "write the flags in 'erlangFlags'"
        : 'remove it: the release sets it from a prop or a Secret';
      const got = name in winning ? `${value?.length} characters` : value;
      reject(scope, { prop: `config.${name}`, must: 'not repeat a variable of the release', got, fix });
    }
  }
  for (const name of secretKeys.filter((key) => key in own || key in database)) {
    const fix = 'drop the key: the release sets it from a prop or the database link';
    reject(scope, { prop: `secret.${name}`, must: 'not repeat a variable of the release', got: name, fix });
  }
}
