import type { Manifest } from '../../support/edit';
import { map, maps, scalars } from './values';

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
