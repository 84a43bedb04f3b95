/** A piece of an expression: what it is, and its text or value. */
export interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
}

const TOKEN =
  /\s*(?:(?<raw>[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\n]*"|'[^'\n]*'))|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<number>\d+(?:\.\d+)?)(?![\w.])|(?<name>[A-Za-z_]\w*)|(?<sign>&&|\|\||[=!<>]=|[-+*%!<>?:.,()[\]{}]))/y;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The tokens of an expression of the Common Expression Language; undefined where one is not of the part that is known. */
export function tokens(expression: string): Token[] | undefined {
  const found: Token[] = [];
  const text = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) return undefined;
    const { raw, text: quoted, number, name, sign = '' } = groups;
    if (raw !== undefined) found.push({ kind: 'text', text: unquoted(raw.slice(1)) });
    else if (quoted !== undefined) {
      // Of the escapes only those of single characters are known.
      if (/\\[^nrt\\'"`?]/.test(quoted.replaceAll('\\\\', ''))) return undefined;
      found.push({ kind: 'text', text: unquoted(quoted).replaceAll(/\\(.)/g, (_, one: string) => ESCAPES[one] ?? one) });
    } else if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (name !== undefined) found.push({ kind: 'name', text: name });
    else found.push({ kind: 'sign', text: sign });
  }
  return [...found, { kind: 'end', text: '' }];
}

function unquoted(literal: string): string {
  const marks = /^(?:"""|''')/.test(literal) ? 3 : 1;
  return literal.slice(marks, -marks);
}
