import type { Manifest } from '../../lib/index';
import { isClusterScoped } from '../../lib/model/kinds';
import { isHashed, referenceOf } from '../../lib/plan/shown';
import { apply, namespace, present, remove, settled, type State } from './cluster';
import type { Outcome } from './outcome';
import type { YamlChange } from './yaml-change';

/** A change in namespaces of its own. */
export interface Trial extends YamlChange {
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly serverSide: boolean;
}

/** Puts a change into namespaces of its own, and gives names of their own to what is in none. */
export function trialOf(name: string, change: YamlChange, { id, serverSide }: { id: string; serverSide: boolean }): Trial {
  const known = new Map<string, string>();
  const own = (namespace = ''): string => {
    const place = known.get(namespace) ?? `compare-${id}-${known.size}`;
    known.set(namespace, place);
    return place;
  };
  const moved = ({ ...manifest }: Manifest): Manifest => {
    const { name: title, namespace } = manifest['metadata'];
    const place =
      manifest['kind'] === 'Namespace'
        ? { name: own(title) }
        : isClusterScoped(manifest['kind'])
          ? { name: `${title}.${id}` }
          : { namespace: own(namespace) };
    const text = JSON.stringify({ ...manifest, metadata: { ...manifest['metadata'], ...place } });
    // An address is taken once in a cluster.
    return JSON.parse(serverSide ? text.replaceAll('10.96.77.', '10.96.78.') : text) as Manifest;
  };
  const [before, now] = [change.before.map(moved), change.now.map(moved)];
  return { ...change, name, before, now, namespaces: [...known.values()], serverSide };
}

/** What happens in a cluster, and what kubectl said. */
export async function tried(trial: Trial): Promise<Outcome & { readonly said: string }> {
  const { before, now, namespaces, serverSide, ended = false } = trial;
  const words = serverSide ? ['--server-side'] : [];
  try {
    const pods = before.some(({ kind }) => kind === 'Pod');
    await Promise.all(namespaces.map((name) => namespace(name, pods)));
    const first = await apply(before, words);
    if (first.refused.length > 0) throw new Error(`${trial.name}: before is refused: ${first.said}`);
    if (ended) await remove(before.filter(isEnding));
    const was = await settled(namespaces);
    let { refused, said } = await apply(now, words);
    const is = await settled(namespaces);
    // A quota that was raised counts a moment later, and whoever applies does so again.
    if (said.includes('exceeded quota')) ({ refused, said } = await apply(now, words));
    const names = new Set(now.map(referenceOf));
    // What has a name of its content, and Jobs that are deleted after their end, are no one's to clear away.
    const gone = before.filter((one) => !names.has(referenceOf(one)) && !isHashed(one) && !isEnding(one));
    return { ...changed(was, is), refused: refused.sort(), left: (await present(gone)).sort(), said };
  } finally {
    await remove(
      [...before, ...now].filter(({ kind }) => kind !== 'Namespace' && isClusterScoped(kind)),
      false,
    );
    await remove(
      namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
      false,
    );
  }
}

/** A Job that the controller deletes some time after its end. */
function isEnding({ kind, spec }: Manifest): boolean {
  return kind === 'Job' && spec.ttlSecondsAfterFinished !== undefined;
}

function changed(was: State, is: State): Pick<Outcome, 'rolls' | 'runs'> {
  const others = (before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>, isNew: boolean): string[] =>
    [...now]
      .filter(([name, version]) => before.get(name) !== version && (isNew || before.has(name)))
      .map(([name]) => name)
      .sort();
  return { rolls: others(was.versions, is.versions, false), runs: others(was.jobs, is.jobs, true) };
}
