import type { IConstruct } from 'constructs';
import { misfitsOfProps } from './misfit';
import { isOwnClass, ownerOf, refuse } from './props';
import type { PropType, Props } from './shape';

/** The types that each prop may have. Every prop is listed, so that a new one cannot be forgotten. */
export type PropTypes<P> = { readonly [K in keyof P]-?: readonly PropType[] };

/**
 * Stops the construction where a prop is missing or of a type that the code after it could not handle: callers in plain
 * JavaScript have no compiler. Refuses names that are none of the props, which the compiler overlooks in objects that are
 * spread or come from a variable.
 *
 * @param prefix where the props are within those of the construct, such as `drain.`
 * @throws Unbuildable with all that are of a wrong type
 */
export function requireTypes<P extends object>(scope: IConstruct, props: P, types: PropTypes<P>, prefix = ''): void {
  const path = prefix.replace(/\.$/, '');
  refuse(
    scope,
    misfitsOfProps(props, propsOfTypes(types), { path, owner: ownerOf(scope), open: path === '' && !isOwnClass(scope) }),
  );
}

function propsOfTypes(types: Readonly<Record<string, readonly PropType[]>>): Props {
  const entries = Object.entries(types).map(([name, allowed]) => {
    const shapes = allowed.flatMap((type) => (type === undefined ? [] : [{ is: type }]));
    return [name, { shapes, optional: allowed.includes(undefined) }] as const;
  });
  return new Map(entries);
}
