/**
 * Whether a pattern may take JavaScript twice as long with each further character, where Go takes one step more: a group that
 * is repeated, and in which one repeated piece is all that must be there, as in `([0-9]+(s|m)?)+`.
 */
export function explodes(pattern: string): boolean {
  const bare = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
  return groupsOf(bare).some(({ body, after }) => /^[+*]/.test(after) && alternatives(body).some(isLoose));
}

const LOOSE_UNITS = /^\^\((?<digits>\[0-9\]\+)(?<unit>\([^()]+\))\?\)\+\$$/;

/** The same texts by a pattern that does not explode, for the one that often does: digits and units that may be left out. */
export function steady(pattern: string): string {
  return pattern.replace(LOOSE_UNITS, '^$<digits>($<unit>$<digits>)*$<unit>?$$');
}

interface Group {
  readonly body: string;
  readonly after: string;
}

function groupsOf(pattern: string): Group[] {
  return [...pattern.matchAll(/\(/g)].map(({ index }) => {
    const end = endOf(pattern, index);
    return { body: pattern.slice(index + 1, end).replace(/^\?:/, ''), after: pattern.slice(end + 1) };
  });
}

function endOf(pattern: string, start: number): number {
  let depth = 0;
  for (let at = start; at < pattern.length; at += 1) {
    if (pattern[at] === '(') depth += 1;
    if (pattern[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return pattern.length;
}

/** The pieces of each alternative: `x`, `x+`, `(...)?`. */
function alternatives(body: string): string[][] {
  const found: string[][] = [[]];
  for (let at = 0; at < body.length;) {
    if (body[at] === '|') {
      found.push([]);
      at += 1;
      continue;
    }
    const end = body[at] === '(' ? endOf(body, at) + 1 : at + 1;
    const [quantifier = ''] = /^(?:[+*?]|\{[^}]*\})?/.exec(body.slice(end)) ?? [];
    found.at(-1)?.push(body.slice(at, end) + quantifier);
    at = end + quantifier.length;
  }
  return found;
}

function isLoose(pieces: readonly string[]): boolean {
  const wanted = pieces.filter((piece) => !/[?*]$/.test(piece));
  return pieces.some((piece) => /[+*]$/.test(piece)) && wanted.every((piece) => piece.endsWith('+')) && wanted.length <= 1;
}
