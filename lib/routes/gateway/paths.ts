import type { Construct } from 'constructs';
import { reject } from '../../support/reject';
import { requirePlainPaths } from '../paths';

/** The paths of a route by what they carry. */
export interface SplitPaths {
  /** Beginnings of those that become websockets, or are polled for long. */
  readonly sockets: readonly string[];
  /** Beginnings of all others. */
  readonly rest: readonly string[];
}

/** Sorts the paths of a route. `upgrades` are those of the endpoint's sockets. */
export function splitPaths(routed: readonly string[], declared: readonly string[]): SplitPaths {
  // What is no text was refused.
  const [paths, upgrades] = [routed.map(String), declared.map(String)];
  const sockets = [
    ...upgrades.filter((upgrade) => paths.some((path) => isUnder(upgrade, path))),
    ...paths.filter((path) => upgrades.some((upgrade) => isUnder(path, upgrade))),
  ];
  return { sockets: [...new Set(sockets)], rest: paths.filter((path) => !upgrades.some((upgrade) => isUnder(path, upgrade))) };
}

/** Whether a prefix of the Gateway API, which is one of whole segments, takes a path. */
export function isUnder(path: string, prefix: string): boolean {
  const folder = prefix.replace(/\/+$/, '');
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** Refuses upgrades that are no paths, and more paths than a rule takes. */
export function requirePaths(scope: Construct, paths: readonly string[], upgrades: readonly string[]): void {
  requirePlainPaths(scope, 'upgrades', upgrades);
  for (const [prop, { length }] of Object.entries({ paths, upgrades })) {
    if (length <= 32) continue;
    reject(scope, { prop, must: 'be at most 32', got: `${length} paths`, fix: 'use a shorter beginning that they share' });
  }
}
