import { at } from '../fault';
import { lastLine } from './text';
import { wordsOf, type Problem, type Report } from '../problem';

/** What was found, as the report of a test run: a case for each rule that was asked and found nothing, and for each finding. */
export function asJunit(report: Report): string {
  const { problems, rules, notes } = report;
  const told = new Set(problems.map(({ rule }) => rule));
  const passed = rules
    .filter(({ name }) => !told.has(name))
    .map(({ name }) => `    <testcase classname="cdk8s-phoenix" name="${name}"/>`);
  const failed = problems.flatMap(casesOf);
  const counts = `tests="${passed.length + problems.length}" failures="${problems.length}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="cdk8s-phoenix check" ${counts} skipped="0">`,
    ...passed,
    ...failed,
    `    <system-out>${inXml([...notes.map((note) => `note: ${note}`), lastLine(report)].join('\n'))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function casesOf(problem: Problem): string[] {
  const { rule, severity, places } = problem;
  const [first] = places;
  if (!first) return [];
  const name = inXml(`${rule}: ${first.object} ${first.field}`);
  const message = inXml(wordsOf(problem));
  const lines = places.map((place) => inXml(`${at(place)} ${place.object} '${place.field}' ${wordsOf(problem)}`));
  return [
    `    <testcase classname="cdk8s-phoenix" name="${name}" file="${inXml(first.file)}" line="${first.line}">`,
    `      <failure type="${severity}" message="${message}">${lines.join('\n')}</failure>`,
    '    </testcase>',
  ];
}

/** What XML 1.0 has no way to write, and what turns the order of letters. */
const UNWRITABLE = /[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

function inXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(UNWRITABLE, '?')
    .replaceAll(/\r?\n/g, '&#10;');
}
