import type { Manifest } from '../../support/edit';

const VALUE = String.raw`(?:'([^']*)'|"([^"]*)")`;
const KEY = String.raw`([\w./-]+)`;
const EQUALS = new RegExp(`^${KEY}\\s*([!=]=)\\s*${VALUE}$`);
const AMONG = new RegExp(`^${KEY}\\s+(not\\s+)?in\\s*\\{([^}]*)\\}$`);
const HAS = new RegExp(`^(!?)\\s*has\\(\\s*${KEY}\\s*\\)$`);
const TEXT = new RegExp(VALUE, 'g');

/**
 * A selector of Calico's, `app == 'shop' && has(tier)`, as one of Kubernetes; undefined where that cannot say it:
 * alternatives, and parts of a value.
 *
 * @see https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
 */
export function readSelector(text: string): Manifest | undefined {
  const terms = text.split('&&').map((term) => termOf(term.trim()));
  return terms.includes(undefined) ? undefined : { matchExpressions: terms.flatMap((term) => term ?? []) };
}

function termOf(term: string): readonly Manifest[] | undefined {
  if (/^(?:all\(\))?$/.test(term)) return [];
  // Labels that Calico gives to pods by itself stand in no manifest.
  if (/projectcalico\.org\/(?!name\b)/.test(term)) return undefined;
  const [, key, operator, one, other] = EQUALS.exec(term) ?? [];
  if (key !== undefined) return [{ key: labelOf(key), operator: operator === '==' ? 'In' : 'NotIn', values: [one ?? other] }];
  const [, among, not, values = ''] = AMONG.exec(term) ?? [];
  if (among !== undefined) {
    const texts = [...values.matchAll(TEXT)].map(([, single, double]) => single ?? double);
    return [{ key: labelOf(among), operator: not === undefined ? 'In' : 'NotIn', values: texts }];
  }
  const [, no, there] = HAS.exec(term) ?? [];
  return there === undefined ? undefined : [{ key: labelOf(there), operator: no === '!' ? 'DoesNotExist' : 'Exists' }];
}

/** Calico has labels of its own for what others have too. */
function labelOf(key: string): string {
  return key === 'projectcalico.org/name' ? 'kubernetes.io/metadata.name' : key;
}
