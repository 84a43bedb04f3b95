import { propsNamed, type PropsName } from '../support/props';
import type { WrittenAs } from '../support/reject';

/**
 * How a literal calls the props of a construct that is made from a part of it: `poolSize` of a worker is
 * `workers.jobs.poolSize`. What the environment says for all pods, and the part does not, keeps its name.
 *
 * @param given the part
 * @param others props that the literal calls otherwise
 */
export function inLiteral(
  place: string,
  type: PropsName,
  given: object = {},
  others: Readonly<Record<string, string>> = {},
): WrittenAs {
  const known = propsNamed(type);
  const ofAll = propsNamed('Environment');
  const own = new Map(Object.entries(given));
  return (prop) => {
    const [first = ''] = prop.split(/[.[]/);
    const other = others[first];
    if (other !== undefined) return `${other}${prop.slice(first.length)}`;
    return known.has(first) && (!ofAll.has(first) || own.get(first) !== undefined) ? `${place}.${prop}` : undefined;
  };
}
