import { nameFor } from '../model/kinds';
import type { Manifest } from '../support/edit';
import { ODD, titleOf, type Home, type Leftovers, type Told } from './leftovers';
import { commandsOf, makesPods } from './order';

/** What is said beside what is left over. */
export interface Asked {
  readonly environment: string;
  /** Its folder, as it was named. */
  readonly folder: string;
  readonly home: Home;
  /** The context of kubectl. @default - the current one */
  readonly context?: string;
  /** Who delivers it, where that deletes by itself. @default - `kubectl apply` */
  readonly manager?: string;
  /** Kinds that were not read. */
  readonly unread: readonly string[];
  /** Namespaces beside that of the environment. */
  readonly elsewhere: readonly string[];
}

/** How those who deliver delete, and what they leave. */
const MANAGERS: Readonly<Record<string, string>> = {
  'Argo CD':
    'Argo CD deletes what is gone itself: with syncPolicy.automated.prune, else by argocd app sync --prune. It leaves hooks, and what is annotated Prune=false.',
  Flux: 'Flux deletes what is gone itself, by prune: true of its Kustomizations. It leaves what is annotated prune: disabled.',
  Helm: 'Helm deletes what is gone itself, with helm upgrade. It leaves hooks, among them ConfigMaps, and what is annotated keep.',
};

const ALONE = 'By your own hand alone, once what goes with it is saved, or not wanted any more:';

/** What is left over as a script: commands that delete what may go, and remarks about all else. */
export function pruneText(leftovers: Leftovers, asked: Asked): string {
  const { deleted, used, named, theirs } = leftovers;
  const { context, home, unread, elsewhere, manager } = asked;
  const kubectl = `kubectl${context === undefined ? '' : ` --context ${word(context)}`} -n ${word(home.namespace)} delete --ignore-not-found`;
  const command = (objects: readonly Manifest[]): string =>
    `${kubectl}${objects.some(makesPods) ? ' --cascade=foreground' : ''} ${objects.map(nameFor).join(' ')}`;
  const alone = (one: Told): string[] => [
    `#   ${titlesOf(one).join(', ')}: ${one.reason}`,
    ...(one.reason === ODD ? [] : [`# ${command([one.object, ...(one.beside ?? [])])}`]),
  ];
  const note = (text: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`# Not looked at, because ${text}: ${names.join(', ')}`];
  const blocks = [
    [headOf(leftovers, asked), ...(manager === undefined ? [] : [`# ${MANAGERS[manager] ?? ''}`])],
    deleted.length === 0 ? [] : ['set -e', ...commandsOf(deleted).map(command)],
    section('Stays, because something needs it:', used),
    named.length === 0 ? [] : [`# ${ALONE}`, ...named.flatMap(alone)],
    section('Left to those who deliver it:', theirs),
    note('nobody has listed them', unread),
    note('other environments may have theirs there', elsewhere),
  ];
  // A remark that went on in a second line would be a command there.
  const filled = blocks.filter((lines) => lines.length > 0).map((lines) => lines.map((line) => line.replace(/[\n\r]+/g, ' ')));
  return `${filled.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function headOf(
  { count, deleted, used, named, theirs }: Leftovers,
  { environment, folder, home: { application, namespace } }: Asked,
): string {
  const gone = [deleted, used, named, theirs].reduce((sum, some) => sum + some.length, 0);
  if (gone === 0) return `# ${environment}: nothing is left behind, of ${count} objects of ${application} in ${namespace}`;
  const objects = gone === 1 ? '1 object' : `${gone} objects`;
  return `# ${environment}: ${objects} of ${application} in ${namespace} ${gone === 1 ? 'is' : 'are'} in no file of ${folder}`;
}

/** Objects with the reasons, those of one reason in one line. */
function section(title: string, some: readonly Told[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const one of some) reasons.set(one.reason, [...(reasons.get(one.reason) ?? []), ...titlesOf(one)]);
  const lines = [...reasons].map(([reason, titles]) => `#   ${titles.join(', ')}: ${reason}`);
  return lines.length === 0 ? [] : [`# ${title}`, ...lines];
}

function titlesOf({ object, beside = [] }: Told): string[] {
  return [object, ...beside].map(titleOf);
}

/** A word of a command. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
