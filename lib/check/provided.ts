import { allKinds } from '../schema/fields';
import { scalar } from '../model/values';
import type { External } from '../support/facts';
import { isKey, isLabel } from '../support/forms';
import { nearest } from '../support/nearest';
import type { Refusal } from '../support/reject';
import type { FinishedObject } from '../model/world';
import type { Fault } from './fault';
import type { Provided } from './settings';

const FORMS = 'write Secret/smtp, shop/Secret/smtp, or Secret/smtp:user,password';

/** What is there without being in the input: `Secret/smtp`, `shop/Secret/smtp`, or with its keys `Secret/smtp:user,password`. */
export function externalIn(text: string): External | Omit<Refusal, 'prop'> {
  const refused = (must: string, got = text, fix = FORMS) => ({ must, got, fix });
  const [path, ...parts] = text.split('/').at(-1)?.split(':') ?? [];
  const [kind = '', namespace, ...more] = text.split('/').slice(0, -1).reverse();
  if (path === undefined || !/^[A-Za-z][\w.-]*$/.test(kind) || more.length > 0) return refused('be a kind and a name');
  if (namespace !== undefined && !isLabel(namespace)) return refused('begin with a namespace', namespace);
  // Names of roles have colons of their own: system:node.
  const hasKeys = !kind.includes('Role');
  const name = hasKeys ? path : [path, ...parts].join(':');
  if (!(hasKeys ? /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/ : /^[^\s%:][^\s%]*$/).test(name))
    return refused('have a name that an object can have', name);
  const found = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
  if (!hasKeys || parts.length === 0) return found;
  const keys = (parts[0] ?? '').split(',').map((key) => key.trim());
  if (parts.length > 1 || !keys.every(isKey) || new Set(keys).size < keys.length)
    return refused('name each key once, with commas between them', parts.join(':'));
  if (!['secret', 'configmap'].includes(kind.toLowerCase()))
    return refused(
      'have no keys, which a Secret and a ConfigMap alone have',
      text,
      `write ${[namespace, kind, name].filter(Boolean).join('/')}`,
    );
  return { ...found, keys };
}

/** Kinds that nobody knows and that are nearly called like one that somebody does. */
export function misspeltKinds(provide: readonly Provided[], objects: readonly FinishedObject[]): readonly Fault[] {
  if (provide.length === 0) return [];
  const known = new Set([...allKinds(), ...objects.flatMap(({ manifest }) => scalar(manifest['kind']) ?? [])]);
  return provide.flatMap(({ kind, said }) => {
    if (known.has(kind.replace(/\..*$/, ''))) return [];
    const meant = nearest(kind, known, 1) ?? nearest(kind.replace(/ies$/i, 'y').replace(/(?<=s)es$/i, ''), known, 0);
    const fix = `did you mean '${said.text.replace(kind, meant ?? kind)}'?`;
    return meant === undefined ? [] : [{ ...said.place, prop: said.prop, must: 'be of a kind that is known', got: kind, fix }];
  });
}
