import type { Severity } from '../checks/rule';
import { rules } from '../checks/rules';
import type { External } from '../support/facts';
import { isLabel } from '../support/forms';
import { KUBERNETES_VERSIONS, type KubernetesVersion } from '../support/kubernetes-versions';
import { didYouMean } from '../support/nearest';
import type { Refusal } from '../support/reject';
import { FORMATS, type Format } from './formats/formats';

/** A rule that does not hold. */
export interface LeaveOut {
  readonly rule: string;
  /** Why. */
  readonly reason: string;
  /** For which objects, as `Deployment/shop`; a star stands for anything. @default - for all */
  readonly objects?: readonly string[];
}

/** What is said of a check, on the command line or in a file. */
export interface Given {
  readonly kubernetes?: string;
  readonly namespace?: string;
  readonly previous?: string;
  readonly format?: string;
  readonly severity?: string;
  readonly leaveOut: readonly LeaveOut[];
  readonly provide: readonly string[];
  readonly beam: readonly string[];
}

/** The same, where it is right. */
export interface Settings {
  readonly kubernetes: KubernetesVersion;
  /** That of objects which name none. @default - that of all others where they are in one, else `default` */
  readonly namespace?: string;
  readonly previous?: string;
  readonly format: Format;
  /** The least that is told. @default - errors one by one, warnings by their rules */
  readonly severity?: Severity;
  readonly leaveOut: readonly LeaveOut[];
  readonly provide: readonly External[];
  readonly beam: readonly string[];
}

const SEVERITIES = ['error', 'warning'] as const;

/**
 * What was said, or what is wrong with it.
 *
 * @param called how an option is called where it was said: `--kubernetes`
 */
export function settingsOf(given: Given, called: (option: string) => string): Settings | readonly Refusal[] {
  const refusals: Refusal[] = [];
  const oneOf = <Word extends string>(option: string, word: string, words: readonly Word[]): Word | undefined => {
    const known = words.find((one) => one === word);
    if (known === undefined) {
      const all = `write one of ${words.join(', ')}`;
      // Of versions the near one is another one.
      const fix = /\d/.test(word) ? all : didYouMean(word, words, all);
      refusals.push({ prop: called(option), must: 'be one that is known', got: word, fix });
    }
    return known;
  };
  const newest = KUBERNETES_VERSIONS.at(-1) ?? KUBERNETES_VERSIONS[0];
  const kubernetes = oneOf(
    'kubernetes',
    (given.kubernetes ?? newest).replace(/^v|(?<=^v?1\.\d+)\..*$/g, ''),
    KUBERNETES_VERSIONS,
  );
  const { namespace, severity, previous, leaveOut, beam } = given;
  if (namespace !== undefined && !isLabel(namespace))
    refusals.push({ prop: called('namespace'), must: 'be the name of a namespace', got: namespace, fix: 'write it as in shop' });
  for (const { rule } of leaveOut) oneOf('leaveOut', rule, RULES);
  for (const { rule, reason } of leaveOut)
    if (!/\S+\s+\S+/.test(reason))
      refusals.push({
        prop: `${called('leaveOut')} ${rule}`,
        must: 'say why',
        got: reason,
        fix: `write ${rule}=<the reason, in words>`,
      });
  const provide = given.provide.flatMap((text) => externalIn(text) ?? (refusals.push(badExternal(called('provide'), text)), []));
  const format = oneOf('format', given.format ?? 'text', FORMATS) ?? 'text';
  const least = severity === undefined ? undefined : oneOf('severity', severity, SEVERITIES);
  if (refusals.length > 0 || !kubernetes) return refusals;
  return { kubernetes, namespace, previous, format, severity: least, leaveOut, provide, beam };
}

const RULES: readonly string[] = rules.map(({ name }) => name);

/** What is there without being in the input: `Secret/smtp`, `shop/Secret/smtp`, or with its keys `Secret/smtp:user,password`. */
function externalIn(text: string): External | undefined {
  const [path = '', keys] = text.split(':');
  const [name = '', kind = '', namespace = '', ...more] = path.split('/').reverse();
  if (name === '' || !/^[A-Z]\w*$/.test(kind) || more.length > 0) return undefined;
  return {
    kind,
    name,
    ...(namespace === '' ? {} : { namespace }),
    ...(keys === undefined ? {} : { keys: keys.split(',').map((key) => key.trim()) }),
  };
}

function badExternal(prop: string, got: string): Refusal {
  return { prop, must: 'be a kind and a name', got, fix: 'write Secret/smtp, shop/Secret/smtp, or Secret/smtp:user,password' };
}
