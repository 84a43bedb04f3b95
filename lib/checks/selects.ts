import type { Manifest } from '../support/edit';
import { record, records, texts } from './yaml-values';

/** Whether a Service's plain selector finds pods with these labels. One that is empty finds none. */
export function serviceSelects(service: Manifest, labels: Manifest): boolean {
  const wanted = Object.entries(record(record(service['spec'])['selector']));
  return wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
}

/** Whether a label selector finds pods with these labels. One that is empty finds all. */
export function selectorMatches(selector: unknown, labels: Manifest): boolean {
  const { matchLabels, matchExpressions } = record(selector);
  const plain = Object.entries(record(matchLabels)).every(([label, value]) => labels[label] === value);
  return plain && records(matchExpressions).every((expression) => expressionMatches(expression, labels));
}

/** Whether a label selector finds all pods because it says nothing. */
export function selectsAll(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = record(selector);
  return Object.keys(record(matchLabels)).length === 0 && records(matchExpressions).length === 0;
}

function expressionMatches({ key, operator, values }: Manifest, labels: Manifest): boolean {
  const value: unknown = labels[String(key)];
  switch (operator) {
    case 'In':
      return typeof value === 'string' && texts(values).includes(value);
    case 'NotIn':
      return typeof value !== 'string' || !texts(values).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
