import { propsNamed, type PropsName } from '../support/props';
import type { WrittenAs } from '../support/reject';

/**
 * How a literal calls the props of a construct that is made from a part of it: `poolSize` of a worker is
 * `workers.jobs.poolSize`. What stands elsewhere in the literal keeps its name.
 *
 * @param others props that the literal calls otherwise
 */
export function inLiteral(place: string, type: PropsName, others: Readonly<Record<string, string>> = {}): WrittenAs {
  const known = propsNamed(type);
  return (prop) => {
    const [first = ''] = prop.split('.');
    const other = others[first];
    if (other !== undefined) return `${other}${prop.slice(first.length)}`;
    return known.has(first) ? `${place}.${prop}` : undefined;
  };
}
