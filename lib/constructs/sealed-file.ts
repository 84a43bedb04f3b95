import { readFileSync, statSync } from 'node:fs';
import type { Construct } from 'constructs';
import type { Manifest } from '../support/edit';
import { isMap } from '../support/is-map';
import { readYaml } from '../support/read-yaml';
import { reject } from '../support/reject';

/**
 * A Secret from a file that `kubeseal` wrote.
 *
 * @param path where the file is, from the folder in which synth runs
 * @example secrets: sealedFile('secrets/staging/kube-native.yaml')
 */
export function sealedFile(path: string): { readonly sealed: { readonly file: string } } {
  return { sealed: { file: path } };
}

/** The SealedSecret in a file; undefined where there is none, which is refused. */
export function readSealedFile(scope: Construct, path: string): Manifest | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return unreadable(scope, path, 'no file');
  try {
    const [found, ...others] = readYaml(readFileSync(path, 'utf8')).filter((object) => object !== null);
    if (others.length > 0) return unreadable(scope, path, `${others.length + 1} objects`);
    if (isMap(found) && found['apiVersion'] === 'bitnami.com/v1alpha1' && found['kind'] === 'SealedSecret') return found;
    // Never the content: it may be what ought to have been sealed.
    return unreadable(scope, path, isMap(found) ? `a ${found['kind']}` : 'something that is no object');
  } catch (error) {
    return unreadable(scope, path, (error as Error).message.split('\n')[0]);
  }
}

function unreadable(scope: Construct, path: string, got: string | undefined): Manifest | undefined {
  reject(scope, { prop: path, must: 'hold one SealedSecret', got, fix: 'let kubeseal --format yaml write it' });
  return undefined;
}

/** The fields of a value of the file, if it has any. */
export function map(value: unknown): Manifest {
  return isMap(value) ? value : {};
}
