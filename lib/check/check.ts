import { join } from 'node:path';
import { grouped } from '../model/values';
import { at, type Fault } from './fault';
import { counted } from './formats/text';
import { InputReader, type Input, type Skipped } from './input';
import { judged } from './judged';
import { objectsIn, type ReadObject } from './objects';
import type { Report } from './problem';
import { misspeltKinds } from './provided';
import type { Settings } from './settings';

/** What was found, or why nothing was looked at. */
export interface Checked {
  readonly report?: Report;
  readonly faults: readonly Fault[];
}

/**
 * Judges the objects of files and folders by the rules.
 *
 * @param paths files, folders, and `-` for the standard input
 * @param standardInput reads that
 */
export function checked(paths: readonly string[], settings: Settings, standardInput: () => Buffer): Checked {
  const { namespace, previous } = settings;
  const now = read(paths, namespace, standardInput);
  const before = previous === undefined ? undefined : read([previous], namespace, standardInput);
  const faults = [...now.faults, ...(before?.faults ?? [])];
  // What cannot be read may be what others name: without it, findings would be wrong.
  if (faults.length > 0) return { faults };
  const misspelt = misspeltKinds(settings.provide, now.objects);
  if (misspelt.length > 0) return { faults: misspelt };
  const was = before?.objects.map(({ manifest }) => manifest);
  const report = judged(now.objects, settings, was);
  return { report: { ...report, notes: [...skippedIn(now.skipped), ...report.notes] }, faults };
}

interface Read {
  readonly objects: readonly ReadObject[];
  readonly skipped: readonly Skipped[];
  readonly faults: readonly Fault[];
}

function read(paths: readonly string[], namespace: string | undefined, standardInput: () => Buffer): Read {
  const input = new InputReader(standardInput).read(paths);
  const found = objectsIn(input, namespace);
  if (found.objects.length > 0 || found.faults.length > 0)
    return { ...found, skipped: [...emptyIn(paths, input), ...found.skipped] };
  const [first] = found.skipped;
  const got = first
    ? `passed over ${at(first)}: ${first.why}`
    : input.files.length === 0
      ? 'no file that ends in .yaml, .yml or .json'
      : 'nothing';
  const fix = first?.fix ?? 'name the files that kubectl applies, or pipe in what helm template or kubectl kustomize writes';
  return { ...found, faults: [{ file: paths.join(' '), prop: 'input', must: 'hold Kubernetes objects', got, fix }] };
}

/** What was named beside others and holds nothing, as a pipe whose command has failed. */
function emptyIn(paths: readonly string[], { files, skipped }: Input): readonly Skipped[] {
  return paths.flatMap((path) => {
    const shown = path.replace(/(?<=.)\/+$/, '');
    const isOf = ({ file }: { readonly file: string }): boolean => file === shown || file.startsWith(join(shown, '/'));
    const isFilled = files.some((one) => isOf(one) && one.text.trim() !== '') || skipped.some(isOf) || shown === '.';
    return isFilled ? [] : [{ file: shown, why: 'nothing is in it' }];
  });
}

/** What was not read, by the reason. */
function skippedIn(skipped: readonly Skipped[]): readonly string[] {
  return [...grouped(skipped, ({ why }) => why)].map(([why, places]) => {
    const shown = places.slice(0, 5).map(at).join(', ');
    const [{ fix } = { fix: undefined }, ...others] = places;
    const way = others.length > 0 ? fix?.replace(/(?<=kustomize )\S+/, '<folder>') : fix;
    const files = places.length > 5 ? `${shown} and ${counted(places.length - 5, 'more place')}` : shown;
    return `passed over ${files}: ${why}${way === undefined ? '' : `: ${way} judges what it makes`}`;
  });
}
