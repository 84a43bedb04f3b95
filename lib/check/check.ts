import { counted } from './formats/text';
import type { Fault } from './fault';
import { InputReader, type Skipped } from './input';
import { judged } from './judged';
import { objectsIn, type ReadObject } from './objects';
import type { Report } from './problem';
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
  if (found.objects.length > 0 || found.faults.length > 0) return found;
  const [first] = skippedIn(found.skipped);
  const got = first ?? (input.files.length === 0 ? 'no file that ends in .yaml, .yml or .json' : 'nothing');
  const fix = 'name the files that kubectl applies, or pipe in what helm template or kubectl kustomize writes';
  return { ...found, faults: [{ file: paths.join(' '), prop: 'input', must: 'hold Kubernetes objects', got, fix }] };
}

/** What was not read, by the reason. */
function skippedIn(skipped: readonly Skipped[]): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { file, line, why } of skipped) {
    const place = line === undefined ? file : `${file}:${line}`;
    reasons.set(why, [...(reasons.get(why) ?? []), place]);
  }
  return [...reasons].map(([why, places]) => {
    const shown = places.slice(0, 5).join(', ');
    return `passed over ${places.length > 5 ? `${shown} and ${counted(places.length - 5, 'more place')}` : shown}: ${why}`;
  });
}
