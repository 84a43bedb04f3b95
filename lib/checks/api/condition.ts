import type { Manifest } from '../../support/edit';
import type { Finding, Rule } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { list, map, placesOf, valueAt, type Place } from '../../model/values';

/** What is wrong with a value of a type, at a field below it. */
export type Fault = Omit<Finding, 'object'>;

/** What values of a type must be like, in a minor release of Kubernetes: `33`. */
export type Condition = (of: Manifest, minor: number) => Iterable<Fault>;

/** A rule in conditions, by the types that they are asked of, as the API calls them: `Toleration`, `HTTPGetAction GRPCAction`. */
export interface TypeRule extends Omit<Rule, 'find'> {
  readonly types: Readonly<Record<string, readonly Condition[]>>;
  /** What no value of one type shows. */
  readonly find?: Rule['find'];
}

const NONE: readonly Fault[] = [];

type Got = Manifest[string];
type Holds = (got: Got, of: Manifest, minor: number) => boolean;
/** Words of a sentence, which may depend on the value. */
export type Words = string | ((got: Got, of: Manifest, minor: number) => string);
type Shown = (got: Got) => unknown;

/** What single values are like, in words, and what to write instead of others. */
interface Form {
  readonly must: string;
  readonly holds: Holds;
  readonly fix?: Words;
}

/** A row: where one of the fields is given, it is of a form. */
export function is(fields: string, form: Form, fix: Words = form.fix ?? ''): Condition {
  return where(fields, form.must, fix, form.holds);
}

/**
 * A row: where one of the fields is given, it holds. Wrong types are for other rules.
 *
 * @param fields paths below the type, with a space between them: `weight`, `searches[]`
 * @param must how the sentence of the fault continues
 * @param fix what to do
 * @param holds asks the value, what it is in, and the minor release of Kubernetes
 * @param shown what is printed of the value
 */
