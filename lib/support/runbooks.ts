import type { IConstruct } from 'constructs';
import { reject } from './reject';

/** The page that the package has. */
export const RUNBOOKS = 'cdk8s-phoenix/docs/alerts.md';

/** Where a page says what to do about an alert. */
export function runbookOf(runbooks: string, alert: string): string {
  return `${runbooks}#${alert.toLowerCase()}`;
}

/** Refuses an address behind which no name of an alert could stand. */
export function requireRunbooks(scope: IConstruct, got: string | undefined): void {
  if (got === undefined || /^https?:\/\/[^\s#]+$/.test(got)) return;
  const fix = "write 'https://wiki.example.com/alerts'";
  reject(scope, { prop: 'runbooks', must: 'be an address without a fragment', got, fix });
}
