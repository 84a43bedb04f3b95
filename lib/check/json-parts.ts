import { LINE_END, type YamlPart } from '../support/read-yaml';

/** What strings of JSON are, and what opens and closes values. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;

/** The values of JSON that stand one behind the other, as kubectl reads them; anything else is one part as it was. */
export function valuesApart(part: YamlPart): readonly YamlPart[] {
  const { text, line } = part;
  if (!/^\s*\{/.test(text)) return [part];
  const ends = endsIn(text);
  if (ends.length < 2 || text.slice(ends.at(-1)).trim() !== '') return [part];
  let [start, at, lineStart] = [0, line, 0];
  return ends.map((end) => {
    // Columns stay what they are.
    const value = { text: ' '.repeat(start - lineStart) + text.slice(start, end), line: at };
    for (const { index, 0: lineEnd } of text.slice(start, end).matchAll(LINE_END)) {
      at += 1;
      lineStart = start + index + lineEnd.length;
    }
    start = end;
    return value;
  });
}

function endsIn(text: string): number[] {
  const ends: number[] = [];
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token.startsWith('"')) continue;
    depth += token === '{' || token === '[' ? 1 : -1;
    if (depth === 0) ends.push(index + 1);
  }
  return depth === 0 ? ends : [];
}
