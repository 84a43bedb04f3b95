import type { Construct } from 'constructs';
import { reject } from '../support/reject';

/** Refuses what some controller takes for no path, or for another one than the application. */
export function requirePlainPaths(scope: Construct, prop: string, paths: readonly string[]): void {
  for (const path of paths) {
    const plain = typeof path === 'string' && /^\/(?:[\w\-.~]|\/(?!\/)|%(?!2[fF])[\da-fA-F]{2})*$/.test(path);
    if (plain && !/\/\.\.?(?:\/|$)/.test(path)) continue;
    reject(scope, { prop, must: "begin with '/', without '//', dots alone or '%2f'", got: path, fix: "write it as '/live'" });
  }
}