export function where(fields: string, must: Words, fix: Words, holds: Holds, shown: Shown = itself): Condition {
  const rows = fields.split(' ').map((path): Condition => {
    const [first = ''] = path.split(/[.[]/);
    const faults = ({ field, value }: Place, of: Manifest, minor: number): readonly Fault[] =>
      holds(value, of, minor) ? NONE : [faultAt(field, must, fix, shown, [value, of, minor])];
    return (of, minor) => {
      // Most fields are not given.
      if (!isGiven(of[first])) return NONE;
      if (path === first) return faults({ field: path, value: of[path] }, of, minor);
      return placesOf(of, path).flatMap((place) => faults(place, of, minor));
    };
  });
  const [only = () => NONE, ...others] = rows;
  return others.length === 0 ? only : (of, minor) => rows.flatMap((row) => [...row(of, minor)]);
}

/** The same, also where the field is not given; without a field of the value as a whole. */
export function always(field: string, must: Words, fix: Words, holds: Holds, shown: Shown = itself): Condition {
  return (of, minor) => {
    const got = field === '' ? of : valueAt(of, field);
    return holds(got, of, minor) ? NONE : [faultAt(field, must, fix, shown, [got, of, minor])];
  };
}

function faultAt(field: string, must: Words, fix: Words, shown: Shown, asked: Parameters<Holds>): Fault {
  const said = (words: Words): string => (typeof words === 'string' ? words : words(...asked));
  return { field, must: said(must), got: shown(asked[0]), fix: said(fix) };
}

/** Values that other fields have: `{ type: 'LoadBalancer' }`, or one of some: `{ type: ['NodePort', 'LoadBalancer'] }`. */
type Beside = Readonly<Record<string, string | readonly string[]>>;

/** The field is there only where others have these values; an empty list is nothing. */
export function onlyWith(fields: string, others: Beside, fix: string): Condition {
  const isNothing = (got: Got): boolean => Array.isArray(got) && got.length === 0;
  return where(fields, `stand with ${phrase(others)} alone`, fix, (got, of) => isNothing(got) || has(of, others));
}

/** The field is not there where another one has this value; an empty text is nothing. */
export function notWith(field: string, other: Beside, fix: string, shown: Shown = itself): Condition {
  return where(field, `not be given with ${phrase(other)}`, fix, (got, of) => got === '' || !has(of, other), shown);
}

/** The field is there, with something in it, where another one has this value. */
export function neededWith(field: string, other: Beside, fix: string): Condition {
  const isThere = (got: Got): boolean => isGiven(got) && got !== '' && !(Array.isArray(got) && got.length === 0);
  return always(field, `be given with ${phrase(other)}`, fix, (got, of) => isThere(got) || !has(of, other));
}

/** The field is not there together with another one; empty texts are nothing. */
export function apartFrom(field: string, other: string, fix: string, shown: Shown = itself): Condition {
  const holds: Holds = (got, of) => got === '' || !isGiven(of[other]) || of[other] === '';
  return where(field, `not be given together with ${other}`, fix, holds, shown);
}

/**
 * Asks conditions of what stands at places of custom kinds, whose types no row is asked of.
 *
 * @example find: askedAt({ 'ScheduledBackup spec': [schedule('schedule')] })
 */
export function askedAt(places: Readonly<Record<string, readonly Condition[]>>): Rule['find'] {
  return function* (world) {
    const minor = Number(world.kubernetes.split('.')[1]);
    for (const [place, conditions] of Object.entries(places)) {
      const [kind = '', path = ''] = place.split(' ');
      for (const object of inventoryOf(world).ofKind(kind))
        for (const { field, value } of placesOf(object.manifest, path))
          for (const condition of conditions)
            for (const fault of condition(map(value), minor)) yield { ...fault, object, field: `${field}.${fault.field}` };
    }
  };
}

/** Every item of a list holds: the first that does not is printed as the fault of the list. */
export function each(field: string, must: string, fix: string, holds: Holds): Condition {
  return (of, minor) => {
    const odd = list(of[field]).filter((item) => !holds(item, of, minor));
    return odd.slice(0, 1).map((got) => ({ field, must, got, fix }));
  };
}

/** One of the fields is given, and no other of them. */
export function one(fields: string, must: string, fix: string): Condition {
  const given = (of: Manifest): string[] => fields.split(' ').filter((name) => isGiven(of[name]));
  return always(
    '',
    must,
    fix,
    (of) => given(of).length === 1,
    (of) => given(of).join(' and ') || undefined,
  );
}

/** No two of the values at a path are the same. */
export function distinct(path: string, must: string | ((first: string) => string), fix: string): Condition {
  return (of) => {
    const seen = new Map<unknown, string>();
    return placesOf(of, path).flatMap(({ field, value: got }) => {
      const first = seen.get(got);
      if (first === undefined) seen.set(got, field);
      if (first === undefined || got === '') return [];
      return [{ field, must: typeof must === 'string' ? must : must(first), got, fix }];
    });
  };
}

/** A number that is not too small. */
export function atLeast(least: number): Form {
  return { must: `be ${least} or more`, holds: (got) => typeof got !== 'number' || got >= least };
}

/** A number in a range. */
export function between(least: number, most: number): Form {
  return { must: `be from ${least} to ${most}`, holds: (got) => typeof got !== 'number' || (got >= least && got <= most) };
}

/** A number of a port; names of ports are for other rules. */
export const PORT: Form = {
  must: 'be a port from 1 to 65535',
  holds: between(1, 65535).holds,
  fix: 'write the port that the container listens on',
};

/** The same, where 0 stands for none. */
export const PORT_OR_NONE: Form = { ...PORT, holds: between(0, 65535).holds };

/** A text of a form. */
export function text(test: (text: string) => boolean): Holds {
  return (got) => typeof got !== 'string' || test(got);
}

/** A text of a form; an empty one is none to the API server. */
export function filled(test: (text: string) => boolean): Holds {
  return (got) => typeof got !== 'string' || got === '' || test(got);
}

/** For fields that must not be given at all. */
export const never = (): boolean => false;

/** Whether anything is given; to the server `null` is nothing. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function has(of: Manifest, others: Beside): boolean {
  return Object.entries(others).every(([field, values]) => [values].flat().includes(of[field]));
}

function phrase(others: Beside): string {
  return Object.entries(others)
    .map(([field, values]) => `${field} '${[values].flat().join("' or '")}'`)
    .join(' and ');
}

function itself(got: unknown): unknown {
  return got;
}
