/** The lines of a stage. */
export type Stage = readonly string[];

/** One instruction. */
export function line(instruction: string, ...words: readonly string[]): string {
  return [instruction, ...words].join(' ');
}

const WIDTH = 130;

/** A comment, on as many lines as it needs. */
export function commented(text: string): Stage {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > WIDTH) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
