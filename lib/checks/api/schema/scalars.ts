import { parseQuantity } from '../../../support/parse-quantity';

/** A type of single values: what it must be, how to tell, and what to write instead. */
export interface Scalar {
  readonly must: string;
  readonly holds: (value: unknown) => boolean;
  readonly fix: (value: unknown) => string;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** The types of single values that the API server tells apart. */
export const scalars: Readonly<Record<string, Scalar>> = {
  string: {
    must: 'be text',
    holds: (value) => typeof value === 'string',
    fix: (value) => (typeof value === 'object' ? 'write one text' : `write it in quotes, as "${value}"`),
  },
  integer: { must: 'be a whole number', holds: isInteger, fix: numeral },
  long: { must: 'be a whole number', holds: Number.isInteger, fix: numeral },
  number: { must: 'be a number', holds: Number.isFinite, fix: numeral },
  boolean: {
    must: 'be true or false',
    holds: (value) => typeof value === 'boolean',
    fix: (value) => (value === 'true' || value === 'false' ? 'write it without quotes' : 'write true or false'),
  },
  intOrString: {
    must: 'be a whole number or text',
    holds: (value) => typeof value === 'string' || isInteger(value),
    fix: (value) => (Number.isInteger(value) ? numeral(value) : 'write a number, a name or a percentage'),
  },
  quantity: {
    must: 'be a quantity',
    holds: (value) => (typeof value === 'string' || typeof value === 'number') && parseQuantity(value) !== undefined,
    fix: quantity,
  },
  time: {
    must: 'be a point in time',
    holds: (value) => typeof value === 'string' && TIME.test(value),
    fix: () => 'write it in quotes, as "2026-01-31T22:00:00Z"',
  },
  base64: {
    must: 'be base64',
    holds: (value) => typeof value === 'string' && BASE64.test(value.replaceAll(/[\r\n]/g, '')),
    fix: () => 'encode it; plain text of a Secret goes under stringData',
  },
};

/** Most numbers of Kubernetes have 32 bits, and none of the others is of use beyond that. */
function isInteger(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(Number(value)) <= 2147483647;
}

function numeral(value: unknown): string {
  if (Number.isInteger(value)) return 'write one of at most 2147483647';
  return typeof value === 'string' && /^-?\d+$/.test(value) ? 'write it without quotes' : 'write one number';
}

/** People write `512MB`, `0.5Gb` and `1 Gi`. */
function quantity(value: unknown): string {
  const nearly = String(value)
    .replaceAll(/\s/g, '')
    .replace(/(?:bytes?|b)$/i, '');
  const meant = parseQuantity(nearly) === undefined ? '500m for CPU or 512Mi for memory' : nearly;
  return `write a number and one of m, k, M, G, T, Ki, Mi, Gi and Ti, as in ${meant}`;
}
