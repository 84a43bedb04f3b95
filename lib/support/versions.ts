/** Whether a version is older than another one: `25` is older than no `25.x`. */
export function isBefore(version: string, other: string): boolean {
  const [own, since] = [version, other].map((text) => text.split(/[.-]/).map(Number));
  for (const [index, number] of (since ?? []).entries()) {
    const got = own?.[index] ?? NaN;
    if (got !== number) return got < number;
  }
  return false;
}
