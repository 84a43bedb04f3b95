import type { Manifest } from '../../lib/index';
import { apply, namespace, remove, settled } from './cluster';
import { daemonSet, deployment, edit, job, statefulSet } from './objects';
import { planned } from './outcome';
import { send } from './server';

/** A change of a workload whose pods really run. */
interface RollOut {
  readonly name: string;
  readonly before: Manifest;
  readonly now: Manifest;
}

const POD = 'spec.template.spec';
const quick = { 'spec.minReadySeconds': 3 };
const ways: Readonly<Record<string, readonly [Manifest, Readonly<Record<string, unknown>>]>> = {
  'three pods': [deployment, { ...quick, 'spec.replicas': 3 }],
  'four pods, two more': [
    deployment,
    { ...quick, 'spec.replicas': 4, 'spec.strategy': { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } },
  ],
  'three pods, one fewer': [
    deployment,
    { ...quick, 'spec.replicas': 3, 'spec.strategy': { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } },
  ],
  'four pods, half fewer': [
    deployment,
    { ...quick, 'spec.replicas': 4, 'spec.strategy': { rollingUpdate: { maxSurge: 0, maxUnavailable: '50%' } } },
  ],
  Recreate: [deployment, { ...quick, 'spec.strategy': { type: 'Recreate' } }],
  'in turn': [statefulSet, quick],
  'in turn from a partition on': [statefulSet, { ...quick, 'spec.updateStrategy': { rollingUpdate: { partition: 1 } } }],
  'one pod of a StatefulSet': [statefulSet, { ...quick, 'spec.replicas': 1 }],
  'once somebody deletes it': [statefulSet, { ...quick, 'spec.updateStrategy': { type: 'OnDelete' } }],
  'on each node': [daemonSet, quick],
};

/** Pods as small as they get, that go on for two seconds when they are told to stop. */
function small(image: string): Readonly<Record<string, unknown>> {
  const container = { name: 'web', image, lifecycle: { preStop: { sleep: { seconds: 2 } } } };
  return { [`${POD}.containers`]: [container], 'spec.volumeClaimTemplates': undefined };
}

/** What was seen of the pods of a workload, moment by moment. */
interface Moment {
  readonly ready: number;
  readonly all: number;
  /** The names of those that are of the new template. */
  readonly fresh: readonly string[];
}

async function look(place: string): Promise<Moment> {
  const { got } = await send('GET', `/api/v1/namespaces/${place}/pods`);
  const pods = (got['items'] as Manifest[]).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const isReady = ({ status }: Manifest): boolean =>
    (status.conditions as Manifest[] | undefined)?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
  const fresh = pods.filter(({ metadata }) => metadata.labels.next === 'yes').map(({ metadata }) => String(metadata.name));
  return { ready: pods.filter(isReady).length, all: pods.length, fresh };
}

