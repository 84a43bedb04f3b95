import { createHash } from 'node:crypto';
import { isAbsolute, posix, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { wordsOf, type Problem, type ProblemPlace, type Report } from '../problem';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What was found, as SARIF 2.1.0, which code scanning of forges reads: a result for each place, because each is mended by itself. */
export function asSarif({ problems, rules, notes, unread }: Report): string {
  const told = new Set(problems.map(({ rule }) => rule));
  const named = rules.filter(({ name }) => told.has(name));
  const index = new Map(named.map(({ name }, at) => [name, at]));
  const driver = {
    name: 'cdk8s-phoenix',
    rules: named.map(({ name, sentence, why, source, severity }) => ({
      id: name,
      shortDescription: { text: sentence },
      fullDescription: { text: why },
      help: { text: `${sentence} ${why} ${source}` },
      helpUri: source,
      defaultConfiguration: { level: severity },
    })),
  };
  const known = new Map<string, number>();
  const results = problems.flatMap((problem) =>
    problem.places.map((place) => resultOf(problem, place, index.get(problem.rule) ?? 0, known)),
  );
  const toolExecutionNotifications = notes.map((text) => ({ level: 'note', message: { text: inText(text) } }));
  const invocations = [{ executionSuccessful: unread !== true, toolExecutionNotifications }];
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', invocations, results };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, undefined, 2)}\n`;
}

function resultOf(problem: Problem, place: ProblemPlace, ruleIndex: number, known: Map<string, number>): object {
  const { rule, severity } = problem;
  return {
    ruleId: rule,
    ruleIndex,
    level: severity,
    message: { text: inText(`${place.object} '${place.field}' ${wordsOf(problem)}`) },
    locations: [locationOf(place)],
    partialFingerprints: fingerprintsOf(problem, place, known),
  };
}

/** What stays the same while lines above are changed; the same once more has another number behind it. */
function fingerprintsOf({ rule, must }: Problem, { file, object, field }: ProblemPlace, known: Map<string, number>): object {
  const hash = createHash('sha256').update([rule, file, object, field, must].join('\n')).digest('hex').slice(0, 16);
  const count = (known.get(hash) ?? 0) + 1;
  known.set(hash, count);
  const own = { 'cdk8s-phoenix/v1': `${hash}:${count}` };
  // Of files in the repository GitHub computes its own, and complains of another one; of a pipe it has none.
  return file === '-' ? { ...own, primaryLocationLineHash: `${hash}:${count}` } : own;
}

function locationOf({ file, line, column, object, field }: ProblemPlace): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      region: { startLine: line, startColumn: column },
    },
    logicalLocations: [{ fullyQualifiedName: inText(`${object} ${field}`), kind: 'member' }],
  };
}

/** A path as a URI: a relative one is taken from the root of the repository. */
function uriOf(file: string): string {
  if (file === '-') return 'stdin';
  if (isAbsolute(file)) return pathToFileURL(file).href;
  const parts = posix.normalize(file.replaceAll(sep, '/').replaceAll(/\p{Surrogate}/gu, '\uFFFD')).split('/');
  return parts.map(encodeURIComponent).join('/');
}

/** A text as a message has it, in which `[words](address)` is a link, and nothing turns the order of letters. */
function inText(text: string): string {
  return text.replaceAll('](', '] (').replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '?');
}
