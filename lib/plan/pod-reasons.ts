import { inventoryOf } from '../model/inventory';
import type { ContainerVariable } from '../model/variables';
import { map, namespaceOf, text } from '../model/values';
import type { Container } from '../model/pods';
import type { World } from '../model/world';
import type { Manifest } from '../support/edit';
import { parseImage } from '../support/image';
import type { ComparedObject, Comparison } from './comparison';
import { differences, type Difference } from './difference';
import { changeText, fieldText, imageText, isHashed } from './shown';
import { workloadOf } from './workload-of';

/** Why the pods of an object are others now, each reason once, the image first. */
export function podReasons({ before, now }: ComparedObject, changed: readonly Difference[], of: Comparison): string[] {
  const [was, is] = [
    { world: of.before, manifest: before },
    { world: of.now, manifest: now },
  ];
  const labels = versionLabels(changed);
  const fields = changed.filter((one) => !labels.includes(one)).map(fieldOf);
  const reasons = [
    ...fields.flatMap((field) => reasonsOf(field, was, is).map((reason) => ({ container: field.container, reason }))),
    ...variableReasons(fields, was, is),
  ];
  const own = new Set(reasons.filter(({ container }) => !isInit(container, changed)).map(({ reason }) => reason));
  const told = reasons.map(({ container, reason }) => (own.has(reason) || container === '' ? reason : `${container}: ${reason}`));
  return [...new Set(told)].sort((one, other) => rank(one) - rank(other));
}

/** Labels that say again what the tag of an image among the differences says. */
export function versionLabels(all: readonly Difference[]): readonly Difference[] {
  const images = all.filter(({ path }) => path.endsWith('.image')).map(({ is }) => parseImage(String(is))?.tag);
  return all.filter(({ path, is }) => path.endsWith('["app.kubernetes.io/version"]') && images.includes(String(is)));
}

/** One of the two objects, and what else there is. */
interface At {
  readonly world: World;
  readonly manifest: Manifest;
}

/** Where a difference stands in a pod. */
interface PodField {
  /** Name of the container; empty for the pod itself. */
  readonly container: string;
  readonly field: string;
  readonly difference: Difference;
}

const CONTAINER = /^spec\.(?:initContainers|containers)\[([^\]]+)\]\.(.+)$/;

function fieldOf(difference: Difference): PodField {
  const path = difference.path.replace(/^spec\.(?:jobTemplate\.spec\.)?template\./, '');
  const [, container = '', field = path.replace(/^(?:spec|metadata)\./, '')] = CONTAINER.exec(path) ?? [];
  return { container, field, difference };
}

function isInit(container: string, changed: readonly Difference[]): boolean {
  return changed.some(({ path }) => path.includes(`initContainers[${container}]`));
}

function reasonsOf({ field, difference }: PodField, before: At, now: At): string[] {
  const { was, is } = difference;
  if (field === 'image') return [`image ${imageText(was, is)}`];
  // They are told by their names, wherever they come from.
  if (isOfVariables(field)) return [];
  const files = filesOf(field, difference, before, now);
  return files ?? [fieldText({ path: field, was, is })];
}

function isOfVariables(field: string): boolean {
  return /^env(?:From)?(?:\[|$)/.test(field);
}

/** The variables of containers of which anything is another one, whether it stands there or in a ConfigMap. */
function variableReasons(fields: readonly PodField[], before: At, now: At): { container: string; reason: string }[] {
  const names = [...new Set(fields.filter(({ field }) => isOfVariables(field)).map(({ container }) => container))];
  return names.flatMap((container) => {
    const [was, is] = [variablesOf(container, before), variablesOf(container, now)];
    const all = [...new Set([...was.keys(), ...is.keys()])];
    const texts = all.flatMap((name) => {
      const [old, present] = [was.get(name), is.get(name)];
      return old?.text === present?.text ? [] : [`${name} ${variableText(name, old, present)}`];
    });
    const moved = 'the same variables in another order, or from another place';
    return (texts.length > 0 ? texts : [moved]).map((reason) => ({ container, reason }));
  });
}

/** What a variable is: its value, or the key of a Secret that has it. */
interface Shown {
  readonly text: string;
  readonly secret: boolean;
}

function variableText(name: string, was: Shown | undefined, is: Shown | undefined): string {
  if (was?.secret !== true && is?.secret !== true) return changeText(name, was?.text, is?.text);
  // Where a value comes from is no secret, and where the other one was written it may be one.
  const [old, present] = [was, is].map((one) => (one === undefined || one.secret ? one?.text : 'another value'));
  return changeText('', old, present);
}

function variablesOf(container: string, { world, manifest }: At): ReadonlyMap<string, Shown> {
  const workload = workloadOf(world, manifest);
  const found = workload?.containers.find(({ spec }: Container) => spec['name'] === container);
  return new Map([...(found?.variables.byName.values() ?? [])].map((variable) => [variable.name, shownVariable(variable)]));
}

function shownVariable({ secret, value = '' }: ContainerVariable): Shown {
  const [name, key] = secret?.split('/') ?? [];
  return secret === undefined ? { text: value, secret: false } : { text: `${key} of the Secret ${name}`, secret: true };
}

/** What changed in the files of a ConfigMap or Secret that is named by its content; undefined where the field names none. */
function filesOf(field: string, { was, is }: Difference, before: At, now: At): string[] | undefined {
  const [, kind] = /^volumes\[.*\b(configMap|secret)\.(?:name|secretName)$/.exec(field) ?? [];
  if (kind === undefined || ![was, is].every((name) => isHashed({ metadata: { name } }))) return undefined;
  const read = (name: unknown, { world, manifest }: At): Manifest => {
    const title = kind === 'secret' ? 'Secret' : 'ConfigMap';
    const { data, stringData } = inventoryOf(world).find(title, text(name) ?? '', namespaceOf(manifest))?.object?.manifest ?? {};
    return { ...map(data), ...map(stringData) };
  };
  const [old, present] = [read(was, before), read(is, now)];
  return differences({ data: old }, { data: present }).map(({ path, ...one }) => {
    const key = path.replace(/^data(?:\.|\["|\[)?(.*?)(?:"?\])?$/, '$1');
    return `file ${key} ${kind === 'secret' || (one.was ?? one.is) === undefined ? 'changed' : changeText(key, one.was, one.is)}`;
  });
}

function rank(reason: string): number {
  return /^(?:[\w-]+: )?image /.test(reason) ? 0 : 1;
}
