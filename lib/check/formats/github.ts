import { wordsOf, type Report } from '../problem';
import { lastLine, printable } from './text';

/** What was found, as the commands by which a GitHub workflow puts it beside the lines. */
export function asGithub(report: Report): string {
  const notes = report.notes.map((note) => `note: ${note}`);
  const lines = report.problems.flatMap((problem) =>
    problem.places.map(({ file, line, column, object, field }) => {
      const properties = { file, line, col: column, title: printable(`${object} (${problem.rule})`) };
      const told = Object.entries(properties).map(([name, value]) => `${name}=${inProperty(String(value))}`);
      return `::${problem.severity} ${told.join(',')}::${inMessage(`'${field}' ${wordsOf(problem)}`)}`;
    }),
  );
  return `${[...lines, ...[...notes, lastLine(report)].map(printable)].join('\n')}\n`;
}

/** A line may end: it is written as an escape. */
const CONTROL_IN_LINE = /(?![\r\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

function inMessage(text: string): string {
  return text.replaceAll(CONTROL_IN_LINE, '?').replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function inProperty(text: string): string {
  return inMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
