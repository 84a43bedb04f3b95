import { readFileSync, statSync } from 'node:fs';
import type { Construct } from 'constructs';
import type { Manifest } from '../support/edit';
import { isMap, map } from '../support/is-map';
import { readYaml } from '../support/read-yaml';
import { reject } from '../support/reject';

/** What a file of secrets is to hold. */
export interface WantedObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** The rule as it continues after "must". */
  readonly must: string;
  /** Who writes such a file. */
  readonly fix: string;
}

/** The one object in a file; undefined where it is none of the kind, which is refused. */
export function readSecretFile(scope: Construct, path: string, wanted: WantedObject): Manifest | undefined {
  const refuse = (got: string | undefined): Manifest | undefined => {
    reject(scope, { prop: path, must: wanted.must, got, fix: wanted.fix });
    return undefined;
  };
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return refuse('no file');
  try {
    const [found, ...others] = readYaml(readFileSync(path, 'utf8')).filter((object) => object !== null);
    if (others.length > 0) return refuse(`${others.length + 1} objects`);
    if (isMap(found) && found['apiVersion'] === wanted.apiVersion && found['kind'] === wanted.kind) return found;
    // Never the content: it may be what ought to have been encrypted.
    const kind: unknown = map(found)['kind'];
    return refuse(typeof kind === 'string' && /^\w+$/.test(kind) ? `a ${kind}` : 'something that is no object');
  } catch (error) {
    return refuse((error as Error).message.split('\n')[0]);
  }
}
