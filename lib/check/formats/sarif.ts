import { wordsOf, type Problem, type ProblemPlace, type Report } from '../problem';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What was found, as SARIF 2.1.0, which code scanning of forges reads. */
export function asSarif({ problems, rules }: Report): string {
  const told = new Set(problems.map(({ rule }) => rule));
  const named = rules.filter(({ name }) => told.has(name));
  const index = new Map(named.map(({ name }, at) => [name, at]));
  const driver = {
    name: 'cdk8s-phoenix',
    rules: named.map(({ name, sentence, why, source, severity }) => ({
      id: name,
      shortDescription: { text: sentence },
      fullDescription: { text: why },
      helpUri: source,
      defaultConfiguration: { level: severity },
    })),
  };
  const results = problems.map((problem) => resultOf(problem, index.get(problem.rule) ?? 0));
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', results };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, undefined, 2)}\n`;
}

function resultOf(problem: Problem, ruleIndex: number): object {
  const { rule, severity, places } = problem;
  const [first, ...others] = places;
  const object = first ? `${first.object} '${first.field}' ` : '';
  return {
    ruleId: rule,
    ruleIndex,
    level: severity,
    message: { text: `${object}${wordsOf(problem)}` },
    locations: first ? [locationOf(first)] : [],
    ...(others.length === 0 ? {} : { relatedLocations: others.map((place, at) => ({ id: at + 1, ...locationOf(place) })) }),
  };
}

function locationOf({ file, line, column, object, field }: ProblemPlace): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: file === '-' ? 'stdin' : encodeURI(file) },
      region: { startLine: line, startColumn: column },
    },
    logicalLocations: [{ fullyQualifiedName: `${object} ${field}`, kind: 'member' }],
  };
}
