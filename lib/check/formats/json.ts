import { countOf, type Report } from '../problem';

/** What was found, as JSON. */
export function asJson({ problems, objects, releases, notes }: Report): string {
  const summary = { errors: countOf(problems, 'error'), warnings: countOf(problems, 'warning'), objects, releases };
  return `${JSON.stringify({ summary, findings: problems, notes }, undefined, 2)}\n`;
}
