import { LINE_END } from '../support/read-yaml';

/** The lines of a text. */
export class Lines {
  private starts: readonly number[] | undefined;

  constructor(private readonly text: string) {}

  /** The line and the column of an offset, from 1. */
  positionOf(offset: number): { readonly line: number; readonly column: number } {
    this.starts ??= startsOf(this.text);
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }
}

function startsOf(text: string): number[] {
  return [0, ...Array.from(text.matchAll(LINE_END), ({ index, 0: end }) => index + end.length)];
}
