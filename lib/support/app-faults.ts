import { RootConstruct } from 'constructs';
import { reject, rejections, type Refusal } from './reject';

/** What is wrong with what no construct was given, as `[app] sentence`, each once. */
export function appFaults(refusals: readonly Refusal[]): string[] {
  const root = new RootConstruct();
  for (const refusal of refusals) reject(root, refusal);
  return rejections(root);
}
