/** The known word that `word` is most likely a misspelling of; undefined where none is near, `most` letters away. */
export function nearest(
  word: string,
  known: Iterable<string>,
  most = Math.max(2, Math.floor(word.length / 3)),
): string | undefined {
  const letters = Array.from(word.toLowerCase());
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of known) {
    const others = Array.from(candidate.toLowerCase());
    // It takes at least as many letters as one of them is longer.
    if (Math.abs(letters.length - others.length) >= least) continue;
    const away = distance(letters, others);
    if (away < least) [best, least] = [candidate, away];
  }
  return best;
}

/** What to do about a word that is not known: write the one that was meant, or else what is said of all. */
export function didYouMean(word: string, known: Iterable<string>, otherwise: string): string {
  const meant = nearest(word, known);
  return meant === undefined ? otherwise : `did you mean '${meant}'?`;
}

/** How many letters to insert, to take out or to replace. */
function distance(one: readonly string[], other: readonly string[]): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let line = 0; line < one.length; line += 1) {
    const next = [line + 1];
    for (let column = 0; column < other.length; column += 1) {
      const replaced = (row[column] ?? 0) + (one[line] === other[column] ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
