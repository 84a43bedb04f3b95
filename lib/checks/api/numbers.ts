/** Whether a value is a number below a minimum; values of other types are another rule's. */
export function isBelow(value: unknown, minimum: number): boolean {
  return typeof value === 'number' && value < minimum;
}

/** A number of pods, or a share of them. */
export interface Share {
  readonly number?: number;
  /** From `25%`. */
  readonly percent?: number;
}

/** Reads what may be a number or a percentage; undefined where it is neither. */
export function shareOf(value: unknown): Share | undefined {
  if (typeof value === 'number') return { number: value };
  const match = typeof value === 'string' ? /^(\d+)%$/.exec(value) : undefined;
  return match ? { percent: Number(match[1]) } : undefined;
}

/** What is wrong with a number of pods that may be a percentage. */
export function shareFault(value: unknown, most = Infinity): { must: string; fix: string } | undefined {
  if (value === undefined || value === null) return undefined;
  const share = shareOf(value);
  const fix = 'write it as 1 or "25%"';
  if (!share) return typeof value === 'string' ? { must: 'be a number or a percentage', fix } : undefined;
  if (isBelow(share.number, 0)) return { must: 'be 0 or more', fix };
  return (share.percent ?? 0) > most ? { must: `be at most ${most}%`, fix } : undefined;
}
