import type { Report } from '../problem';

/** What was found, as JSON. */
export function asJson({ problems, objects, releases, notes }: Report): string {
  const count = (severity: string): number => problems.filter((one) => one.severity === severity).length;
  const summary = { errors: count('error'), warnings: count('warning'), objects, releases };
  return `${JSON.stringify({ summary, findings: problems, notes }, undefined, 2)}\n`;
}
