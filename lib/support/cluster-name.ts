import type { IConstruct } from 'constructs';
import { isLabelValue } from './forms';
import { reject } from './reject';

/** Refuses a name of a cluster that no label can have. Returns whether it is one. */
export function requireClusterName(scope: IConstruct, cluster: string): boolean {
  if (cluster !== '' && isLabelValue(cluster)) return true;
  const fix = "write letters, digits, '-', '_' and '.', at most 63 characters";
  reject(scope, { prop: 'cluster', must: 'be the value of a label', got: cluster, fix });
  return false;
}