/** Waits until a workload is done, and gives all that was seen on the way. */
async function watch(place: string, isDone: (moment: Moment, workload: Manifest) => boolean, path: string): Promise<Moment[]> {
  const moments: Moment[] = [];
  for (let end = Date.now() + 120_000; Date.now() < end;) {
    const [moment, { got }] = await Promise.all([look(place), send('GET', path)]);
    moments.push(moment);
    if (isDone(moment, got)) return moments;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${path} is not done in two minutes`);
}

/** Whether all pods that a workload means to have, or to renew, count as available. */
function isComplete({ kind, metadata, spec, status = {} }: Manifest): boolean {
  if (status.observedGeneration !== metadata.generation) return false;
  if (kind === 'DaemonSet')
    return (
      status.numberAvailable === status.desiredNumberScheduled && status.updatedNumberScheduled === status.desiredNumberScheduled
    );
  const partition: number = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const renewed =
    kind === 'StatefulSet' && status.currentRevision !== status.updateRevision ? spec.replicas - partition : spec.replicas;
  return (
    status.availableReplicas === spec.replicas &&
    (status.updatedReplicas ?? 0) >= renewed &&
    (status.replicas ?? 0) === spec.replicas
  );
}

const WAIT_OF_ONE_DELETED = 5_000;

/** Rolls a workload, and says what was otherwise than the plan says. */
async function rolled({ name, before, now }: RollOut, place: string): Promise<{ claims: number; wrong: string[] }> {
  const path = `/apis/apps/v1/namespaces/${place}/${String(before['kind']).toLowerCase()}s/${before['metadata'].name}`;
  const { sections } = planned([before], [now]);
  const [text = '', time = ''] =
    sections.events.filter(({ kind }) => kind === 'rolls').map(({ text: told, details = [] }) => [told, details.join()])[0] ?? [];
  await namespace(place, true);
  try {
    await apply([before], []);
    await watch(place, (_, workload) => isComplete(workload), path);
    const start = Date.now();
    await apply([now], []);
    const isOnDelete = text.includes('once somebody deletes it');
    const end = start + WAIT_OF_ONE_DELETED;
    const moments = await watch(
      place,
      (_, workload) => (isOnDelete ? Date.now() > end : isComplete(workload) && !isOldThere(workload, _)),
      path,
    );
    return judged(
      name,
      { text, time, away: sections.dangers.some(({ kind }) => kind === 'downtime') },
      moments,
      (Date.now() - start) / 1000,
    );
  } finally {
    await remove([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: place } }], false);
  }
}

function isOldThere({ kind }: Manifest, { fresh, all }: Moment): boolean {
  return kind === 'Deployment' && fresh.length < all;
}

/** The claims of a plan, against what was seen. */
function judged(
  name: string,
  said: { text: string; time: string; away: boolean },
  moments: readonly Moment[],
  seconds: number,
): { claims: number; wrong: string[] } {
  const number = (pattern: RegExp): number => Number(pattern.exec(said.text)?.[1] ?? 0);
  const pods = number(/rolls: (?:\d+ pods? of )?(\d+) pod/);
  const [most, fewest] = [Math.max(...moments.map(({ all }) => all)), Math.min(...moments.map(({ ready }) => ready))];
  const least = Number(/at least (\d+)/.exec(said.time)?.[1] ?? 0);
  const order = [...new Set(moments.flatMap(({ fresh }) => fresh))];
  const isDeployment = said.text.startsWith('Deployment') && !said.away;
  const claims: (readonly [string, boolean])[] = [
    [`takes at least ${least} s, and took ${seconds}`, seconds >= least],
    ...(said.away ? [[`has no pod in between, and had ${fewest} at the fewest`, fewest === 0] as const] : []),
    ...(isDeployment
      ? [[`never has more than ${pods + number(/(\d+) more/)}, and had ${most}`, most <= pods + number(/(\d+) more/)] as const]
      : []),
    ...(isDeployment
      ? [
          [
            `never has fewer than ${pods - number(/(\d+) fewer/)}, and had ${fewest}`,
            fewest >= pods - number(/(\d+) fewer/),
          ] as const,
        ]
      : []),
    ...(said.text.includes('last one down')
      ? [[`goes from the last one down, and was ${order.join()}`, order.join() === [...order].sort().reverse().join()] as const]
      : []),
    ...(said.text.includes('pod of') || said.text.includes('pods of')
      ? [[`renews ${number(/rolls: (\d+)/)}, and did ${order.length}`, order.length === number(/rolls: (\d+)/)] as const]
      : []),
    ...(said.text.includes('once somebody deletes it')
      ? [[`renews none by itself, and did ${order.length}`, order.length === 0] as const]
      : []),
  ];
  console.log(`${name}: ${claims.map(([told]) => told).join('; ')}`);
  return { claims: claims.length, wrong: claims.filter(([, isTrue]) => !isTrue).map(([told]) => `${name}: ${told}`) };
}

/** A Job that is deleted after its end runs again when the same YAML is applied. */
async function again(image: string): Promise<{ claims: number; wrong: string[] }> {
  const place = 'compare-roll-job';
  const container = { name: 'run', image, command: ['/no-such-file'] };
  const short = edit(job, {
    [`${POD}.containers`]: [container],
    'spec.ttlSecondsAfterFinished': 2,
    'spec.activeDeadlineSeconds': 3,
    'metadata.namespace': place,
  });
  await namespace(place, true);
  try {
    await apply([short], []);
    const ids = [...(await settled([place])).jobs.values()];
    const there = async (): Promise<boolean> => (await settled([place])).jobs.size > 0;
    for (let end = Date.now() + 60_000; (await there()) && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 300));
    await apply([short], []);
    const isAnother = [...(await settled([place])).jobs.values()].every((id) => !ids.includes(id)) && (await there());
    const { sections } = planned([short], [edit(short, { 'metadata.labels': { owner: 'shop' } })]);
    const isSaid = sections.events.some(({ kind }) => kind === 'job-runs-again');
    console.log(`a Job 2 s after its end: is another one ${isAnother}, and the plan says so ${isSaid}`);
    return { claims: 1, wrong: isAnother === isSaid ? [] : ['a Job does not run again'] };
  } finally {
    await remove([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: place } }], false);
  }
}

/**
 * Rolls workloads with pods that run, and compares how they do with what the plan says.
 *
 * @param image one that does nothing until it is told to stop, which the nodes can pull
 */
export async function compareRollOuts(image: string): Promise<void> {
  const results = [await again(image)];
  for (const [index, [name, [base, values]]] of Object.entries(ways).entries()) {
    const place = `compare-roll-${index}`;
    const before = edit(base, { ...small(image), ...values, 'metadata.namespace': place });
    const now = edit(before, { 'spec.template.metadata.labels.next': 'yes' });
    results.push(await rolled({ name, before, now }, place));
  }
  const wrong = results.flatMap((one) => one.wrong);
  for (const line of wrong) console.log(`wrong: ${line}`);
  console.log(
    `${results.length} roll-outs: ${results.reduce((sum, { claims }) => sum + claims, 0)} claims, ${wrong.length} wrong`,
  );
  if (wrong.length > 0) process.exitCode = 1;
}
