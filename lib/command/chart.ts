import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { RootConstruct } from 'constructs';
import { readObjects } from '../app-checks/previous';
import { isFolder } from '../app-checks/previous-output';
import { CHART_FILES, chartFiles, isWritten, OBJECTS, type ChartSource } from '../delivery/helm/chart-files';
import { chartVersion, VERSION_FORM } from '../delivery/helm/chart-version';
import { helmfileText, type ChartRelease } from '../delivery/helm/helmfile';
import { releaseFacts, type ReleaseFacts } from '../delivery/helm/release-facts';
import { finish, write } from '../output';
import { chartFrom, chartsBeside, isOthers } from './helmfile';
import { readYaml } from '../support/read-yaml';
import { reject, rejections } from '../support/reject';
import { environmentIn, type Refuse } from './environment-folder';

/** What the command line says of a chart. */
export interface ChartOptions {
  /** The folder of the output. */
  readonly dist: string;
  /** The folder of the chart. @default - `charts/<application>-<environment>` */
  readonly out?: string;
  /** The version of the chart, as SemVer. @default - the tag of the image */
  readonly version?: string;
  /** The helmfile that has a release for this chart and for those beside it. @default - none is written */
  readonly helmfile?: string;
}

/** What is taken where nothing else is said. */
export const CHART_DEFAULTS = { dist: 'dist' } as const;

/** What was written, or why nothing was. */
export interface Written {
  readonly faults: readonly string[];
  readonly text: string;
}

/**
 * Writes an environment that is delivered by Helm as a chart, from the files that synth has written: all of it, or nothing.
 *
 * @param environment its folder in that of the output
 */
export function chart(environment: string, { dist, out, version, helmfile }: ChartOptions): Written {
  const root = new RootConstruct('chart');
  const refuse: Refuse = (prop, must, got, fix) => {
    reject(root, { prop, must, got, fix });
  };
  const folder = environmentIn(dist, environment, refuse);
  const source = folder === undefined ? undefined : sourceIn(root, { folder, environment, version }, refuse);
  const target = source && (out ?? join('charts', source.name));
  if (target !== undefined) requireOwn(target, dist, refuse);
  if (helmfile !== undefined && (isOthers(helmfile) || isFolder(helmfile)))
    refuse('--helmfile', 'be written where nobody else has written', helmfile, 'name another file, or move this one');
  const releases = target !== undefined && helmfile !== undefined ? chartsBeside(root, target, helmfile) : [];
  if (source) requireOneRelease(releases, source, refuse);
  const faults = rejections(root);
  if (faults.length > 0 || !source || target === undefined) return { faults, text: '' };
  for (const left of writtenIn(target, '.partial')) rmSync(left);
  const paths = write(target, chartFiles(source));
  for (const stale of writtenIn(target)) rmSync(stale);
  finish(paths);
  const { name, facts } = source;
  if (helmfile !== undefined) {
    const own = { chart: chartFrom(helmfile, target), environment, facts };
    finish(write(dirname(helmfile), new Map([[basename(helmfile), helmfileText([...releases, own])]])));
  }
  const command = `helm upgrade --install ${facts.application} ${target} --namespace ${facts.namespace} --wait --timeout ${facts.timeout}m`;
  return {
    faults,
    text: `wrote ${target}, ${name} ${source.version}; ${target}/README.md says what comes first, then\n  ${
      helmfile === undefined ? command : `helmfile -f ${helmfile} -l environment=${environment} sync`
    }\n`,
  };
}

interface Named {
  readonly folder: string;
  readonly environment: string;
  readonly version: string | undefined;
}

function sourceIn(root: RootConstruct, { folder, environment, version }: Named, refuse: Refuse): ChartSource | undefined {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.ya?ml$/.test(path));
  const own = all.filter((path) => path.endsWith('.k8s.yaml') && statSync(join(folder, path)).isFile()).sort();
  const objects = readObjects(root, folder, readYaml, (path) => `environment ${path}`);
  for (const path of all.filter((one) => !own.includes(one)))
    refuse('environment', 'hold what synth has written alone', join(folder, path), 'move it: it would not be in the chart');
  const facts = releaseFacts(objects);
  if (!facts) {
    const fix = "write delivery: 'helm' in its literal and synthesize it again: then its jobs are hooks of Helm";
    refuse('environment', 'be delivered by Helm', `${folder}, with no hook of Helm`, fix);
    return undefined;
  }
  const { of: found, got } = chartVersion(facts.image, version);
  if (found === undefined) {
    const prop = version === undefined ? 'image' : '--version';
    const fix = version === undefined ? `tag the image so, or pass --version ${VERSION_FORM}` : `write it as ${VERSION_FORM}`;
    refuse(prop, 'name a version as SemVer, which Helm asks for', got, fix);
    return undefined;
  }
  const [isNamespace, texts] = [/^00-namespace\.k8s\.yaml$/, own.map((path) => [path, readFileSync(join(folder, path), 'utf8')])];
  const [namespace] = texts.filter(([path = '']) => isNamespace.test(path));
  return {
    name: `${facts.application}-${environment}`,
    version: found,
    facts,
    objects: new Map(texts.filter((one) => one !== namespace).map(([path = '', text = '']) => [path, text])),
    namespace: namespace?.[1],
  };
}

/** Refuses a folder in which somebody else has written what the chart has. */
function requireOwn(target: string, dist: string, refuse: Refuse): void {
  if (`${resolve(target)}${sep}`.startsWith(`${resolve(dist)}${sep}`))
    refuse('--out', 'be outside of the output', target, 'name another folder: synth reads, and removes, what is in it');
  if (existsSync(target) && !isFolder(target)) {
    refuse('--out', 'be a folder', target, 'name another one');
    return;
  }
  for (const path of CHART_FILES.map((name) => join(target, name))) {
    if (existsSync(path) && !isWritten(readFileSync(path, 'utf8')))
      refuse('--out', 'be written where nobody else has written', path, 'name another folder, or move the file');
  }
}

/** Refuses a second chart of one release: helmfile would take none of them. A chart that was written elsewhere once is still there. */
function requireOneRelease(releases: readonly ChartRelease[], { facts }: ChartSource, refuse: Refuse): void {
  const whole = ({ application, namespace, cluster }: ReleaseFacts): string => JSON.stringify([application, namespace, cluster]);
  const twice = releases.find((one) => whole(one.facts) === whole(facts));
  if (!twice) return;
  const fix = 'remove that folder, if it was written by an earlier run, or write this chart into it with --out';
  refuse(
    '--helmfile',
    'have one chart for each release',
    `${twice.chart}, which is ${facts.application} in ${facts.namespace} too`,
    fix,
  );
}

/** What an earlier run has written; with an ending, what it has left unfinished. Files of others stay. */
function writtenIn(target: string, ending = ''): string[] {
  const objects = join(target, OBJECTS);
  const old = isFolder(objects) ? readdirSync(objects, { recursive: true, encoding: 'utf8' }) : [];
  const known = CHART_FILES.map((name) => join(target, `${name}${ending}`)).filter((path) => existsSync(path));
  return [...known, ...old.filter((path) => path.endsWith(`.k8s.yaml${ending}`)).map((path) => join(objects, path))];
}
