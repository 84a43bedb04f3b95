import { isIP } from 'node:net';

/** A range of addresses. */
export interface Cidr {
  readonly family: number;
  readonly address: bigint;
  readonly bits: number;
}

/** Addresses of each range that clusters give to their pods, and providers to the networks around them. */
export const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'] as const;

/** Reads a range; undefined where the text is none. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most) return undefined;
  return { family, address: numberOf(address, family), bits: Number(bits) };
}

/** Whether a range is a smaller part of another. */
export function isInside(inner: Cidr, whole: Cidr): boolean {
  const shift = BigInt((whole.family === 6 ? 128 : 32) - whole.bits);
  return inner.family === whole.family && inner.bits > whole.bits && inner.address >> shift === whole.address >> shift;
}

/** Whether two ranges share an address. */
export function overlaps(one: Cidr, other: Cidr): boolean {
  const shift = BigInt((one.family === 6 ? 128 : 32) - Math.min(one.bits, other.bits));
  return one.family === other.family && one.address >> shift === other.address >> shift;
}

/** Whether a range has private addresses alone, or some. */
export function isPrivate(text: string): boolean {
  const range = parseCidr(text);
  return range !== undefined && privateRanges().some((one) => overlaps(one, range));
}

function numberOf(address: string, family: number): bigint {
  if (family === 4) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [head = '', tail] = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, hexadecimal).split('::');
  const front = head.split(':').filter((part) => part !== '');
  const back = (tail ?? '').split(':').filter((part) => part !== '');
  const zeros = tail === undefined ? [] : new Array<string>(8 - front.length - back.length).fill('0');
  return [...front, ...zeros, ...back].reduce((sum, part) => (sum << 16n) + BigInt(`0x${part}`), 0n);
}

/** The dotted end of an IPv6 address, as its last two parts. */
function hexadecimal(_: string, ...parts: string[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

let parsed: readonly Cidr[] | undefined;

/** Those of {@link PRIVATE_RANGES}, when they are first wanted: most commands never ask. */
function privateRanges(): readonly Cidr[] {
  return (parsed ??= PRIVATE_RANGES.flatMap((range) => parseCidr(range) ?? []));
}
