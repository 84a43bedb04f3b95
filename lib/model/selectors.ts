import type { Manifest } from '../support/edit';
import type { FinishedObject } from './world';
import type { Inventory } from './inventory';
import { map, maps, namespaceOf, once, placesOf, scalars, specOf } from './values';

/** Whether the plain selector of a Service finds pods with these labels. One that is empty finds none. */
export function serviceSelects(selector: unknown, labels: Manifest): boolean {
  return Object.keys(map(selector)).length > 0 && has(map(selector), labels);
}

/** Whether a label selector finds pods with these labels. One that is empty finds all. */
export function selectorMatches(selector: unknown, labels: Manifest): boolean {
  const { matchLabels, matchExpressions } = map(selector);
  return has(map(matchLabels), labels) && maps(matchExpressions).every((expression) => expressionMatches(expression, labels));
}

/** Whether a label selector finds all pods because it says nothing. */
export function selectsAll(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = map(selector);
  return Object.keys(map(matchLabels)).length === 0 && maps(matchExpressions).length === 0;
}

/** Whether a label selector finds nearly all: it asks for nothing, for what others do not have, or for what everyone has. */
export function selectsNearlyAll(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = map(selector);
  const narrows = ({ key, operator }: Manifest) =>
    operator === 'In' || (operator === 'Exists' && key !== 'kubernetes.io/metadata.name');
  return Object.keys(map(matchLabels)).length === 0 && !maps(matchExpressions).some(narrows);
}

function has(wanted: Manifest, labels: Manifest): boolean {
  for (const label in wanted) if (labels[label] !== wanted[label]) return false;
  return true;
}

function expressionMatches({ key, operator, values }: Manifest, labels: Manifest): boolean {
  const value: unknown = labels[String(key)];
  switch (operator) {
    case 'In':
      return typeof value === 'string' && scalars(values).includes(value);
    case 'NotIn':
      return typeof value !== 'string' || !scalars(values).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** A label selector and where it stands. */
export interface SelectorAt {
  readonly object: FinishedObject;
  readonly field: string;
  readonly selector: Manifest;
  readonly namespace: string;
  /** What it looks for. */
  readonly finds: 'Pod' | 'Service';
}

/** Controllers that find their pods again by labels. Jobs do so by labels of their own. */
export const CONTROLLERS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Rollout'] as const;

/** The selectors of objects that look for pods, or for Services, of their own namespace. */
export const selectorsOf = once((inventory: Inventory): readonly SelectorAt[] => [
  ...inventory.ofKind('Service').flatMap(ofService),
  ...inventory.ofKind('PodDisruptionBudget', 'PodMonitor', 'ServiceMonitor').flatMap(ofSpec),
  ...inventory.ofKind('NetworkPolicy').flatMap(ofPolicy),
]);

function selectorAt(object: FinishedObject, field: string, selector: unknown, finds: SelectorAt['finds'] = 'Pod'): SelectorAt {
  return { object, field, selector: map(selector), namespace: namespaceOf(object.manifest), finds };
}

function ofService(object: FinishedObject): SelectorAt[] {
  const { selector: matchLabels, type } = specOf(object);
  if (type === 'ExternalName' || Object.keys(map(matchLabels)).length === 0) return [];
  return [selectorAt(object, 'spec.selector', { matchLabels })];
}

function ofSpec(object: FinishedObject): SelectorAt[] {
  const { selector, namespaceSelector } = specOf(object);
  // A monitor may look into other namespaces, about which the YAML says nothing.
  if (namespaceSelector !== undefined) return [];
  return [selectorAt(object, 'spec.selector', selector, object.manifest['kind'] === 'ServiceMonitor' ? 'Service' : 'Pod')];
}

function ofPolicy(object: FinishedObject): SelectorAt[] {
  const peers = [...placesOf(object.manifest, 'spec.ingress[].from[]'), ...placesOf(object.manifest, 'spec.egress[].to[]')];
  return [
    selectorAt(object, 'spec.podSelector', specOf(object)['podSelector']),
    ...peers.flatMap(({ field, value }) => {
      const { podSelector, namespaceSelector } = map(value);
      const near = podSelector !== undefined && namespaceSelector === undefined;
      return near ? [selectorAt(object, `${field}.podSelector`, podSelector)] : [];
    }),
  ];
}

/** A selector as people write it: `app=web, tier in (a, b)`. */
export function selectorText({ matchLabels, matchExpressions }: Manifest): string {
  const labels = Object.entries(map(matchLabels)).map(([key, value]) => `${key}=${value}`);
  const terms = Array.isArray(matchExpressions) ? matchExpressions.map(expressionText) : [];
  return [...labels, ...terms].join(', ');
}

function expressionText(expression: unknown): string {
  const { key, operator, values } = map(expression);
  return `${key} ${operator}${Array.isArray(values) ? ` (${values.join(', ')})` : ''}`;
}
