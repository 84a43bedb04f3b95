import { BlockList, isIP } from 'node:net';
import { rangeIn } from '../support/forms';
import { text } from './values';

/** A range of addresses. */
export interface Cidr {
  readonly address: string;
  readonly bits: number;
  readonly family: number;
  /** Whether an address is in it. */
  readonly has: (address: string) => boolean;
}

/** Addresses of each range that clusters give to their pods, and providers to the networks around them. */
export const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'] as const;

/** Reads a range; undefined where the value is none. */
export function parseCidr(value: unknown): Cidr | undefined {
  const given = rangeIn(text(value) ?? '');
  if (!given) return undefined;
  let range: BlockList | undefined;
  // Most ranges are read to know that they are some: a list costs more than all of the rest.
  const has = (other: string): boolean => (range ??= rangeOf(given)).check(other, typeOf(other));
  return { ...given, has };
}

function rangeOf({ address, bits }: Pick<Cidr, 'address' | 'bits'>): BlockList {
  const range = new BlockList();
  range.addSubnet(address, bits, typeOf(address));
  return range;
}

/** Whether a range is a smaller part of another. */
export function isInside(inner: Cidr, whole: Cidr): boolean {
  return inner.family === whole.family && inner.bits > whole.bits && whole.has(inner.address);
}

/** Whether two ranges share an address. */
export function overlaps(one: Cidr, other: Cidr): boolean {
  return one.family === other.family && (one.has(other.address) || other.has(one.address));
}

/** Whether a range has private addresses alone, or some. */
export function isPrivate(range: string): boolean {
  const given = parseCidr(range);
  return given !== undefined && PRIVATE_RANGES.flatMap((one) => parseCidr(one) ?? []).some((one) => overlaps(one, given));
}

function typeOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
