import type { IConstruct } from 'constructs';
import type { Release } from './operators';
import { reject } from './reject';

/** Refuses what is no minor release, and says whether it is one. */
export function requireRelease(scope: IConstruct, prop: string, release: unknown): release is Release {
  if (typeof release === 'string' && /^(?:0|[1-9]\d{0,3})\.(?:0|[1-9]\d{0,3})$/.test(release)) return true;
  const [, short] = /^v?(\d+\.\d+)(?:\.|$)/.exec(String(release)) ?? [];
  const fix = `write it in quotes, as '${short ?? '1.7'}'`;
  reject(scope, { prop, must: 'be a minor release', got: release, fix });
  return false;
}
