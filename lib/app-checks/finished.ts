import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { finished, type Manifest } from '../support/edit';
import { isMap } from '../support/is-map';
import { sentence } from '../support/reject';
import { twoCopies } from '../support/wrong-type';
import type { FinishedObject } from '../model/world';

/** An object that was finished, or could not be. */
export interface Finish {
  readonly construct: ApiObject;
  readonly object?: FinishedObject;
  readonly fault?: string;
}

/** The construct that made an object of an App: there nothing else makes any. */
export function constructOf({ construct }: FinishedObject): IConstruct {
  return construct as IConstruct;
}

/** An object as it will stand in the YAML, or why it cannot. */
export function finish(construct: ApiObject): Finish {
  try {
    const manifest: unknown = finished(construct);
    return isMap(manifest) ? { construct, object: { construct, manifest } } : { construct, fault: faultOf(construct, manifest) };
  } catch (error) {
    // cdk8s says where first, and then what.
    const said = error instanceof Error ? error.message : String(error);
    const [got = said] = said.split('Error: ').slice(-1);
    // A value of another copy of cdk8s is an object of a class that this one does not know.
    const copied = /of type '(?:Lazy|ApiObject|Duration|Size|Names)'/.test(said);
    const fix = copied ? twoCopies('cdk8s') : 'look at the values that were passed for it';
    return { construct, fault: faultOf(construct, got, fix) };
  }
}

function faultOf({ node, kind }: ApiObject, got: unknown, fix = "have its 'toJson' return the object"): string {
  return `[${node.path}] ${sentence({ prop: kind, must: 'hold plain data', got, fix })}`;
}

/** The objects of a `kind: List`, which kubectl applies one by one; any other object alone. */
export function opened(object: FinishedObject): FinishedObject[] {
  const { construct, manifest, at = '' } = object;
  const items: unknown = manifest['kind'] === 'List' && manifest['apiVersion'] === 'v1' ? manifest['items'] : undefined;
  if (!Array.isArray(items) || !items.every((item) => typeof item === 'object' && item !== null)) return [object];
  return items.flatMap((item: Manifest, index) =>
    opened({ construct, manifest: item, at: `${at === '' ? '' : `${at}.`}items[${index}]` }),
  );
}
