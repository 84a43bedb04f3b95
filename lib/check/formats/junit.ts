import { at } from '../fault';
import { wordsOf, type Problem, type Report } from '../problem';

/** What was found, as the report of a test run: a case for each rule that was asked and found nothing, and for each finding. */
export function asJunit({ problems, rules }: Report): string {
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

function inXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replaceAll(/\r?\n/g, '&#10;');
}
