import { wordsOf, type Report } from '../problem';
import { lastLine } from './text';

/** What was found, as the commands by which a GitHub workflow puts it beside the lines. */
export function asGithub(report: Report): string {
  const lines = report.problems.flatMap((problem) =>
    problem.places.map(({ file, line, column, object, field }) => {
      const properties = { file, line, col: column, title: `${object} (${problem.rule})` };
      const told = Object.entries(properties).map(([name, value]) => `${name}=${inProperty(String(value))}`);
      return `::${problem.severity} ${told.join(',')}::${inMessage(`'${field}' ${wordsOf(problem)}`)}`;
    }),
  );
  return `${[...lines, lastLine(report)].join('\n')}\n`;
}

function inMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function inProperty(text: string): string {
  return inMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
