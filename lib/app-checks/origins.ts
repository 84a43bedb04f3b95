import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../support/edit';
import type { FieldOrigin, KnownSettings, Origin, SettingsOrigin } from '../support/facts';
import { asWritten } from '../support/reject';
import type { FinishedObject } from '../model/world';
import { isWithin } from '../checks/judge';
import { templatePath } from '../model/pods';
import { keysOf, map } from '../model/values';

/** Where a variable was given that a field of an object holds, in `env` or in a ConfigMap. */
export function originOf(manifest: Manifest, field: string, origins: readonly Origin[]): Origin | undefined {
  if (origins.length === 0) return undefined;
  const keys = keysOf(field);
  const last = keys.at(-1) === 'value' ? keys.slice(0, -1) : keys;
  const held = last.reduce<unknown>((outer, key) => (Array.isArray(outer) ? outer[Number(key)] : map(outer)[key]), manifest);
  const [name, value] = typeof held === 'string' ? [last.at(-1), held] : [map(held)['name'], map(held)['value']];
  // In `env` a dollar is written twice.
  const isSame = (given: string): boolean => value === given || value === given.replace(/\$(?=[$(])/g, '$$$$');
  return origins.find((origin) => origin.name === name && isSame(origin.value));
}

/** The prop that a field of an object, or one around it, is written from; what stands below the field stands below the prop too. */
export function fieldOriginOf(
  { construct, at }: FinishedObject,
  field: string,
  origins: readonly FieldOrigin[],
): SettingsOrigin | undefined {
  const origin = origins.find((one) => at === undefined && one.object === construct && isWithin(field, one.field));
  if (!origin) return undefined;
  return { construct: origin.construct, prop: asWritten(origin.construct, `${origin.prop}${field.slice(origin.field.length)}`) };
}

/** Fields that are called otherwise than the settings that they are written from. */
const CALLED: Readonly<Record<string, readonly string[]>> = {
  'securityContext.runAsUser': ['user'],
  'securityContext.runAsGroup': ['group', 'user'],
  'securityContext.fsGroup': ['group', 'user'],
};

/** Which setting of pods a field of an object was written from: one is written into every workload of a release. */
export function settingOriginOf(
  object: FinishedObject,
  field: string,
  given: readonly KnownSettings[],
): SettingsOrigin | undefined {
  const template = given.length === 0 ? undefined : templatePath(object.manifest);
  const place = ['spec.', 'metadata.']
    .map((part) => (template ? `${template}.${part}` : part))
    .find((start) => field.startsWith(start));
  if (template === undefined || place === undefined) return undefined;
  const at = field.slice(place.length);
  const [name = '', ...rest] = at in CALLED ? [at] : keysOf(at);
  const written = valueIn(object.manifest, keysOf(`${place}${name}`));
  for (const { settings, origin } of given) {
    const setting = (CALLED[at] ?? [name]).find((one) => isWritten(valueIn(settings, [one]), written, rest));
    if (origin === undefined || setting === undefined) continue;
    return { construct: origin.construct, prop: [origin.prop, at in CALLED ? setting : at].filter(Boolean).join('.') };
  }
  return undefined;
}

/** Whether what stands in the object is what was given: the whole of a list, or one part of a mapping. */
function isWritten(setting: unknown, written: unknown, [part]: readonly string[]): boolean {
  if (setting === undefined) return false;
  const plain = Array.isArray(setting) && typeof setting[0] === 'string' ? setting.map((name: unknown) => ({ name })) : setting;
  if (isDeepStrictEqual(plain, written)) return true;
  const own = part === undefined || Array.isArray(setting) ? undefined : valueIn(setting, [part]);
  return own !== undefined && isDeepStrictEqual(own, valueIn(written, [part ?? '']));
}

function valueIn(outer: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | null | undefined)?.[step], outer);
}
