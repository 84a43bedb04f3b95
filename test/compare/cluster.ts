import { spawn } from 'node:child_process';
import type { Manifest } from '../../lib/index';
import { resourceOf } from '../../lib/model/kinds';
import { referenceOf } from '../../lib/plan/shown';
import { placeOf, send } from './server';

/** How often something is looked at before it is given up. */
const PATIENCE = 100;

/** Applies objects as people do, and says which were refused and why. */
export async function apply(
  objects: readonly Manifest[],
  words: readonly string[],
): Promise<{ refused: string[]; said: string }> {
  const answer = await kubectl(['apply', '-f', '-', '-o', 'name', ...words], objects);
  const taken = new Set(answer.out.split('\n'));
  const refused = objects.filter((one) => !taken.has(`${resourceOf(one)}/${one['metadata'].name}`)).map(referenceOf);
  return { refused, said: answer.said };
}

function kubectl(words: readonly string[], input: readonly Manifest[]): Promise<{ out: string; said: string }> {
  return new Promise((resolve) => {
    const child = spawn('kubectl', words);
    let [out, said] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    child.on('close', () => resolve({ out, said }));
    child.stdin.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: input }));
  });
}

/**
 * A namespace in which controllers make no pod, so that what they decide is seen without waiting for any.
 *
 * @param pods whether pods are made there after all
 */
export async function namespace(name: string, pods: boolean): Promise<void> {
  const made = (): ReturnType<typeof send> =>
    send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  // That of an earlier run may still be on its way out.
  for (let attempt = 0; (await made()).status !== 201; attempt += 1) {
    if (attempt > PATIENCE) throw new Error(`the namespace ${name} is there, and stays`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  if (pods) return;
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'no-pods' }, spec: { hard: { pods: '0' } } };
  await send('POST', `/api/v1/namespaces/${name}/resourcequotas`, quota);
}

/** What controllers have made of the workloads of some namespaces. */
export interface State {
  /** What tells the versions of the pods of a workload apart. */
  readonly versions: ReadonlyMap<string, string>;
  /** Identities of Jobs. */
  readonly jobs: ReadonlyMap<string, string>;
}

const WATCHED = [
  ...['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'controllerrevisions'].map((one) => ['apps', one] as const),
  ['batch', 'jobs'],
] as const;

/** The state, as soon as the controllers have seen all objects as they are. */
export async function settled(namespaces: readonly string[]): Promise<State> {
  for (let attempt = 0; ; attempt += 1) {
    const lists = await Promise.all(
      namespaces.flatMap((name) =>
        WATCHED.map(async ([group, plural]) => {
          const { got } = await send('GET', `/apis/${group}/v1/namespaces/${name}/${plural}`);
          const kind = String(got['kind']).replace(/List$/, '');
          return (got['items'] as Manifest[]).map((item) => ({ ...item, apiVersion: `${group}/v1`, kind }));
        }),
      ),
    );
    if (lists.flat().every(isSeen)) return stateOf(lists.flat());
    if (attempt > PATIENCE) throw new Error(`controllers have not seen what is in ${namespaces.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

function isSeen({ kind, metadata, status }: Manifest): boolean {
  if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind)) return true;
  return (status?.observedGeneration ?? 0) >= metadata.generation;
}

function stateOf(items: readonly Manifest[]): State {
  const versions = items.flatMap((item): (readonly [string, string])[] => {
    if (item['kind'] === 'StatefulSet') return [[referenceOf(item), item['status'].updateRevision]];
    if (!['Deployment', 'DaemonSet'].includes(item['kind'])) return [];
    // Each template that a workload had is kept under a name of its own.
    const kept = items.filter(
      ({ kind, metadata }) =>
        ['ReplicaSet', 'ControllerRevision'].includes(kind) &&
        (metadata.ownerReferences as Manifest[] | undefined)?.some(({ uid }) => uid === item['metadata'].uid),
    );
    return [
      [
        referenceOf(item),
        kept
          .map(({ metadata }) => String(metadata.name))
          .sort()
          .join(),
      ],
    ];
  });
  const jobs = items
    .filter(({ kind }) => kind === 'Job')
    .map((item) => [referenceOf(item), String(item['metadata'].uid)] as const);
  return { versions: new Map(versions), jobs: new Map(jobs) };
}

/** Those of some objects that are in the cluster. */
export async function present(objects: readonly Manifest[]): Promise<string[]> {
  const found = objects.map(async (one) => ((await send('GET', await placeOf(one))).status === 200 ? [referenceOf(one)] : []));
  return (await Promise.all(found)).flat();
}

/** Deletes objects, and waits until they are gone. */
export async function remove(objects: readonly Manifest[], wait = true): Promise<void> {
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
  for (const one of objects) await send('DELETE', await placeOf(one), options);
  while (wait && (await present(objects)).length > 0) await new Promise((resolve) => setTimeout(resolve, 200));
}
