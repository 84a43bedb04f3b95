import { yaml } from '../../support/yaml';
import { notes, objectsTemplate, readme, schema } from './chart-texts';
import type { ReleaseFacts } from './release-facts';

/** Where the objects are in a chart. Helm takes them from there as they are: braces in them are no template. */
export const OBJECTS = 'objects';

/** The file of the namespace, which is no part of the release. */
export const NAMESPACE = 'namespace.yaml';

/** Files beside the objects. */
export const CHART_FILES = [
  'Chart.yaml',
  'README.md',
  'values.schema.json',
  NAMESPACE,
  'templates/NOTES.txt',
  'templates/objects.yaml',
] as const;

/** In each of them: what has it not was written by somebody else, and stays. */
export const WRITTEN = 'Written by cdk8s-phoenix chart from what was synthesized: what is changed here is lost.';

/** Whether a file is one that was written. */
export function isWritten(text: string): boolean {
  return text.split('\n', 5).some((line) => line.includes(WRITTEN));
}

/** What a chart is made from. */
export interface ChartSource {
  readonly name: string;
  /** SemVer, as Helm wants it. */
  readonly version: string;
  readonly facts: ReleaseFacts;
  /** Text of each file of the environment by its path, without that of the namespace. */
  readonly objects: ReadonlyMap<string, string>;
  /** The file of the namespace. @default - there is none */
  readonly namespace?: string;
}

/** The files of a chart, by their paths in it. The same environment gives the same bytes. */
export function chartFiles({ name, version, facts, objects, namespace }: ChartSource): Map<string, string> {
  const { application, kubernetes } = facts;
  const chart = {
    apiVersion: 'v2',
    name,
    description: `${application} for the namespace ${facts.namespace}`,
    type: 'application',
    version,
    appVersion: facts.version,
    // Versions of providers, such as 1.30.5-gke.1, count as what comes before a release.
    ...(kubernetes === undefined ? {} : { kubeVersion: `>=${kubernetes}.0-0` }),
  };
  const paths = [...objects.keys()].sort().map((path) => `${OBJECTS}/${path}`);
  const hasNamespace = namespace !== undefined;
  const files = new Map([
    ['Chart.yaml', `# ${WRITTEN}\n${yaml([chart])}`],
    ['README.md', `<!-- ${WRITTEN} -->\n\n${readme(name, facts, hasNamespace)}`],
    ['values.schema.json', `${JSON.stringify({ $comment: WRITTEN, ...schema }, null, 2)}\n`],
    ['templates/NOTES.txt', `{{- /* ${WRITTEN} */ -}}\n${notes(name, facts, hasNamespace)}`],
    ['templates/objects.yaml', `{{- /* ${WRITTEN} */ -}}\n${objectsTemplate(paths, facts.namespace)}`],
  ]);
  if (hasNamespace) files.set(NAMESPACE, `# ${WRITTEN}\n${namespace}`);
  for (const [path, text] of objects) files.set(`${OBJECTS}/${path}`, text);
  return files;
}
